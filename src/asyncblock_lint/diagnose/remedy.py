"""What to do about a place: an asynchronous counterpart, or the call written out for a thread."""

from asyncblock_lint.diagnose.places import COROUTINE, Place, Taker
from asyncblock_lint.diagnose.scene import Scene, is_short
from asyncblock_lint.model.codes import TWIN

_ADVICE = {
    "ABL605": "guard it with a lock of the event loop and `async with`, or await outside of the block",
    "ABL802": "await the coroutine; in a thread it needs a plain function that runs a loop for it",
    "ABL803": "make it a plain `def`, or make what blocks asynchronous and await it",
}
_LIBRARY = "asyncio"
_LOOP = "ABL701"
_TO_PROCESS = "to-process"


def remedy(scene: Scene) -> str:
    """The advice for this very place, with its own code where that is short."""
    if scene.verdict.code in _ADVICE:
        return _ADVICE[scene.verdict.code]
    if scene.is_eager:
        return _hand_over(scene.place)
    if scene.verdict.code == _LOOP:
        return _give_way(scene)
    if scene.verdict.blocker.fix == _TO_PROCESS and not _is_method(scene.verdict.blocker.name):
        return _in_process(scene)
    if scene.scope != COROUTINE:
        return _without_await(scene)
    if scene.is_nested:
        return _awaited_instead(scene)
    if scene.place is not None and scene.place.form == "enter":
        block = f"move the `with` block into a function and run that: `await {scene.runner.usual}(block)`"
        return _or_instead(scene, block)
    twin = _twin(scene)
    return (
        f"use `await {twin}`"
        if twin
        else _or_instead(scene, f"run it in a thread: `await {_in_thread(scene)}`")
    )


def _give_way(scene: Scene) -> str:
    """What to do about a loop: it is pure Python, so a thread is of little help."""
    pause = f"`await {_LIBRARY}.sleep(0)`"
    if scene.verdict.blocker.instead is not None:
        return f"await an event or a future that ends the waiting, or put {pause} into the loop"
    return f"{_in_process(scene)}, or give way now and then with {pause}"


def _in_process(scene: Scene) -> str:
    """The advice for pure Python."""
    place, work, moved = scene.place, "function", "move it into a function and run that in a process"
    is_loop = scene.verdict.code == _LOOP and scene.is_direct
    if place is not None and place.callee and not is_loop:
        plain = not place.has_keywords and is_short(place.text)
        work = ", ".join((place.callee, *place.arguments)) if plain else f"{place.callee}, ..."
        moved = "run it in a process"
    wait = "await " if scene.scope == COROUTINE else ""
    code = f"`{wait}loop.run_in_executor(processes, {work})` with a `ProcessPoolExecutor`"
    return f"{moved}, {code} (a thread would still compete with the loop for the interpreter's lock)"


def _is_method(name: str) -> bool:
    # What an object is made of may not fit through the pipe to a process.
    return name.rpartition(".")[0].rpartition(".")[2][:1].isupper()


def _hand_over(place: Place | None) -> str:
    advice = "pass the function, not its result"
    if place is None or place.taker is None:
        return advice
    code = _passed_on(place, place.taker)
    return f"{advice}: `{code}`" if _is_writable(code) else advice


def _passed_on(place: Place, taker: Taker) -> str:
    """The taker's call, rewritten so that it calls the function itself."""
    last = taker.index == len(taker.arguments) - 1
    passed = [f"lambda: {place.text}"]
    if not place.arguments:
        passed = [place.callee]
    elif last and not taker.keyword and not place.has_keywords:
        passed = [place.callee, *place.arguments]
    if taker.keyword:
        passed[0] = f"{taker.keyword}={passed[0]}"
    arguments = [*taker.arguments[: taker.index], *passed, *taker.arguments[taker.index + 1 :]]
    return f"{taker.callee}({', '.join(arguments)})"


def _awaited_instead(scene: Scene) -> str:
    """The coroutine awaited, instead of a loop of its own for it."""
    thread = f"run it in a thread: `await {_in_thread(scene)}`"
    if not scene.is_direct:
        return f"make {f'`{scene.helper}`' if scene.helper else 'the function'} a coroutine, or {thread}"
    given = scene.place.arguments[0] if scene.place is not None and scene.place.arguments else ""
    code = f"await {given}"
    is_coroutine = given.endswith(")") and is_short(code)
    return f"await the coroutine itself{f': `{code}`' if is_coroutine else ''}, or {thread}"


def _without_await(scene: Scene) -> str:
    problem = f"`await` cannot stand in a {scene.scope}"
    if scene.scope in ("lambda", "plain function"):
        task = "or start a task that awaits it"
        return f"{problem}: hand the call to a thread, `{_in_executor(scene)}`, {task}"
    if scene.scope == "generator expression":
        return f"{problem}: use a list comprehension or a loop, with `await {_in_thread(scene)}`"
    return f"{problem}: move the call into the body of the coroutine, as `await {_in_thread(scene)}`"


def _or_instead(scene: Scene, advice: str) -> str:
    instead = scene.verdict.blocker.instead
    if instead is None:
        return advice
    if scene.is_direct:
        return f"use `{instead}`, or {advice}"
    return f"{advice}, or make `{scene.helper}` a coroutine that uses `{instead}`" if scene.helper else advice


def _twin(scene: Scene) -> str:
    """The same call of an asynchronous function of the same name; empty if there is none."""
    instead, place = scene.verdict.blocker.instead or "", scene.place
    if not scene.is_direct or place is None or scene.form != "call":
        return ""
    if scene.verdict.code == TWIN:
        owner = place.callee.rpartition(".")[0]
        return f"{owner}.{instead}({', '.join(place.arguments)})" if owner else ""
    _, _, name = instead.partition(".")
    written = {text.rpartition(".")[2] for text in (place.callee, scene.verdict.blocker.name)}
    same = written == {name} and name.islower()
    code = f"{instead}({', '.join(place.arguments)})"
    return code if same and is_short(code) else ""


def _in_thread(scene: Scene) -> str:
    place, thread = scene.place, scene.runner.usual
    if place is None:
        return f"{thread}(...)"
    passes_on = scene.runner.passes == "all" or not place.has_keywords
    if scene.form == "call" and place.form != "iterate" and not scene.is_chained and passes_on:
        return _first_that_fits(
            f"{thread}({', '.join((place.callee, *place.arguments))})",
            f"{thread}({place.callee}, ...)",
            f"{thread}(...)",
        )
    # What a call gives may be lazy, and then only going through it blocks.
    whole = f"lambda: list({place.text})" if place.callee else f"list, {place.text}"
    text = f"bool({place.text})" if scene.form == "truth" else place.text
    inner = whole if place.form == "iterate" else f"lambda: {text}"
    return _first_that_fits(f"{thread}({inner})", f"{thread}(...)")


def _in_executor(scene: Scene) -> str:
    place, start = scene.place, "loop.run_in_executor(None, "
    if place is None:
        return f"{start}...)"
    plain = scene.form == "call" and not place.has_keywords
    code = ", ".join((place.callee, *place.arguments)) if plain else f"lambda: {place.text}"
    return _first_that_fits(f"{start}{code})", f"{start}...)")


def _first_that_fits(*codes: str) -> str:
    return next(code for code in codes if _is_writable(code))


def _is_writable(code: str) -> bool:
    # `await` would stand in a lambda, where it may not.
    return is_short(code) and not ("lambda" in code and "await " in code)
