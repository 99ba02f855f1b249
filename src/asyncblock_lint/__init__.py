"""Finds the calls that stop an asyncio event loop, and the path by which the loop reaches them."""

__version__ = "0.1.0"
