"""Moves a `with` block that blocks into a function of its own, which a thread runs:
`with open(p) as f: s = f.read()` to `def read_file(): …` and `s = await asyncio.to_thread(read_file)`."""

import ast
import re

from asyncblock_lint.fix.awaits import function_around, may_await
from asyncblock_lint.fix.blocks import Moved, moved
from asyncblock_lint.fix.enclosing import line_end
from asyncblock_lint.fix.harmless import is_movable
from asyncblock_lint.fix.libraries import agreeing, thread_runner
from asyncblock_lint.fix.moving import BOUND, LOCKS, LOOPS
from asyncblock_lint.fix.rewrite import DISPLAY, UNSAFE, Change, Rewrite
from asyncblock_lint.fix.sharing import is_shared
from asyncblock_lint.fix.site import Site
from asyncblock_lint.fix.variables import Flow

PRIORITY = 80


def rewrite(site: Site) -> Rewrite | None:
    """The whole block in a thread, if nothing in it needs the loop and its results can be told."""
    item = site.source.parent(site.node)
    block = item and site.source.parent(item)
    function = function_around(site.source, site.node)
    if not isinstance(block, ast.With) or function is None or not may_await(site.source, site.node):
        return None
    found = thread_runner(site)
    flow = Flow(site.source, function, block)
    if found is None or not is_movable(site, block, flow.bound) or not flow.stands_alone():
        return None
    runner, spelling = found
    parts = moved(site, block, function, flow, spelling.text)
    if parts is None:
        return None
    end = parts.end
    blank = re.match(r"[ \t]*$", site.source.text[end : line_end(site.source, end)])
    end += blank.end() if blank else 0
    change = Change(site.source.line_start(site.source.start(block)), end, parts.text)
    title = f"run the block in a thread with `{spelling.text}`"
    applicability = DISPLAY if _needs_this_thread(site, block, parts) else UNSAFE
    advice = f"move the block into a function and run that in a thread: `{parts.call}`"
    advice = agreeing(site, runner, advice)
    return Rewrite(title, applicability, (change,), spelling.imports, advice)


def _needs_this_thread(site: Site, block: ast.With, parts: Moved) -> bool:
    calls = (node for node in ast.walk(block) if isinstance(node, ast.Call))
    if site.finding.code in (LOCKS, LOOPS) or any(
        is_shared(site.source, node) for node in (site.node, *calls)
    ):
        return True
    given = [site.blocking[result].blocker for result in parts.results if result in site.blocking]
    return any(blocker.fix in BOUND and blocker.name in site.project.makes for blocker in given)
