"""Finds what a dotted name stands for by reading source files; nothing is imported or run.

A name may stand for several things: a module has stubs beside its sources, and a name may be bound
under conditions. All of them are looked at, and what any of them has is found.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from static_modules import Folders, Function, Module, bindings, index

ENTERING = frozenset({"__enter__", "__exit__", "__aenter__", "__aexit__"})
ITERATING = frozenset({"__iter__", "__next__", "__aiter__", "__anext__"})
_PROPERTIES = ("property", "cached_property")
_AROUND = ("Optional", "Union", "Annotated", "ClassVar", "Final", "Required", "NotRequired")


@dataclass(frozen=True)
class Found:
    """What a name stands for: a node of a module, or the whole module, where `node` is `None`.

    `owner` is the class that the node lies in, and `function` the method that sets the attribute.
    A function that is `called` stands for its result.
    """

    module: Module
    node: ast.AST | None = None
    owner: ast.ClassDef | None = None
    function: Function | None = None
    called: bool = False


class Names:
    """Looks names up in folders that packages were unpacked into."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._folders = Folders(roots)
        self._answers: dict[Hashable, tuple[Found, ...]] = {}
        self._open: set[Hashable] = set()
        self._cut: set[Hashable] = set()

    def find(self, name: str) -> tuple[Found, ...]:
        """All that the name may stand for; nothing if there is no such name."""
        return self._once(("find", name), lambda: self._find(name))

    def parameters(self, name: str) -> Iterator[ast.arguments]:
        """The parameters of a function, or of a class's `__init__` that is written, as often as it is."""
        for found in self.find(name):
            if isinstance(found.node, ast.ClassDef):
                made = () if _is_dataclass(found.node) else self._member(found, "__init__")
            else:
                made = (found,)
            yield from (part.node.args for part in made if isinstance(part.node, Function))

    def methods(self, name: str) -> dict[str, bool]:
        """The public methods of a class, inherited ones too, and whether they are coroutines."""
        methods: dict[str, bool] = {}
        for found in self.find(name):
            for owner in self._with_bases(found):
                for part in () if _is_metaclass(owner.node) else bindings(getattr(owner.node, "body", [])):
                    if isinstance(part, Function) and part.name[0] != "_" and not _is_property(part):
                        methods.setdefault(part.name, isinstance(part, ast.AsyncFunctionDef))
        return methods

    def _once(self, key: Hashable, answer: Callable[[], Iterable[Found]]) -> tuple[Found, ...]:
        """Remember answers. A question that is still being answered has no answer yet, and what
        rests on that is not remembered."""
        if key in self._answers:
            return self._answers[key]
        if key in self._open:
            self._cut.add(key)
            return ()
        self._open.add(key)
        found = tuple(dict.fromkeys(answer()))
        self._open.remove(key)
        self._cut.discard(key)
        if not self._cut:
            self._answers[key] = found
        return found

    def _find(self, name: str) -> Iterator[Found]:
        owner, _, last = name.rpartition(".")
        for found in self.find(owner) if owner else ():
            yield from self._member(found, last)
        yield from map(Found, self._folders.modules(name))

    def _member(self, found: Found, name: str) -> tuple[Found, ...]:
        return self._once((found, name), lambda: self._members(found, name))

    def _members(self, found: Found, name: str) -> Iterator[Found]:
        node = found.node
        if node is None:
            yield from self._in_module(found.module, name)
        elif isinstance(node, ast.ClassDef):
            yield from self._in_class(Found(found.module, node), name)
        elif isinstance(node, Function):
            yield from self._in_function(found, node, name)
        else:
            for held in self._held(found):
                yield from self._member(held, name)

    def _in_module(self, module: Module, name: str) -> Iterator[Found]:
        if module.is_package:
            yield from map(Found, self._folders.modules(f"{module.name}.{name}"))
        if not module.may_have(name):
            return
        for node in module.bound.get(name, ()):
            yield from self._follow(module, node, name)
        for star in module.stars:
            for source in self._folders.modules(star):
                yield from self._member(Found(source), name)
        for path in module.lazy.get(name, ()):
            for found in self.find(path):
                inside = self._member(found, name) if found.node is None else ()
                yield from inside or (found,)
        for value in module.asked.get(name, ()):
            yield from self._value(Found(module), value)

    def _follow(self, module: Module, node: ast.stmt, name: str) -> Iterator[Found]:
        """What a binding leads to: through imports and renaming to a definition, if there is one."""
        led: list[Found] = []
        if isinstance(node, ast.ImportFrom):
            original = next(alias.name for alias in node.names if name == (alias.asname or alias.name))
            for source in self._folders.modules(module.absolute(node)):
                led += self._member(Found(source), original)
            led += map(Found, self._folders.modules(f"{module.absolute(node)}.{original}"))
            if not led and self._folders.modules(module.absolute(node)):
                return
        elif isinstance(node, ast.Import):
            full = next((alias.name for alias in node.names if alias.asname == name), name)
            led += map(Found, self._folders.modules(full))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            led += self._renamed(Found(module), node.value, name)
        yield from led or [Found(module, node)]

    def _renamed(self, scope: Found, value: ast.expr | None, name: str) -> tuple[Found, ...]:
        """What a variable is another name for; `run = checked(Base.run)` is taken to keep that."""
        if not isinstance(value, ast.Call):
            return self._value(scope, value)
        kept = [part for part in value.args if ast.unparse(part).rpartition(".")[2] == name]
        return tuple(found for part in kept for found in self._value(scope, part))

    def _in_class(self, found: Found, name: str) -> Iterator[Found]:
        """What the class has by that name, or else its bases or its metaclass."""
        assert isinstance(found.node, ast.ClassDef)
        own = [*self._own(found, found.node, name)]
        if all(part.function for part in own):
            for base in self._bases(found, found.node):
                own += self._member(base, name)
        if not own and name in ("__next__", "__iter__"):
            own += self._member(found, "__iter__" if name == "__next__" else "__getitem__")
        yield from own

    def _own(self, found: Found, node: ast.ClassDef, name: str) -> Iterator[Found]:
        for part in index(bindings(node.body)).get(name, ()):
            value = part.value if isinstance(part, ast.Assign) else None
            yield from self._renamed(found, value, name) or [Found(found.module, part, node)]
        for part in found.module.bound.get(f"{node.name}.{name}", ()):
            yield from self._follow(found.module, part, name)
        for function in node.body:
            if isinstance(function, Function) and function.args.args:
                receiver = function.args.args[0].arg
                for part in bindings(function.body):
                    if name in _attributes_set(part, receiver):
                        yield Found(found.module, part, node, function)

    def _with_bases(self, found: Found, seen: frozenset[Found] = frozenset()) -> Iterator[Found]:
        if isinstance(found.node, ast.ClassDef) and found not in seen:
            yield found
            for base in self._bases(found, found.node):
                yield from self._with_bases(base, seen | {found})

    def _bases(self, found: Found, node: ast.ClassDef) -> Iterator[Found]:
        """The bases, those that are handed to a function such as `with_metaclass`, and the metaclass."""
        for base in (*node.bases, *(word.value for word in node.keywords if word.arg == "metaclass")):
            for part in (base, *(base.args if isinstance(base, ast.Call) else ())):
                yield from self._value(Found(found.module), part)

    def _in_function(self, found: Found, function: Function, name: str) -> Iterator[Found]:
        """What the function's result has by that name, for steps of the language, and for properties."""
        entered = name in ENTERING and _gives_entering(function)
        if entered or (name in ITERATING and _gives_iterating(function)):
            yield found
        elif name in ENTERING or name in ITERATING or _is_property(function):
            for given in self._given(found, function):
                if given.called or not isinstance(given.node, Function):
                    yield from self._member(given, name)

    def _given(self, found: Found, function: Function) -> Iterator[Found]:
        """What the function returns, by its annotation, or else by what it says after `return`."""
        scope = Found(found.module, None, found.owner, function)
        if function.returns:
            yield from self._annotated(scope, function.returns)
            return
        for part in bindings(function.body):
            if isinstance(part, ast.Return):
                yield from self._value(scope, part.value)

    def _held(self, found: Found) -> Iterator[Found]:
        """What a variable or attribute holds, by its annotation and by what is assigned to it."""
        scope = Found(found.module, None, found.owner, found.function)
        if isinstance(found.node, ast.AnnAssign):
            yield from self._annotated(scope, found.node.annotation)
        if isinstance(found.node, ast.Assign | ast.AnnAssign):
            yield from self._value(scope, found.node.value)

    def _annotated(self, scope: Found, node: ast.expr) -> Iterator[Found]:
        """The classes that an annotation names."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                yield from self._annotated(scope, ast.parse(node.value, mode="eval").body)
            except SyntaxError:
                return
        elif isinstance(node, ast.BinOp):
            yield from self._annotated(scope, node.left)
            yield from self._annotated(scope, node.right)
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith(_AROUND):
            for part in getattr(node.slice, "elts", [node.slice]):
                yield from self._annotated(scope, part)
        elif scope.owner and _is_own_type(scope.function, node):
            yield Found(scope.module, scope.owner)
        else:
            yield from self._value(scope, node)

    def _value(self, scope: Found, node: ast.expr | None) -> tuple[Found, ...]:
        key = ("value", scope, node)
        return self._once(key, lambda: self._values(scope, node))

    def _values(self, scope: Found, node: ast.expr | None) -> Iterator[Found]:
        """What an expression stands for; an instance goes by its class."""
        match node:
            case ast.Name(id=name):
                yield from self._variable(scope, name)
            case ast.Attribute(value=value, attr=name):
                for found in self._value(scope, value):
                    yield from self._member(found, name)
                yield from self._spelled_out(scope, node)
            case ast.Call(func=function):
                yield from self._called(scope, function)
            case ast.Subscript(value=value) | ast.Await(value=value) | ast.NamedExpr(value=value):
                yield from self._value(scope, value)
            case ast.IfExp(body=body, orelse=other):
                yield from (*self._value(scope, body), *self._value(scope, other))
            case ast.BoolOp(values=values):
                yield from (part for value in values for part in self._value(scope, value))

    def _spelled_out(self, scope: Found, node: ast.Attribute) -> Iterator[Found]:
        """What stands in a package without an `__init__` file, as in `import space.part`."""
        text = ast.unparse(node)
        imports = scope.module.bound.get(text.partition(".")[0], ())
        if any(isinstance(part, ast.Import) for part in imports):
            yield from self.find(text)

    def _called(self, scope: Found, node: ast.expr) -> Iterator[Found]:
        if isinstance(node, ast.Name) and node.id == "super" and scope.owner:
            yield from self._bases(scope, scope.owner)
            return
        for found in self._value(scope, node):
            if isinstance(found.node, ast.ClassDef):
                yield found
            elif isinstance(found.node, Function):
                yield from self._given(found, found.node)
                yield replace(found, called=True)

    def _variable(self, scope: Found, name: str) -> Iterator[Found]:
        """What a name stands for in a method, a function, a class body or a module."""
        function = scope.function
        if function:
            parameters = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            if scope.owner and parameters[:1] and parameters[0].arg == name:
                yield Found(scope.module, scope.owner)
            for parameter in parameters:
                if parameter.arg == name and parameter.annotation:
                    yield from self._annotated(scope, parameter.annotation)
            for node in index(bindings(function.body)).get(name, ()):
                if isinstance(node, ast.Assign):
                    yield from self._value(scope, node.value)
                elif isinstance(node, ast.ClassDef | Function):
                    yield Found(scope.module, node)
                elif isinstance(node, ast.ImportFrom):
                    yield from self._follow(scope.module, node, name)
        inside = scope.node if isinstance(scope.node, ast.ClassDef) else None
        found = [Found(scope.module, part, inside) for part in _named(inside, name)]
        found += self._member(Found(scope.module), name)
        yield from found or self.find(f"builtins.{name}")


def _named(node: ast.ClassDef | None, name: str) -> tuple[ast.stmt, ...]:
    return index(bindings(node.body)).get(name, ()) if node else ()


def _attributes_set(node: ast.stmt, receiver: str) -> Iterator[str]:
    """The attributes of the receiver that a statement sets."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    for target in targets:
        for part in getattr(target, "elts", [target]):
            if isinstance(part, ast.Attribute) and ast.unparse(part.value) == receiver:
                yield part.attr


def _is_own_type(function: Function | None, node: ast.expr) -> bool:
    """Whether an annotation stands for the class that the method is in: `Self`, or the receiver's own."""
    text = ast.unparse(node)
    if text.endswith("Self"):
        return True
    first = function.args.args[:1] if function else []
    told = [ast.unparse(part.annotation) for part in first if part.annotation]
    return any(re.search(rf"\b{re.escape(text)}\b", annotation) for annotation in told)


def _is_property(function: Function) -> bool:
    words = [ast.unparse(part).partition("(")[0] for part in function.decorator_list]
    return any(word.endswith((*_PROPERTIES, f"{function.name}.setter")) for word in words)


def _is_metaclass(node: ast.AST | None) -> bool:
    """Whether instances have none of the methods of the class, although it is among the bases here."""
    bases = [ast.unparse(base) for base in getattr(node, "bases", ())]
    return "type" in bases or getattr(node, "name", "") == "type"


def _gives_entering(function: Function) -> bool:
    """Whether what the function returns can be entered, as its decorator or annotation tells."""
    decorated = any("contextmanager" in ast.unparse(part) for part in function.decorator_list)
    return decorated or "ContextManager" in (ast.unparse(function.returns) if function.returns else "")


def _gives_iterating(function: Function) -> bool:
    """Whether what the function returns can be iterated, as its annotation or a `yield` tells."""
    if any("contextmanager" in ast.unparse(part) for part in function.decorator_list):
        return False
    returns = ast.unparse(function.returns) if function.returns else ""
    return any(word in returns for word in ("Iterator", "Generator", "Iterable")) or _yields(function)


def _is_dataclass(node: ast.ClassDef) -> bool:
    """Whether the class gets an `__init__` that nobody wrote."""
    return any("dataclass" in ast.unparse(part) for part in node.decorator_list)


def _yields(function: Function) -> bool:
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if isinstance(node, ast.Return) and isinstance(node.value, ast.GeneratorExp):
            return True
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)
    return False


def takes(parameters: ast.arguments, spots: tuple[int | str, ...]) -> bool:
    """Whether a function has its argument at that position and under that name."""
    positional = [parameter.arg for parameter in (*parameters.posonlyargs, *parameters.args)]
    if positional[:1] in (["self"], ["cls"]):
        del positional[0]
    named_ones = {*positional, *(parameter.arg for parameter in parameters.kwonlyargs)}
    positions = [spot for spot in spots if isinstance(spot, int)]
    keywords = [spot for spot in spots if isinstance(spot, str)]
    if not all(position < len(positional) or parameters.vararg for position in positions):
        return False
    if keywords and not (named_ones.intersection(keywords) or parameters.kwarg):
        return False
    there = [positional[position] for position in positions if position < len(positional)]
    return not (there and keywords) or bool(set(there).intersection(keywords))
