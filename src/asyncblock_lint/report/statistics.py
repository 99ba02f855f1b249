"""How often each code was found."""

from collections import Counter
from collections.abc import Iterator

from asyncblock_lint.model.result import LintResult


def statistics(result: LintResult) -> Iterator[str]:
    """A line a code, the most frequent first."""
    counts = Counter((finding.code, finding.name) for finding in result.findings)
    digits = max((len(str(count)) for count in counts.values()), default=0)
    for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>{digits}}  {code}  {name}\n"
