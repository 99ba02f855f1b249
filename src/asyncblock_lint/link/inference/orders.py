"""The order in which Python searches the bases of a class."""

from __future__ import annotations

from collections.abc import Sequence

from asyncblock_lint.link.inference.values import Value


def resolution_order(bases: Sequence[tuple[Value, ...]]) -> tuple[Value, ...]:
    """The bases of a class, given the order of each: no class before its subclasses, and parents in
    the order they are written in. Where both cannot be had, only the first holds."""
    orders = [tuple(dict.fromkeys(order)) for order in bases if order]
    waiting = [*orders, tuple(dict.fromkeys(order[0] for order in orders))]
    merged: list[Value] = []
    while waiting := [order for order in waiting if order]:
        behind = {value for order in waiting for value in order[1:]}
        head = next((order[0] for order in waiting if order[0] not in behind), None)
        if head is None:
            return _shared_last(orders)
        merged.append(head)
        waiting = [order[1:] if order[0] == head else order for order in waiting]
    return tuple(merged)


def _shared_last(orders: Sequence[tuple[Value, ...]]) -> tuple[Value, ...]:
    found: dict[Value, None] = {}
    for order in orders:
        for value in order:
            found.pop(value, None)
            found[value] = None
    return tuple(found)
