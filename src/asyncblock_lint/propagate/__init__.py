"""From the call graph to verdicts: the nearest blocker of every place where the loop stops.

The search goes backwards from the blockers, over what runs on the spot, and ends at the functions
that the loop itself runs. Certainty goes before length, so a trace is the shortest of the most
certain, and a cycle of calls is no different from any other calls.
"""

from asyncblock_lint.model.graph import CallGraph
from asyncblock_lint.model.verdict import Judgement, Wanted
from asyncblock_lint.propagate.comments import is_silenced, read_comments
from asyncblock_lint.propagate.faults import fault_verdicts, plain_verdicts
from asyncblock_lint.propagate.locks import with_lock_waits
from asyncblock_lint.propagate.network import build_network, matcher
from asyncblock_lint.propagate.search import search
from asyncblock_lint.propagate.unused import unused_directives
from asyncblock_lint.propagate.verdicts import at_site, in_order, reach_verdicts


def judge(graph: CallGraph, wanted: Wanted) -> Judgement:
    """The verdicts on every function that the loop runs, and the suppressions without effect."""
    comments = read_comments(graph)
    network = build_network(graph, wanted, comments)
    ways = search(network, wanted)
    waiting = with_lock_waits(network, ways) if graph.holds else graph
    if waiting is not graph:
        network = build_network(waiting, wanted, comments)
        ways = search(network, wanted)
    verdicts = reach_verdicts(network, ways, wanted)
    faults = [
        *fault_verdicts(graph, wanted, matcher(wanted.allow), verdicts),
        *plain_verdicts(graph, wanted, verdicts),
    ]
    left = [fault for fault in faults if not is_silenced(at_site(network, fault.site), fault.code)]
    return Judgement(
        verdicts=in_order([*verdicts, *left]),
        unused=unused_directives(network, ways, wanted, faults),
    )
