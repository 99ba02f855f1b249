"""From rule files to the catalogue, naming every mistake in one by file, table and key."""

from asyncblock_lint.load.files import BUNDLED, check_rules, load_catalogue

__all__ = ["BUNDLED", "check_rules", "load_catalogue"]
