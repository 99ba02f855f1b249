"""Rewrites: proposed for each finding, checked, and written; one fixer a file."""

from asyncblock_lint.fix.engine import Engine, Relint
from asyncblock_lint.fix.libraries import usual_runner
from asyncblock_lint.fix.propose import propose
from asyncblock_lint.fix.save import write
from asyncblock_lint.fix.site import Surroundings
from asyncblock_lint.fix.surroundings import (
    found_helpers,
    helper_remedies,
    imported_packages,
    is_test,
    mentions,
)

__all__ = [
    "Engine",
    "Relint",
    "Surroundings",
    "found_helpers",
    "helper_remedies",
    "imported_packages",
    "is_test",
    "mentions",
    "propose",
    "usual_runner",
    "write",
]
