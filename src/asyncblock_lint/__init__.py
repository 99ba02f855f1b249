"""Finds the calls that stop an asyncio event loop, and the path by which the loop reaches them."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncblock_lint.config import Config, load_config
    from asyncblock_lint.model.result import Diagnostic, LintResult
    from asyncblock_lint.pipeline import lint

__version__ = "0.1.0"
__all__ = ["Config", "Diagnostic", "LintResult", "__version__", "lint", "load_config"]

_HOMES = {
    "Config": "asyncblock_lint.config",
    "Diagnostic": "asyncblock_lint.model.result",
    "LintResult": "asyncblock_lint.model.result",
    "lint": "asyncblock_lint.pipeline",
    "load_config": "asyncblock_lint.config",
}


def __getattr__(name: str) -> object:
    """Import on demand: a process that only extracts facts needs no more than the extractor."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
