"""The literal that an expression is, where it can be read without evaluating anything."""

from __future__ import annotations

from asyncblock_lint.link.project import Project, Unit
from asyncblock_lint.model.facts import FREE, Attr, Const, Expr, Name, Operation


def resolved(expression: Expr, unit: Unit, project: Project) -> tuple[Expr, Unit]:
    """`expression`, or the text or number that the name it is stands for, in the same function
    or as a constant of its module; and where that is written."""
    if not isinstance(expression, Name):
        return expression, unit
    index, owner = expression.binding, unit
    if index == FREE:
        module = project.module_of(unit)
        is_changed = expression.id in module.global_stores or _is_around(expression.id, unit)
        index = FREE if is_changed else module.body.facts.final.get(expression.id, FREE)
        owner = module.body
    binding = owner.facts.bindings[index] if index != FREE else None
    if binding is not None and binding.kind == "plain" and isinstance(binding.value, Const | Operation):
        return binding.value, owner
    return expression, unit


def constant_key(expression: Expr | None, unit: Unit, project: Project) -> object:
    """The key of an item, if it is a literal, or a name that is written like a constant's or stands
    after a dot, as those of enumerations do."""
    literal = None if expression is None else resolved(expression, unit, project)[0]
    match literal:
        case Const(value=value):
            return value
        case Attr(name=name):
            return (name,)
        case Name(id=name) if name[:1].isupper():
            return (name,)
    return None


def last_word(expression: Expr) -> str:
    """The last part of a dotted name; empty for anything else."""
    match expression:
        case Name(id=name) | Attr(name=name):
            return name
    return ""


def _is_around(name: str, unit: Unit) -> bool:
    """Whether a function around `unit` binds the name, so that it is not the module's."""
    around = unit.parent
    while around is not None and around.kind != "module":
        if name in around.plain and around.body_of is None:
            return True
        around = around.parent
    return False
