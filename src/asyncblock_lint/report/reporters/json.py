"""The whole result for programs; the keys are a promise, and `version` tells which."""

import json
from collections.abc import Iterator

from asyncblock_lint.model.result import Diagnostic, Edit, Fix, Hop, LintResult
from asyncblock_lint.report.options import ReportOptions

DESCRIPTION = "everything, for programs; columns count from 0"
FOR_PEOPLE = False


def render(result: LintResult, options: ReportOptions) -> Iterator[str]:
    """One object with findings, problems and the summary."""
    document = {
        "version": 1,
        "findings": [_finding(finding) for finding in result.findings],
        "problems": [
            {"path": problem.path, "line": problem.line, "message": problem.message}
            for problem in result.problems
        ],
        "summary": {
            "files": result.summary.files,
            "functions": result.summary.functions,
            "findings": result.summary.findings,
            "problems": result.summary.problems,
        },
    }
    yield json.dumps(document, indent=2, ensure_ascii=False)
    yield "\n"


def _finding(finding: Diagnostic) -> dict[str, object]:
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "certainty": finding.certainty.label,
        "callee": finding.callee,
        "context": {"kind": finding.context.kind, "function": finding.context.function},
        "trace": [_hop(hop) for hop in finding.trace],
        "others": finding.others,
        "help": finding.help,
        "fix": finding.fix and _fix(finding.fix),
        "fingerprint": finding.fingerprint,
    }


def _hop(hop: Hop) -> dict[str, object]:
    return {
        "path": hop.path,
        "line": hop.line,
        "column": hop.column,
        "function": hop.function,
        "calls": hop.calls,
    }


def _fix(fix: Fix) -> dict[str, object]:
    return {
        "title": fix.title,
        "applicability": fix.applicability,
        "edits": [_edit(edit) for edit in fix.edits],
    }


def _edit(edit: Edit) -> dict[str, object]:
    return {
        "line": edit.line,
        "column": edit.column,
        "end_line": edit.end_line,
        "end_column": edit.end_column,
        "text": edit.text,
    }
