"""The comments addressed to the linter: `# noqa…` and `# asyncblock: …`."""

import io
import re
import tokenize
from collections.abc import Iterator

from asyncblock_lint.model.facts import Directive

_DIRECTIVE = re.compile(
    r"""
    \# \s* (?:
        noqa \b (?: \s* : [\s,]* (?P<codes> (?: (?: [a-z]+[0-9]+ | abl\b ) [\s,]* )+ ) )?
        | asyncblock: \s* (?P<mark> off-loop | nonblocking ) \b
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CODE = re.compile(r"[a-z]+[0-9]*", re.IGNORECASE)


def directives(source: str) -> tuple[Directive, ...]:
    """The directives among the comments of `source`, in source order.

    A `noqa` whose colon is followed by no code counts as one that names none.
    """
    lowered = source.lower()
    if "noqa" not in lowered and "asyncblock:" not in lowered:
        return ()
    return tuple(
        _directive(match, line, column)
        for line, column, comment in _comments(source)
        for match in _DIRECTIVE.finditer(comment)
    )


def _comments(source: str) -> Iterator[tuple[int, int, str]]:
    # For `ast` a lone carriage return ends a line too, and `newline=None` makes it so here.
    lines = io.StringIO(source, newline=None)
    try:
        for token in tokenize.generate_tokens(lines.readline):
            if token.type == tokenize.COMMENT:
                yield *token.start, token.string
    except (tokenize.TokenError, SyntaxError):
        # The tokenizer refuses a few endings that the parser accepts; what came before them stands.
        return


def _directive(match: re.Match[str], line: int, column: int) -> Directive:
    kind = (match["mark"] or "noqa").lower()
    return Directive(kind, line, column + match.start(), tuple(_CODE.findall(match["codes"] or "")))
