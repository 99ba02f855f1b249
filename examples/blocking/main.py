"""A small service that stops its event loop in most of the ways in which that happens by accident.

Start it in the folder above with `uvicorn blocking.main:app`. A comment `# blocks: …` marks each
call that the linter has to find: the code, the call and where it runs. Every other line is fine.
"""

import time
from pathlib import Path
from urllib.request import urlopen

from fastapi import BackgroundTasks, FastAPI, HTTPException, Response

from . import jobs
from .services import primes, reports

NOTICE = Path(__file__).parent.parent / "data" / "notice.txt"
UPSTREAM = "https://example.com"

app = FastAPI(title="A service that blocks")


@app.post("/receipt/{order}", status_code=202)
async def receipt(order: int, tasks: BackgroundTasks) -> None:
    # A plain function goes to the thread pool: nobody waits.
    tasks.add_task(jobs.print_receipt, order)


@app.post("/label/{order}", status_code=202)
async def label(order: int, tasks: BackgroundTasks) -> None:
    # A coroutine function goes to the loop, and this one keeps it: everybody waits.
    tasks.add_task(jobs.print_label, order)


@app.post("/courier/{order}", status_code=202)
async def courier(order: int, tasks: BackgroundTasks) -> None:
    # This one gives way while it waits: nobody else does.
    tasks.add_task(jobs.call_courier, order)


@app.get("/cpu")
async def cpu(limit: int = 200_000) -> dict[str, int]:
    # This stops the loop too, but the linter does not yet judge loops that compute.
    return {"primes": primes.count(limit)}


@app.get("/sleep")
async def sleep(seconds: float = 1) -> dict[str, float]:  # blocks: ABL803 blocking.main.sleep (coroutine)
    time.sleep(seconds)  # blocks: ABL101 time.sleep (coroutine)
    return {"slept": seconds}


@app.get("/sleep-in-thread")
def sleep_in_thread(seconds: float = 1) -> dict[str, float]:
    # A plain endpoint runs in the thread pool.
    time.sleep(seconds)
    return {"slept": seconds}


@app.get("/io")
async def io() -> dict[str, str]:  # blocks: ABL803 blocking.main.io (coroutine)
    with open(NOTICE, encoding="utf-8") as file:  # blocks: ABL401 builtins.open (coroutine)
        return {"notice": file.read()}  # blocks: ABL401 io.TextIOWrapper.read (coroutine)


@app.get("/proxy")
async def proxy() -> Response:  # blocks: ABL803 blocking.main.proxy (coroutine)
    with urlopen(UPSTREAM, timeout=10) as upstream:  # blocks: ABL201 urllib.request.urlopen (coroutine)
        page = upstream.read()  # blocks: ABL201 http.client.HTTPResponse.read (coroutine)
    return Response(page, media_type="text/html")


@app.get("/reports/{year}")
async def report(year: int) -> dict[str, int]:  # blocks: ABL803 blocking.main.report (coroutine)
    try:
        return reports.totals(year)  # blocks: ABL401 pathlib.Path.read_text (coroutine)
    except FileNotFoundError:
        raise HTTPException(404, f"nothing was sold in {year}") from None
