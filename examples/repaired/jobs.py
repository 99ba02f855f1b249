"""Work to do once the response is on its way; the sleeps stand for slow machines."""

import asyncio
import time


def print_receipt(order: int) -> None:
    """A plain function."""
    time.sleep(2)


async def print_label(order: int) -> None:
    """A coroutine function that waits as it should."""
    await asyncio.sleep(2)


async def call_courier(order: int) -> None:
    """Another one."""
    await asyncio.sleep(2)
