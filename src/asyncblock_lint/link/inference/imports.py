"""Which module of the project an import names, seen from the file it stands in."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from asyncblock_lint.model.source import SourceFile


class ImportResolver:
    """Finds modules by dotted name.

    `top` is the project's folder; `roots` are configured import roots (absolute paths).
    A name is looked for under the importer's own root first, then under the folders above it, the
    configured roots, every `src` folder, and last under the roots of other regular packages.
    """

    def __init__(self, sources: Sequence[SourceFile], top: str, roots: Sequence[str] = ()) -> None:
        self._sources = sources
        self._top = _common_folder([top, *(source.root for source in sources)])
        self._modules: dict[tuple[str, str], int] = {}
        self._folders: dict[tuple[str, str], None] = {}
        self._shared_roots: dict[str, None] = dict.fromkeys(roots)
        self._package_roots: dict[str, list[str]] = {}
        self._own_roots: dict[str, tuple[str, ...]] = {}
        self._packages = {
            folder
            for source in sources
            if source.is_package and top in map(str, (folder := PurePath(source.location).parent).parents)
        }
        for index, source in enumerate(sources):
            self._add(index, source)

    def _add(self, index: int, source: SourceFile) -> None:
        if source.root not in self._own_roots:
            self._own_roots[source.root] = tuple(_upwards(source.root, self._top))
        dotted = source.module
        for root in self._own_roots[source.root]:
            prefix = ".".join(PurePath(source.root).relative_to(root).parts)
            name = f"{prefix}.{dotted}".strip(".") if prefix else dotted
            self._modules.setdefault((root, name), index)
            for folder in _parents(name):
                self._folders[root, folder] = None
        if PurePath(source.root).name == "src":
            self._shared_roots[source.root] = None
        package = dotted.partition(".")[0]
        if source.is_package or "." in dotted:
            roots = self._package_roots.setdefault(package, [])
            if source.root not in roots:
                roots.append(source.root)

    def module(self, dotted: str, importer: int) -> int | None:
        """The index of the module that `dotted` names in the file `importer`, if it is in the project."""
        for root in self._roots(dotted, importer):
            found = self._modules.get((root, dotted))
            if found is not None and not (found == importer and "." not in dotted):
                return found
        return None

    def is_namespace(self, dotted: str, importer: int) -> bool:
        """Whether `dotted` names a folder on the way to modules of the project."""
        return any((root, dotted) in self._folders for root in self._roots(dotted, importer))

    def relative_name(self, module: str, level: int, importer: int) -> str | None:
        """The name, counted from the topmost folder, that a relative import means; `None` where it
        climbs past that folder."""
        source = self._sources[importer]
        package = [*PurePath(source.root).relative_to(self._top).parts, *source.module.split(".")]
        kept = len(package) - (level - 1 if source.is_package else level)
        if kept < 0:
            return None
        return ".".join([*package[:kept], *([module] if module else [])])

    def source(self, module: str, level: int, importer: int) -> int | None:
        """The module that `from module import …`, with that many dots, means in the file `importer`."""
        if not level:
            return self.module(module, importer)
        dotted = self.relative_name(module, level, importer)
        return None if dotted is None else self.relative(dotted)

    def relative(self, dotted: str) -> int | None:
        """The module with that name, counted from the topmost folder."""
        return self._modules.get((self._top, dotted))

    def _roots(self, dotted: str, importer: int) -> Iterator[str]:
        top_name = dotted.partition(".")[0]
        if top_name in sys.builtin_module_names:
            return
        yield from self._own_roots[self._sources[importer].root]
        if top_name in sys.stdlib_module_names:
            return
        yield from self._shared_roots
        yield from self._other_roots(top_name, self._sources[importer])

    def _other_roots(self, package: str, importer: SourceFile) -> Iterator[str]:
        """The roots of the other regular packages of that name.

        A folder without `__init__.py` inside a package is no root for the package's own files: what
        stands there goes by a longer name, and the short one is that of a library.
        """
        for root in self._package_roots.get(package, ()):
            around = self._packages.intersection((PurePath(root), *PurePath(root).parents))
            if not any(PurePath(importer.location).is_relative_to(folder) for folder in around):
                yield root


def _parents(dotted: str) -> Iterator[str]:
    head = dotted.rpartition(".")[0]
    while head:
        yield head
        head = head.rpartition(".")[0]


def _upwards(folder: str, top: str) -> Iterator[str]:
    """`folder` and those above it, up to `top`."""
    path = PurePath(folder)
    for candidate in (path, *path.parents):
        yield str(candidate)
        if str(candidate) == top:
            return


def _common_folder(folders: Sequence[str]) -> str:
    unique = [PurePath(folder).parts for folder in dict.fromkeys(folders)]
    common: list[str] = []
    for parts in zip(*unique, strict=False):
        if len(set(parts)) > 1:
            break
        common.append(parts[0])
    return str(PurePath(*common)) if common else ""
