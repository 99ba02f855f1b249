"""What a condition or a pattern tells of the names in it."""

import ast
from collections.abc import Iterator

from asyncblock_lint.extract.annotations import annotation
from asyncblock_lint.model.facts import UNKNOWN, Attr, Const, Display, Element, Expr, Item, Narrowed

Narrowing = tuple[str, Expr, bool]
"""A name or what is read from one (`self.path`), the type (or tuple of types), and whether it is
*not* an instance of that."""


def narrowings(test: ast.expr, holds: bool) -> Iterator[Narrowing]:
    """What is known where `test` is true (`holds`) or false."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from narrowings(operand, not holds)
        case ast.BoolOp(op=ast.And(), values=values) if holds:
            for value in values:
                yield from narrowings(value, holds)
        case ast.BoolOp(op=ast.Or(), values=values) if not holds:
            for value in values:
                yield from narrowings(value, holds)
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, kinds]):
            kind, path = annotation(kinds), dotted(subject)
            if kind is not None and path is not None:
                yield path, kind, not holds
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="type"), args=[subject]),
            ops=[ast.Is() | ast.Eq()],
            comparators=[kinds],
        ) if holds:
            kind, path = annotation(kinds), dotted(subject)
            if kind is not None and path is not None:
                yield path, kind, False
        case ast.Compare(
            left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot() as operator], comparators=[ast.Constant(None)]
        ):
            yield name, Const(None), isinstance(operator, ast.Is) is not holds


def dotted(node: ast.expr) -> str | None:
    """`a.b.c` as text, where the expression is a name or is read from one."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else None


def pattern_type(pattern: ast.pattern) -> Expr | None:
    """The type that what fits the pattern has, if the pattern names one."""
    match pattern:
        case ast.MatchClass(cls=kind):
            return annotation(kind)
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return pattern_type(inner)
        case ast.MatchOr(patterns=patterns):
            kinds = [pattern_type(inner) for inner in patterns]
            known = tuple(kind for kind in kinds if kind is not None)
            return Display("tuple", known) if len(known) == len(kinds) else None
    return None


def captures(pattern: ast.pattern, subject: Expr) -> Iterator[tuple[str, Expr]]:
    """The names that the pattern binds when it is held against `subject`, and what they are bound to."""
    kind = pattern_type(pattern)
    subject = subject if kind is None else Narrowed(subject, kind)
    match pattern:
        case ast.MatchAs(pattern=inner, name=name):
            if inner is not None:
                yield from captures(inner, subject)
            if name is not None:
                yield name, subject
        case ast.MatchStar(name=str(name)):
            yield name, UNKNOWN
        case ast.MatchSequence(patterns=patterns):
            starred = False
            for position, inner in enumerate(patterns):
                starred = starred or isinstance(inner, ast.MatchStar)
                yield from captures(inner, Element(subject) if starred else Item(subject, Const(position)))
        case ast.MatchMapping(keys=keys, patterns=patterns, rest=rest):
            for key, inner in zip(keys, patterns, strict=True):
                match key:
                    case ast.Constant(value=str(text)):
                        yield from captures(inner, Item(subject, Const(text)))
                    case _:
                        yield from captures(inner, UNKNOWN)
            if rest is not None:
                yield rest, UNKNOWN
        case ast.MatchClass(patterns=patterns, kwd_attrs=names, kwd_patterns=named):
            for inner in patterns:
                yield from captures(inner, UNKNOWN)
            for name, inner in zip(names, named, strict=True):
                yield from captures(inner, Attr(subject, name))
        case ast.MatchOr(patterns=patterns):
            for inner in patterns:
                yield from captures(inner, subject)
