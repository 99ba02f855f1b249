"""From a result to text: one file a format, found by being there."""

from asyncblock_lint.report.options import ReportOptions
from asyncblock_lint.report.registry import Reporter, reporter, reporter_names
from asyncblock_lint.report.statistics import statistics

__all__ = ["ReportOptions", "Reporter", "reporter", "reporter_names", "statistics"]
