"""How many blocking calls lie behind a link: sets of events as the bits of integers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from asyncblock_lint.model.codes import TWIN
from asyncblock_lint.propagate.comments import is_silenced
from asyncblock_lint.propagate.network import Link, Network
from asyncblock_lint.propagate.search import Ways


class Beyond:
    """The events that each link reaches under the same selection and suppression as the ways."""

    def __init__(self, network: Network, ways: Ways) -> None:
        self._network = network
        self._of_code = _events_by_code(network)
        self.twins = self._of_code.get(TWIN, 0)
        self._of_function: dict[int, int] = {}
        self._fill(ways)

    def link(self, link: Link) -> int:
        """The events behind `link`, one bit each."""
        if link.edge.target is None:
            events = 1 << self._network.events[link.number]
        else:
            events = self._of_function.get(link.edge.target, 0)
        if events and link.comments:
            for code, of_code in self._of_code.items():
                if is_silenced(link.comments, code):
                    events &= ~of_code
        return events

    def _fill(self, functions: Iterable[int]) -> None:
        # Callees come before callers, so without cycles the second round only confirms the first.
        order = _callees_first(self._network, functions)
        changed = True
        while changed:
            changed = False
            for function in order:
                events = 0
                for link in self._network.outgoing[function]:
                    events |= self.link(link)
                if events != self._of_function.get(function):
                    self._of_function[function] = events
                    changed = True


def _events_by_code(network: Network) -> Mapping[str, int]:
    found: dict[str, int] = defaultdict(int)
    for link in network.blocking:
        found[link.code] |= 1 << network.events[link.number]
    return found


def _callees_first(network: Network, functions: Iterable[int]) -> list[int]:
    order: list[int] = []
    waiting = set(functions)
    for start in sorted(waiting):
        stack = [(start, iter(network.outgoing[start]))] if start in waiting else []
        waiting.discard(start)
        while stack:
            function, links = stack[-1]
            target = next((link.edge.target for link in links if link.edge.target in waiting), None)
            if target is None:
                order.append(function)
                stack.pop()
            else:
                waiting.discard(target)
                stack.append((target, iter(network.outgoing[target])))
    return order
