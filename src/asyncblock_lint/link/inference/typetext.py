"""The type expressions of rule files as objects.

A name is an instance of that class, `a.B[c.D]` one that holds instances of another, `self` the object
asked, and `self[c.D]` that object as one that holds such. `argument(0)` is the argument at a place itself,
`result(0)` what calling it gives, `element(0)` what iterating, `streamed(0)` what iterating with
`async for`, `entered(0)` what entering, `awaited(0)` what awaiting it gives, `instance(0)` some object of
the class that the argument is, or of a subclass, and `item(0)` what the object asked holds. `mapping(0)` is
the mapping that the argument is, or a dict of the pairs that it gives. `named('dict')` is a dict of the
keyword arguments, and `named('namespace')` an object that has them as its attributes. `a.B @ done` is an
object in that state. Of several forms with `or` between them, the first that tells something holds.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.values import (
    NOTHING,
    InstanceValue,
    LibraryInstance,
    SequenceValue,
    Value,
    Values,
    exactly,
    in_state,
)

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

Owner = LibraryInstance | InstanceValue

_BUILTIN_CONTAINERS = ("list", "dict", "tuple", "set")


class TypeText:
    """Reads type expressions in the light of a call."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def read(self, text: str, owner: Owner, arguments: Arguments | None = None) -> Values:
        """The object that `text` describes, asked of `owner` with `arguments`."""
        return self._convert(_tree(text), owner, arguments)

    def _convert(self, node: ast.expr, owner: Owner, arguments: Arguments | None) -> Values:
        match node:
            case ast.Name(id="self"):
                return exactly(owner)
            case ast.BinOp(left=plain, right=ast.Name(id=state)):
                return in_state(self._convert(plain, owner, arguments), state)
            case ast.Subscript(value=ast.Name(id="self"), slice=held):
                return exactly(self._holding(owner, self._convert(held, owner, arguments)))
            case ast.Subscript(value=base, slice=ast.Tuple(elts=held)):
                items = tuple(self._convert(item, owner, arguments) for item in held)
                return exactly(LibraryInstance(_name(base), items))
            case ast.Subscript(value=base, slice=held):
                return exactly(LibraryInstance(_name(base), (self._convert(held, owner, arguments),)))
            case ast.Call(func=ast.Name(id="item"), args=[ast.Constant(value=int(place))]):
                items = self._items(owner)
                return items[place] if place < len(items) else NOTHING
            case ast.Call(func=ast.Name(id="instance"), args=[ast.Constant(value=int() | str() as place)]):
                return NOTHING if arguments is None else arguments.promised(place)
            case ast.Call(func=ast.Name(id="named"), args=[ast.Constant(value=str(kind))]):
                return self._named(kind, arguments)
            case ast.BoolOp(op=ast.Or(), values=options):
                found = (self._convert(option, owner, arguments) for option in options)
                return next(filter(None, found), NOTHING)
            case ast.Call(func=ast.Name(id=way), args=[ast.Constant(value=int() | str() as place)]):
                return NOTHING if arguments is None else self._derived(way, arguments.at(place))
        return exactly(LibraryInstance(_name(node)))

    def _items(self, owner: Owner) -> tuple[Values, ...]:
        """What the object asked holds, as its class or an annotation tells."""
        if isinstance(owner, InstanceValue):
            generics = self._evaluator.generics
            return generics.library_items(owner.cls) or (generics.held(owner),)
        return owner.items

    def _holding(self, owner: Owner, items: Values) -> Owner:
        if isinstance(owner, InstanceValue):
            return self._evaluator.generics.holding(owner, items)
        return replace(owner, items=(items,))

    def _named(self, kind: str, arguments: Arguments | None) -> Values:
        if arguments is None or arguments.count:
            return exactly(LibraryInstance(f"builtins.{kind}"))
        named = arguments.named()
        return exactly(SequenceValue(kind, tuple(named.values()), False, tuple(named)))

    def _derived(self, way: str, values: Values) -> Values:
        protocols = self._evaluator.protocols
        if way == "result":
            return self._evaluator.results.of_bare_call(values)
        if way == "element":
            return protocols.element(values, is_async=False)
        if way == "streamed":
            return protocols.element(values, is_async=True)
        if way == "mapping":
            return self._mapping(values)
        if way == "entered":
            return protocols.entered(values, is_async=False)
        return protocols.awaited(values) if way == "awaited" else values

    def _mapping(self, values: Values) -> Values:
        """The mappings among `values`, or a dict of the pairs that iterating them gives."""
        found = tuple(item for item in self._evaluator.callers.resolve(values) if _is_mapping(item[0]))
        if found:
            return found
        protocols = self._evaluator.protocols
        pairs = protocols.element(values, is_async=False)
        keys, held = protocols.item(pairs, 0), protocols.item(pairs, 1)
        return exactly(LibraryInstance("builtins.dict", (keys, held))) if held else NOTHING


def _is_mapping(value: Value) -> bool:
    match value:
        case SequenceValue(kind="dict"):
            return True
        case LibraryInstance(type="builtins.dict", items=items):
            return bool(items)
    return False


@cache
def _tree(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _name(node: ast.expr) -> str:
    name = ast.unparse(node)
    return f"builtins.{name}" if name in _BUILTIN_CONTAINERS else name
