"""The pages of `explain`: one for each code, and one for each library of the rules."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import groupby

from asyncblock_lint.model.catalogue import Blocker, Library
from asyncblock_lint.model.codes import Code

_SILENCE = """
## How to silence it

* One call: end its line with `# noqa: {code}`. On the line of the blocking call itself, the comment
  silences every finding that leads there.
* One function: `# asyncblock: nonblocking` on its `def` line says that it is fine to call, and
  `# asyncblock: off-loop` that it runs in a thread.
* Some files: `per-file-ignores`. Everywhere: `ignore = ["{code}"]`.
"""
_SILENCE_FOR_FILES = """
## How to silence it

In some files: `per-file-ignores`. Everywhere: `ignore = ["{code}"]`.
"""
_ABOUT_FILES = frozenset({"ABL000", "ABL001"})
"""Codes that no comment can silence: they are about files, and about comments."""


def code_page(code: Code) -> str:
    """What the code stands for, why it is bad, an example, what to use instead, how to silence it."""
    title, _, body = _page(code).partition("\n")
    state = "" if code.default else "\nThis code is off unless it is selected.\n"
    silence = _SILENCE_FOR_FILES if code.code in _ABOUT_FILES else _SILENCE
    return f"{title}\n\n{code.summary}\n{state}{body}{silence.format(code=code.code)}"


def _page(code: Code) -> str:
    return files("asyncblock_lint").joinpath("pages", f"{code.code}.md").read_text(encoding="utf-8")


def library_page(library: Library) -> str:
    """What the rules say of a library: its blocking calls, what to use instead, and examples."""
    return "\n".join([*_heading(library), *_calls(library.blockers), *_examples(library)])


def _heading(library: Library) -> Iterator[str]:
    yield f"# {library.name}"
    yield ""
    yield f"Rules: {library.path}"
    if library.distribution:
        yield f"Distribution: {library.distribution} {library.versions or ''}".rstrip()
    yield ""


def _calls(blockers: Iterable[Blocker]) -> Iterator[str]:
    """The calls, with what they share said once."""
    for (code, because, instead), group in groupby(
        blockers, lambda each: (each.code, each.because, each.instead)
    ):
        yield f"## {code}: {because}"
        yield ""
        yield from (f"* `{blocker.name}`" for blocker in group)
        if instead:
            yield f"\nUse instead: {instead}"
        yield ""


def _examples(library: Library) -> Iterator[str]:
    for example in library.examples:
        yield f"## Example: {example.title}"
        yield ""
        yield f"```python\n{example.code.strip()}\n```"
        yield ""
