"""The service of `blocking/`, repaired: the same endpoints, and an event loop that is always free.

Start it in the folder above with `uvicorn repaired.main:app`.
"""

import asyncio
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import httpx
from fastapi import BackgroundTasks, FastAPI, HTTPException, Response
from fastapi.concurrency import run_in_threadpool

from . import jobs
from .services import primes, reports

NOTICE = Path(__file__).parent.parent / "data" / "notice.txt"
UPSTREAM = "https://example.com"

app = FastAPI(title="A service that gives way")
processes = ProcessPoolExecutor()


@app.post("/receipt/{order}", status_code=202)
async def receipt(order: int, tasks: BackgroundTasks) -> None:
    tasks.add_task(jobs.print_receipt, order)


@app.post("/label/{order}", status_code=202)
async def label(order: int, tasks: BackgroundTasks) -> None:
    tasks.add_task(jobs.print_label, order)


@app.post("/courier/{order}", status_code=202)
async def courier(order: int, tasks: BackgroundTasks) -> None:
    tasks.add_task(jobs.call_courier, order)


@app.get("/cpu")
async def cpu(limit: int = 200_000) -> dict[str, int]:
    # A thread would share the interpreter with the loop; a process has its own.
    found = await asyncio.get_running_loop().run_in_executor(processes, primes.count, limit)
    return {"primes": found}


@app.get("/sleep")
async def sleep(seconds: float = 1) -> dict[str, float]:
    await asyncio.sleep(seconds)
    return {"slept": seconds}


@app.get("/sleep-in-thread")
def sleep_in_thread(seconds: float = 1) -> dict[str, float]:
    time.sleep(seconds)
    return {"slept": seconds}


@app.get("/io")
async def io() -> dict[str, str]:
    return {"notice": await asyncio.to_thread(NOTICE.read_text, encoding="utf-8")}


@app.get("/proxy")
async def proxy() -> Response:
    async with httpx.AsyncClient(timeout=10) as client:
        upstream = await client.get(UPSTREAM)
    return Response(upstream.content, media_type="text/html")


@app.get("/reports/{year}")
async def report(year: int) -> dict[str, int]:
    try:
        return await run_in_threadpool(reports.totals, year)
    except FileNotFoundError:
        raise HTTPException(404, f"nothing was sold in {year}") from None
