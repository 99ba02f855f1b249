"""What happens at a place, in one sentence."""

from asyncblock_lint.diagnose.scene import Scene, is_short

_CIRCUMSTANCES = {
    "background-task": ", in a background task",
    "loop-callback": ", in a callback that the loop runs itself",
    "handler": ", in a plain `def` that the framework calls on the loop",
    "startup": ", while the application starts or stops",
}
_ASYNC_HANDLER = ", in a handler that the framework runs on the loop"
_ASYNC_TASK = ": an `async def` one runs on the loop, not in a thread"
_VERBS = {
    "enter": "entering ",
    "iterate": "iterating over ",
    "read": "reading ",
    "decorate": "decorating with ",
    "truth": "asking the truth of ",
}


def message(scene: Scene) -> str:
    """What stops the loop, by which way, and under which circumstances."""
    event = _eager(scene) if scene.is_eager and scene.stops else _plain(scene)
    return event + _circumstance(scene)


def _plain(scene: Scene) -> str:
    blocker, trace = scene.verdict.blocker, scene.verdict.trace
    if scene.is_direct and not scene.stops:
        return f"`{blocker.name}` {blocker.because}"
    if scene.is_direct:
        joint = ", and" if " and " in blocker.because or "," in blocker.because else " and"
        return f"`{blocker.name}` {blocker.because}{joint} stops the event loop"
    down = len(trace) - 1
    calls = "1 call" if down == 1 else f"{down} calls"
    return f"{_subject(scene)} reaches `{blocker.name}`, which {blocker.because}, {calls} down"


def _eager(scene: Scene) -> str:
    blocker, place = scene.verdict.blocker, scene.place
    call = f"`{place.text}`" if place and is_short(place.text) else _subject(scene)
    taker = f"`{_last_name(place.taker.callee)}`" if place and place.taker else "the other thread"
    effect = " and" if scene.is_direct else f": it reaches `{blocker.name}`, which"
    return f"{call} runs here, before {taker} gets its result{effect} {blocker.because}"


def _subject(scene: Scene) -> str:
    place = scene.place
    if place is None or not is_short(place.callee or place.text):
        return f"`{scene.verdict.trace[0].calls}`"
    if scene.form == "call":
        return f"`{place.callee}()`"
    return f"{_VERBS.get(scene.form, '')}`{place.text}`"


def _last_name(callee: str) -> str:
    return callee.rpartition(".")[2]


def _circumstance(scene: Scene) -> str:
    kind, is_async = scene.verdict.kind, scene.verdict.function.kind.startswith("async")
    told = _CIRCUMSTANCES.get(kind, "")
    if is_async and kind == "background-task":
        told += _ASYNC_TASK
    if is_async and kind == "handler":
        told = _ASYNC_HANDLER
    versions = scene.verdict.versions or scene.verdict.blocker.versions
    return f"{told} ({versions})" if versions else told
