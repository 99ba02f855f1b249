"""Expressions to trees, recording on the way the calls, the uses and the nested functions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from asyncblock_lint.extract.annotations import annotated_calls, annotation
from asyncblock_lint.extract.narrowing import dotted, narrowings
from asyncblock_lint.extract.positions import Located, Positions
from asyncblock_lint.extract.regions import OpenRegion, read_test, start
from asyncblock_lint.extract.scope import Scope
from asyncblock_lint.extract.syntax import target_names
from asyncblock_lint.extract.work import OPERATIONS_OF_CALL
from asyncblock_lint.model.facts import (
    SLICE,
    UNKNOWN,
    Argument,
    Attr,
    Awaited,
    Bytes,
    Call,
    CallFact,
    Choice,
    Const,
    Display,
    Element,
    Expr,
    Func,
    FunctionFacts,
    Item,
    Name,
    Narrowed,
    Operation,
    Parameter,
    Span,
    Star,
    Store,
    Test,
    Use,
)

_LONGEST_TEXT = 120
_DEEPEST = 60
_MOST_PARTS = 6
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "__add__",
    ast.Sub: "__sub__",
    ast.Mult: "__mul__",
    ast.Div: "__truediv__",
    ast.FloorDiv: "__floordiv__",
    ast.Mod: "__mod__",
    ast.Pow: "__pow__",
    ast.LShift: "__lshift__",
    ast.RShift: "__rshift__",
    ast.BitOr: "__or__",
    ast.BitXor: "__xor__",
    ast.BitAnd: "__and__",
    ast.MatMult: "__matmul__",
}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "__eq__",
    ast.NotEq: "__ne__",
    ast.Lt: "__lt__",
    ast.LtE: "__le__",
    ast.Gt: "__gt__",
    ast.GtE: "__ge__",
}
_COMPREHENSIONS = {ast.ListComp: "list", ast.SetComp: "set", ast.DictComp: "dict"}


class ExpressionReader:
    """Reads the expressions of one file into the facts of the scope that is open.

    `functions` receives the facts of every scope that is finished.
    """

    def __init__(self, positions: Positions) -> None:
        self.positions = positions
        self.functions: list[FunctionFacts] = []
        self.scope: Scope
        self.guard = 0
        self._names: dict[str, int] = {}
        self._depth = 0
        self._trees: dict[ast.expr, Expr] | None = None
        self._readers: dict[type[ast.expr], Callable[..., Expr]] = {
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.Constant: self._constant,
            ast.JoinedStr: self._joined_text,
            ast.FormattedValue: self._shown,
            ast.Subscript: self._subscript,
            ast.Compare: self._compare,
            ast.Await: self._await,
            ast.Lambda: self._lambda,
            ast.IfExp: self._conditional,
            ast.BoolOp: self._boolean,
            ast.BinOp: self._binary,
            ast.UnaryOp: self._unary,
            ast.Tuple: self._sequence,
            ast.List: self._sequence,
            ast.Set: self._sequence,
            ast.Dict: self._dict,
            ast.Starred: self._starred,
            ast.NamedExpr: self._walrus,
            ast.ListComp: self._comprehension,
            ast.SetComp: self._comprehension,
            ast.DictComp: self._comprehension,
            ast.GeneratorExp: self._generator,
            ast.Yield: self._yield,
            ast.YieldFrom: self._yield_from,
        }

    def read(self, node: ast.expr) -> Expr:
        """The expression's tree; what is nested deeper than anybody follows is unknown in it."""
        self._depth += 1
        reader = self._readers.get(type(node))
        tree = self._others(node) if reader is None else reader(node)
        self._depth -= 1
        if self._trees is not None:
            self._trees[node] = tree
        return tree if self._depth < _DEEPEST else UNKNOWN

    def read_condition(self, node: ast.expr) -> Test:
        """Read what stands after `if`, and tell what it asks."""
        return self._condition(node)[0]

    def _condition(self, node: ast.expr) -> tuple[Test, Expr]:
        """What `node` asks, and its tree."""
        with self._trees_kept() as trees:
            tree = self.read_asked(node)
        return read_test(node, trees), tree

    @contextmanager
    def _trees_kept(self) -> Iterator[dict[ast.expr, Expr]]:
        """Inside it the tree of every expression that is read is kept."""
        outer, self._trees = self._trees, {}
        trees = self._trees
        yield trees
        if outer is not None:
            outer.update(trees)
        self._trees = outer

    def read_asked(self, node: ast.expr) -> Expr:
        """The tree of something of which it matters whether it is true."""
        tree = self.read(node)
        self._ask(node, tree)
        return tree

    def _ask(self, node: ast.expr, tree: Expr) -> None:
        while isinstance(node, ast.BoolOp):
            node = node.values[-1]
            tree = tree.options[-1] if isinstance(tree, Choice) else tree
        self._operate("truth", tree, node)

    def _operate(self, kind: str, subject: Expr, node: Located) -> None:
        """Record an operator on something that may be an object."""
        if isinstance(subject, Name | Attr | Call):
            self.use(kind, subject, node)

    def gives_way(self, node: Located) -> None:
        """Record that the function may stop here while others run."""
        self.scope.await_lines.append(self.positions.span(node).line)

    def unique_name(self, name: str) -> str:
        """`name`, with an ordinal from its second use in this file on (`Store.x#2`)."""
        count = self._names[name] = self._names.get(name, 0) + 1
        return name if count == 1 else f"{name}#{count}"

    @contextmanager
    def open_scope(self, name: str, kind: str, span: Span) -> Iterator[Scope]:
        """A scope inside the present one; its facts are added when it closes."""
        parent = self.scope
        self.scope = Scope(name, kind, parent, span, self.guard)
        yield self.scope
        self.functions.append(self.scope.freeze())
        self.scope = parent

    def use(self, kind: str, subject: Expr, node: Located) -> None:
        """Record that `subject` is read, entered or iterated at `node`."""
        self.scope.uses.append(Use(kind, subject, self.positions.span(node), self.guard))

    def call(
        self,
        callee: Expr,
        arguments: tuple[Argument, ...],
        node: Located,
        *,
        awaited: bool = False,
        is_decorator: bool = False,
    ) -> Call:
        """Record a call at `node`."""
        span = self.positions.span(node)
        self.scope.calls.append(CallFact(callee, arguments, span, awaited, is_decorator, self.guard))
        return Call(len(self.scope.calls) - 1)

    def read_awaited(self, node: ast.expr) -> Expr:
        """The tree of what stands under `await`, `async with` or `async for`."""
        if isinstance(node, ast.Call):
            return self._call(node, awaited=True)
        return self.read(node)

    def _others(self, node: ast.expr) -> Expr:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.read(child)
        return UNKNOWN

    def _joined_text(self, node: ast.JoinedStr) -> Expr:
        """A text as the sum of its parts."""
        parts = [self.read(value) for value in node.values]
        text: Expr = parts.pop(0) if parts and isinstance(parts[0], Const) else Const("")
        for part in parts[:_MOST_PARTS]:
            text = Operation(text, "__add__", part)
        return text

    def _shown(self, node: ast.FormattedValue) -> Expr:
        value = self.read(node.value)
        self._operate("text", value, node)
        if node.format_spec is not None:
            self.read(node.format_spec)
        is_plain = node.format_spec is None and node.conversion == -1
        return value if is_plain and isinstance(value, Name | Attr) else UNKNOWN

    def _name(self, node: ast.Name) -> Expr:
        return self.scope.read(node.id)

    def _attribute(self, node: ast.Attribute) -> Expr:
        self.scope.work.operations += 1
        subject = Attr(self.read(node.value), node.attr)
        if isinstance(node.ctx, ast.Load):
            self.use("read", subject, node)
        path = dotted(node)
        return (self.scope.known(path) if path else None) or subject

    def _call(self, node: ast.Call, awaited: bool = False) -> Expr:
        function = node.func
        if isinstance(function, ast.Attribute):
            callee: Expr = Attr(self.read(function.value), function.attr)
        else:
            callee = self.read(function)
        positional = [Argument(self.read(argument)) for argument in node.args]
        named = [Argument(self.read(keyword.value), keyword.arg or "**") for keyword in node.keywords]
        self.scope.work.operations += OPERATIONS_OF_CALL
        self._set_attribute(callee, positional)
        return self.call(callee, (*positional, *named), node, awaited=awaited)

    def _set_attribute(self, callee: Expr, arguments: list[Argument]) -> None:
        """Record `setattr(base, "name", value)` as `base.name = value`."""
        match [argument.value for argument in arguments]:
            case [base, Const(value=str(name)), value] if callee == Name("setattr"):
                self.scope.stores.append(Store(base, name, value))

    def _constant(self, node: ast.Constant) -> Expr:
        value = node.value
        if isinstance(value, str):
            # A lone surrogate cannot be stored as UTF-8.
            cut = value[:_LONGEST_TEXT]
            return Const(cut) if cut.isascii() or cut.isprintable() else _text(Const(""))
        if value is None or isinstance(value, bool | float):
            return Const(value)
        if isinstance(value, int):
            return Const(value) if abs(value) < 2**63 else UNKNOWN
        return Bytes() if isinstance(value, bytes) else UNKNOWN

    def _subscript(self, node: ast.Subscript) -> Expr:
        base, index = self.read(node.value), self._index(node.slice)
        self.scope.work.operations += 1
        if isinstance(base, Name | Attr | Call) and index != SLICE:
            self.use("delete item" if isinstance(node.ctx, ast.Del) else "item", base, node)
        return Item(base, index)

    def _index(self, node: ast.expr) -> Expr:
        if not isinstance(node, ast.Slice):
            return self.read(node)
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.read(part)
        return SLICE

    def _compare(self, node: ast.Compare) -> Expr:
        with self._trees_kept() as trees:
            self.compare(node)
        return _truth(read_test(node, trees))

    def compare(self, node: ast.Compare) -> tuple[Expr, Expr]:
        """What a comparison compares, and with what last."""
        subject = self.read(node.left)
        other: Expr = UNKNOWN
        for operator, comparator in zip(node.ops, node.comparators, strict=True):
            other = self.read(comparator)
            self.scope.work.operations += 1
            if isinstance(operator, ast.In | ast.NotIn):
                self._operate("contains", other, node)
            elif type(operator) in _COMPARISONS:
                self._operate(_COMPARISONS[type(operator)], subject, node)
        return subject, other

    def _await(self, node: ast.Await) -> Expr:
        value = self.read_awaited(node.value)
        self.gives_way(node)
        self.scope.work.awaits.append(value)
        return Awaited(value)

    def _conditional(self, node: ast.IfExp) -> Expr:
        test = self.read_condition(node.test)
        options = []
        for branch, holds in ((node.body, True), (node.orelse, False)):
            region = OpenRegion(start(self.scope), test, holds)
            with self._knowing([node.test], holds=holds):
                options.append(self.read(branch))
            region.close(self.scope)
        return Choice(tuple(options), test if test.op else None)

    def _boolean(self, node: ast.BoolOp) -> Expr:
        is_or = isinstance(node.op, ast.Or)
        options: list[Expr] = []
        regions: list[OpenRegion] = []
        *values, last = node.values
        for position, value in enumerate(values):
            with self._knowing(values[:position], holds=not is_or):
                test, tree = self._condition(value)
                options.append(tree)
            regions.append(OpenRegion(start(self.scope), test, not is_or))
        with self._knowing(values, holds=not is_or):
            options.append(self.read(last))
        for region in reversed(regions):
            region.close(self.scope)
        return Choice(tuple(options)) if is_or else options[-1]

    def narrow(self, test: ast.expr, *, holds: bool) -> None:
        """Bind what `test` tells of names anew, where it `holds` or does not."""
        for path, kind, is_not in narrowings(test, holds):
            self.scope.bind(path, Narrowed(self._read_path(path), kind, is_not), None, "inner")

    def _read_path(self, path: str) -> Expr:
        base, _, name = path.rpartition(".")
        return self.scope.known(path) or (
            Attr(self._read_path(base), name) if base else self.scope.read(name)
        )

    @contextmanager
    def _knowing(self, tests: list[ast.expr], *, holds: bool) -> Iterator[None]:
        """Inside it counts what the tests tell of classes; names bound inside stay bound."""
        paths = [told[0] for test in tests for told in narrowings(test, holds) if told[1] != Const(None)]
        if not paths or self.scope.state is None:
            yield
            return
        before = dict(self.scope.state)
        for test in tests:
            self.narrow(test, holds=holds)
        narrowed = {path: self.scope.state[path] for path in paths}
        yield
        for path, index in narrowed.items():
            if self.scope.state.get(path) == index:
                self._restore({path: before.get(path)})

    def _binary(self, node: ast.BinOp) -> Expr:
        # Long sums nest to the left, deeper than Python's stack: walk that spine in a loop.
        spine = [node]
        while isinstance(spine[-1].left, ast.BinOp):
            spine.append(spine[-1].left)
        result = self.read(spine[-1].left)
        for depth, part in enumerate(reversed(spine)):
            other = self.read(part.right)
            self._operate(_OPERATORS[type(part.op)], result, part)
            self.scope.work.operations += 1
            result = Operation(result, _OPERATORS[type(part.op)], other) if depth < 20 else UNKNOWN
        return result

    def _unary(self, node: ast.UnaryOp) -> Expr:
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return Const(-value) if abs(value) < 2**63 else UNKNOWN
            case ast.UnaryOp(op=ast.Not()):
                with self._trees_kept() as trees:
                    self.read_asked(node.operand)
                return _truth(read_test(node, trees))
        self.read(node.operand)
        return UNKNOWN

    def _sequence(self, node: ast.Tuple | ast.List | ast.Set) -> Expr:
        return Display(type(node).__name__.lower(), tuple(self.read(item) for item in node.elts))

    def _dict(self, node: ast.Dict) -> Expr:
        keys = tuple(UNKNOWN if key is None else self.read(key) for key in node.keys)
        kept = keys if any(isinstance(key, Const | Attr | Name) for key in keys) else ()
        return Display("dict", tuple(self.read(value) for value in node.values), kept)

    def _starred(self, node: ast.Starred) -> Expr:
        value = self.read(node.value)
        if isinstance(node.ctx, ast.Load):
            self.use("iterate", value, node.value)
        return Star(value)

    def _walrus(self, node: ast.NamedExpr) -> Expr:
        self.scope.bind(node.target.id, self.read(node.value))
        return self.scope.read(node.target.id)

    def _lambda(self, node: ast.Lambda) -> Expr:
        defaults = self.defaults(node.args)
        span = self.positions.span(node)
        name = self.unique_name(f"{self.scope.prefix}<lambda:{span.line}:{span.column}>")
        with self.open_scope(name, "lambda", span):
            self.bind_parameters(node.args, defaults)
            self.scope.returns.append(self.read(node.body))
        return Func(name)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> Expr:
        with ExitStack() as loops:
            hidden = self._enter_generators(node.generators, loops, self.positions.span(node))
            if isinstance(node, ast.DictComp):
                self.read(node.key)
                element = self.read(node.value)
            else:
                element = self.read(node.elt)
            self.scope.work.operations += 1
        self._restore(hidden)
        if any(generator.is_async for generator in node.generators):
            self.gives_way(node)
        return Display(_COMPREHENSIONS[type(node)], (Star(Display("list", (element,))),))

    def _generator(self, node: ast.GeneratorExp) -> Expr:
        span = self.positions.span(node)
        name = self.unique_name(f"{self.scope.prefix}<genexpr:{span.line}:{span.column}>")
        source = f"<iter:{span.line}:{span.column}>"
        first = node.generators[0]
        # The first iterable is evaluated here and now, everything else when the result is iterated.
        self.scope.bind(source, self._iterable(first), None, "inner")
        with self.open_scope(name, _generator_kind(node), span) as scope:
            scope.has_yield = True
            iterated, is_async = Name(source), bool(first.is_async)
            if not is_async:
                self.use("iterate", iterated, first.iter)
            with ExitStack() as loops:
                loops.enter_context(scope.work.loop("comprehension", span, iterated, is_async=is_async))
                self.bind_target(first.target, Element(iterated, is_async), kind="inner")
                for condition in first.ifs:
                    self.read_asked(condition)
                    self.narrow(condition, holds=True)
                self._enter_generators(node.generators[1:], loops, span)
                scope.work.operations += 1
                scope.work.give()
                scope.yields.append(self.read(node.elt))
        return Func(name)

    def _iterable(self, generator: ast.comprehension) -> Expr:
        return self.read_awaited(generator.iter) if generator.is_async else self.read(generator.iter)

    def _enter_generators(
        self, generators: list[ast.comprehension], loops: ExitStack, span: Span
    ) -> dict[str, int | None]:
        """Bind the targets, in loops that end with `loops`; returns what their names held before."""
        state = self.scope.state if self.scope.state is not None else {}
        hidden: dict[str, int | None] = {}
        for generator in generators:
            iterable, is_async = self._iterable(generator), bool(generator.is_async)
            if not is_async:
                self.use("iterate", iterable, generator.iter)
            loop = self.scope.work.loop("comprehension", span, iterable, is_async=is_async)
            loops.enter_context(loop)
            for name in target_names(generator.target):
                hidden.setdefault(name, state.get(name))
            self.bind_target(generator.target, Element(iterable, is_async), kind="inner")
            for condition in generator.ifs:
                self.read_asked(condition)
                for path, _, _ in narrowings(condition, True):
                    hidden.setdefault(path, state.get(path))
                self.narrow(condition, holds=True)
        return hidden

    def _restore(self, hidden: dict[str, int | None]) -> None:
        state = self.scope.state
        if state is None:
            return
        for name, index in hidden.items():
            if name not in state or self.scope.bindings[state[name]].kind != "inner":
                continue
            if index is None:
                state.pop(name, None)
            else:
                state[name] = index

    def _yield(self, node: ast.Yield) -> Expr:
        self.scope.note_yield()
        self.scope.yields.append(Const(None) if node.value is None else self.read(node.value))
        if self.scope.kind == "async":
            self.gives_way(node)
        return UNKNOWN

    def _yield_from(self, node: ast.YieldFrom) -> Expr:
        self.scope.note_yield()
        value = self.read(node.value)
        self.use("iterate", value, node.value)
        self.scope.yields.append(Element(value))
        return UNKNOWN

    def bind_target(self, target: ast.expr, value: Expr, kind: str = "plain") -> None:
        """Bind what stands left of `=`, after `for`, or after `as`."""
        match target:
            case ast.Name(id=name):
                self.scope.bind(name, value, None, kind)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                starred = False
                for position, item in enumerate(items):
                    starred = starred or isinstance(item, ast.Starred)
                    part = Element(value) if starred else Item(value, Const(position))
                    self.bind_target(item, part, kind)
            case ast.Starred(value=inner):
                self.bind_target(inner, Display("list", (Star(Display("list", (value,))),)), kind)
            case ast.Attribute() | ast.Subscript():
                self.store(target, value)

    def store(
        self, target: ast.Attribute | ast.Subscript, value: Expr | None, hint: Expr | None = None
    ) -> None:
        """Record `base.name = value` or `base[index] = value`."""
        base = self.read(target.value)
        self.scope.work.operations += 1
        if isinstance(target, ast.Subscript):
            if isinstance(base, Name | Attr | Call):
                self.use("set item", base, target)
            self.scope.stores.append(Store(base, "[]", value, hint, self._index(target.slice)))
        else:
            self.use("write", Attr(base, target.attr), target)
            self.scope.forget(dotted(target) or "")
            self.scope.stores.append(Store(base, target.attr, value, hint))

    def update_in_place(self, subject: Expr, node: ast.AugAssign) -> None:
        """Record that `subject += …` asks an object of its own class to change itself."""
        self._operate(f"__i{_OPERATORS[type(node.op)][2:]}", subject, node)

    def update(self, target: ast.Attribute | ast.Subscript, node: ast.AugAssign) -> None:
        """Record that `base.name += …` or `base[index] += …` reads what stands there and writes it."""
        base = self.read(target.value)
        self.scope.work.operations += 1
        if isinstance(target, ast.Attribute):
            self.use("read", Attr(base, target.attr), target)
            self.update_in_place(Attr(base, target.attr), node)
            self.use("write", Attr(base, target.attr), target)
            self.scope.forget(dotted(target) or "")
        elif self._index(target.slice) != SLICE and isinstance(base, Name | Attr | Call):
            self.use("item", base, target)
            self.use("set item", base, target)

    def defaults(self, arguments: ast.arguments) -> dict[str, Expr]:
        """The parameters' defaults, read in the scope around the function; what is called in the
        metadata of `Annotated` stands for one, as frameworks take it."""
        positional = [*arguments.posonlyargs, *arguments.args]
        with_default = positional[len(positional) - len(arguments.defaults) :]
        pairs = [*zip(with_default, arguments.defaults, strict=True)]
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if default is not None:
                pairs.append((argument, default))
        given = {argument.arg: self.read(default) for argument, default in pairs}
        for argument in [*positional, *arguments.kwonlyargs]:
            calls = annotated_calls(argument.annotation) if argument.arg not in given else []
            if calls:
                given[argument.arg] = Choice(tuple(self.read(call) for call in calls))
        return given

    def bind_parameters(self, arguments: ast.arguments, defaults: dict[str, Expr]) -> None:
        """Open the scope with the parameters as its first bindings."""
        parameters = tuple(_parameters(arguments, defaults))
        self.scope.parameters = parameters
        for parameter in parameters:
            self.scope.bind(parameter.name, None, parameter.annotation)


def _truth(test: Test) -> Expr:
    """The truth value that a condition gives."""
    return Choice((Const(True), Const(False)), test) if test.op else UNKNOWN


def _text(start: Const) -> Expr:
    """A text of which only the start is known."""
    return Operation(start, "__add__", UNKNOWN)


def _parameters(arguments: ast.arguments, defaults: dict[str, Expr]) -> Iterator[Parameter]:
    groups = (
        ("positional", arguments.posonlyargs),
        ("both", arguments.args),
        ("*", [arguments.vararg] if arguments.vararg else []),
        ("keyword", arguments.kwonlyargs),
        ("**", [arguments.kwarg] if arguments.kwarg else []),
    )
    for kind, group in groups:
        for item in group:
            yield Parameter(item.arg, kind, annotation(item.annotation), defaults.get(item.arg))


def _generator_kind(node: ast.GeneratorExp) -> str:
    is_async = any(generator.is_async for generator in node.generators) or any(
        isinstance(part, ast.Await) for part in ast.walk(node)
    )
    return "async" if is_async else "sync"
