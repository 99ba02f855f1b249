"""Which object an expression is, told by the variable or attribute that holds it."""

from __future__ import annotations

from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.literals import constant_key
from asyncblock_lint.link.inference.values import ClassValue, InstanceValue, ModuleValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import FREE, Attr, Expr, Imported, Item, Name

Identity = tuple[str, int, str]
"""What holds the object: a class's attribute or a function's or module's variable."""

_MOST_HOPS = 8


class Identities:
    """Finds the one home of a shared object, through aliases, imports and base classes."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

    def of(self, expression: Expr, unit: Unit, hops: int = 0) -> Identity | None:
        """The home of what `expression`, standing in `unit`, is; `None` where that is not one variable."""
        if hops > _MOST_HOPS:
            return None
        match expression:
            case Name(id=name, binding=index) if index == FREE:
                return self._free(name, unit, hops)
            case Name(id=name, binding=index):
                value = unit.facts.bindings[index].value
                alias = self.of(value, unit, hops + 1) if isinstance(value, Name | Attr | Item) else None
                return alias or (
                    None if index < len(unit.facts.parameters) else ("variable", unit.index, name)
                )
            case Attr(base=base, name=name):
                return self._attribute(base, name, unit, hops)
            case Item(base=base, index=index):
                return self._item(base, index, unit, hops)
        return None

    def _item(self, base: Expr, index: Expr, unit: Unit, hops: int) -> Identity | None:
        """What a container holds under a constant key, or under any of those that are not known."""
        home = self.of(base, unit, hops + 1)
        if home is None:
            return None
        key = constant_key(index, unit, self._project)
        kind, owner, name = home
        return kind, owner, f"{name}[{'' if key is None else repr(key)}]"

    def _free(self, name: str, unit: Unit, hops: int) -> Identity | None:
        around = unit
        while around.kind != "module" and around.parent is not None:
            is_visible = around is not unit and around.body_of is None
            if is_visible and name in around.plain and name not in around.outer_names:
                return self._variable(name, around, hops)
            around = around.parent
        return self._variable(name, around, hops) if name in around.plain else None

    def _variable(self, name: str, unit: Unit, hops: int) -> Identity | None:
        if hops > _MOST_HOPS:
            return None
        value = unit.facts.bindings[unit.plain[name][-1]].value
        if isinstance(value, Imported):
            return self._imported(value, unit, hops)
        alias = self.of(value, unit, hops + 1) if isinstance(value, Name | Attr | Item) else None
        return alias or ("variable", unit.index, name)

    def _imported(self, node: Imported, unit: Unit, hops: int) -> Identity | None:
        imports, dotted = self._evaluator.imports, node.module
        if node.level:
            named = imports.relative_name(node.module, node.level, unit.module)
            module = None if named is None else imports.relative(named)
        else:
            module = imports.module(dotted, unit.module)
        return None if module is None else self._in_module(module, node.name, hops)

    def _in_module(self, module: int, name: str, hops: int) -> Identity | None:
        body = self._project.modules[module].body
        return self._variable(name, body, hops + 1) if name in body.plain else None

    def _attribute(self, base: Expr, name: str, unit: Unit, hops: int) -> Identity | None:
        found: set[Identity | None] = set()
        for value, _ in self._evaluator.evaluate(base, unit):
            if isinstance(value, ModuleValue):
                found.add(self._in_module(value.module, name, hops))
            elif isinstance(value, InstanceValue | ClassValue):
                found.add(("attribute", self._home(value.cls, name), name))
        return found.pop() if len(found) == 1 else None

    def _home(self, cls: int, name: str) -> int:
        """The topmost class that gives its objects the attribute."""
        home = cls
        for base in self._evaluator.classes.order(cls):
            if isinstance(base, ClassValue):
                owner = self._project.classes[base.cls]
                if name in owner.stores or name in owner.body.plain:
                    home = base.cls
        return home
