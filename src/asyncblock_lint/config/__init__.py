"""Configuration: found, checked and folded into one frozen `Config`."""

from asyncblock_lint.config.settle import load_config
from asyncblock_lint.model.config import Config

__all__ = ["Config", "load_config"]
