"""From the call graph to verdicts: the nearest blocker of every place where the loop stops.

The search goes backwards from the blockers, over what runs on the spot, and ends at the functions
that the loop itself runs. Certainty goes before length, so a trace is the shortest of the most
certain, and a cycle of calls is no different from any other calls.
"""

from asyncblock_lint.model.graph import CallGraph
from asyncblock_lint.model.verdict import Judgement, Wanted
from asyncblock_lint.propagate.comments import read_comments
from asyncblock_lint.propagate.locks import with_lock_waits
from asyncblock_lint.propagate.network import build_network
from asyncblock_lint.propagate.search import search
from asyncblock_lint.propagate.unused import unused_directives
from asyncblock_lint.propagate.verdicts import reach_verdicts


def judge(graph: CallGraph, wanted: Wanted) -> Judgement:
    """The verdicts on every function that the loop runs, and the suppressions without effect."""
    comments = read_comments(graph)
    network = build_network(graph, wanted, comments)
    ways = search(network, wanted)
    waiting = with_lock_waits(network, ways) if graph.holds else graph
    if waiting is not graph:
        network = build_network(waiting, wanted, comments)
        ways = search(network, wanted)
    return Judgement(
        verdicts=reach_verdicts(network, ways, wanted),
        unused=unused_directives(network, ways, wanted),
    )
