"""The LibCST visitor: what stands at the places under suspicion, and whether `await` may stand there."""

from collections.abc import Collection
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import PositionProvider

from asyncblock_lint.model.facts import Span

COROUTINE = "coroutine"
_STATEMENTS = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
_GENERATOR = "generator expression"
_SCOPES = {
    (cst.FunctionDef, "body"): "plain function",
    (cst.FunctionDef, "decorators"): "decorator",
    (cst.Param, "default"): "default value",
    (cst.ClassDef, "body"): "class body",
    (cst.ClassDef, "decorators"): "decorator",
    (cst.Lambda, "body"): "lambda",
    (cst.GeneratorExp, "elt"): _GENERATOR,
    (cst.CompFor, "ifs"): _GENERATOR,
    (cst.CompFor, "inner_for_in"): _GENERATOR,
}
"""The parts of nodes in which `await` may not stand, or not without changing what runs."""


@dataclass(frozen=True, slots=True)
class Taker:
    """A call that is given the value of a place: `callee` and `arguments` as written, which of the
    arguments the place is, and its keyword, if any."""

    callee: str
    arguments: tuple[str, ...]
    index: int
    keyword: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """An expression under suspicion, as written.

    `form` is `call`, `read`, `enter` (a `with` item), `iterate`, `decorate` or `other`. `scope` is
    the innermost thing around it that decides whether `await` may stand there: `coroutine`, or the
    name of one in which it may not. `callee` is empty unless the expression is a call.
    """

    form: str
    scope: str
    text: str
    callee: str = ""
    arguments: tuple[str, ...] = ()
    has_keywords: bool = False
    taker: Taker | None = None


class PlaceFinder(cst.CSTVisitor):
    """Finds the places at the given spans of a module, with stacks of what is around the node."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, module: cst.Module, spans: Collection[Span]) -> None:
        super().__init__()
        self.found: dict[Span, Place] = {}
        self._module = module
        self._spans = frozenset(spans)
        self._scopes = ["module"]
        self._calls: list[cst.Call] = []
        self._forms: dict[cst.CSTNode, str] = {}
        self._lazy: set[cst.CSTNode] = set()

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Take note of the node; go on inside unless its lines concern nobody."""
        self._foresee(node)
        if isinstance(node, _STATEMENTS):
            return self._concerns(node)
        if isinstance(node, cst.BaseExpression):
            self._note(node)
            if isinstance(node, cst.Call):
                self._calls.append(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        """Forget a call that is no longer around."""
        if isinstance(original_node, cst.Call):
            self._calls.pop()

    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:
        """Enter a part of `node`."""
        if (type(node), attribute) in _SCOPES:
            self._scopes.append(self._scope(node, attribute))

    def on_leave_attribute(self, original_node: cst.CSTNode, attribute: str) -> None:
        """Leave a part of the node."""
        if (type(original_node), attribute) in _SCOPES:
            self._scopes.pop()

    def _scope(self, node: cst.CSTNode, attribute: str) -> str:
        if isinstance(node, cst.FunctionDef) and attribute == "body" and node.asynchronous:
            return COROUTINE
        # Within a list, set or dict comprehension `await` may stand where it may around it.
        if isinstance(node, cst.CompFor) and node not in self._lazy:
            return self._scopes[-1]
        return _SCOPES[type(node), attribute]

    def _foresee(self, node: cst.CSTNode) -> None:
        """Remember what is special about children still to come."""
        if isinstance(node, cst.WithItem):
            self._forms[node.item] = "enter"
        elif isinstance(node, (cst.For, cst.CompFor)):
            self._forms[node.iter] = "iterate"
            if node in self._lazy and isinstance(node, cst.CompFor) and node.inner_for_in:
                self._lazy.add(node.inner_for_in)
        elif isinstance(node, cst.GeneratorExp):
            self._lazy.add(node.for_in)
        elif isinstance(node, cst.Decorator):
            self._forms[node.decorator] = "decorate"

    def _concerns(self, statement: cst.CSTNode) -> bool:
        lines = self._span(statement)
        first = lines.line
        if isinstance(statement, (cst.FunctionDef, cst.ClassDef)) and statement.decorators:
            first = self._span(statement.decorators[0]).line
        return any(first <= span.line <= lines.end_line for span in self._spans)

    def _note(self, node: cst.BaseExpression) -> None:
        span = self._span(node)
        if span in self._spans:
            self.found[span] = self._place(node)

    def _span(self, node: cst.CSTNode) -> Span:
        place = self.get_metadata(PositionProvider, node)
        return Span(place.start.line, place.start.column, place.end.line, place.end.column)

    def _place(self, node: cst.BaseExpression) -> Place:
        scope, text = self._scopes[-1], self._text(node)
        if not isinstance(node, cst.Call):
            usual = "read" if isinstance(node, cst.Attribute) else "other"
            return Place(self._forms.get(node, usual), scope, text)
        return Place(
            form=self._forms.get(node, "call"),
            scope=scope,
            text=text,
            callee=self._text(node.func),
            arguments=self._arguments(node),
            has_keywords=any(argument.keyword or argument.star == "**" for argument in node.args),
            taker=self._taker(node),
        )

    def _taker(self, node: cst.Call) -> Taker | None:
        for outer in self._calls[-1:]:
            for index, argument in enumerate(outer.args):
                if argument.value is node:
                    keyword = argument.keyword.value if argument.keyword else ""
                    return Taker(self._text(outer.func), self._arguments(outer), index, keyword)
        return None

    def _arguments(self, call: cst.Call) -> tuple[str, ...]:
        return tuple(self._argument(argument) for argument in call.args)

    def _argument(self, argument: cst.Arg) -> str:
        text = self._text(argument.with_changes(comma=cst.MaybeSentinel.DEFAULT))
        # Alone in a call, a generator expression needs no parentheses of its own.
        is_bare = isinstance(argument.value, cst.GeneratorExp) and not argument.value.lpar
        return f"({text})" if is_bare else text

    def _text(self, node: cst.CSTNode) -> str:
        return self._module.code_for_node(node).strip()
