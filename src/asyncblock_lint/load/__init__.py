"""From rule files to the catalogue, naming every mistake in one by file, table and key."""

from asyncblock_lint.load.files import BUNDLED, check_rules, load_catalogue
from asyncblock_lint.load.versions import for_versions

__all__ = ["BUNDLED", "check_rules", "for_versions", "load_catalogue"]
