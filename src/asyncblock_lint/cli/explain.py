"""`explain`: the page of a code or of a library."""

import click

from asyncblock_lint.cli.output import emit
from asyncblock_lint.config import load_config
from asyncblock_lint.config.selection import did_you_mean
from asyncblock_lint.errors import UserError
from asyncblock_lint.explain import code_page, library_page
from asyncblock_lint.model.codes import CODES
from asyncblock_lint.pipeline import catalogue


@click.command(short_help="Explain a code or a library.")
@click.argument("subject", metavar="CODE|NAME|LIBRARY")
def explain(subject: str) -> int:
    """Explain a code, by code (ABL101) or name (blocking-sleep), or what is known of a library."""
    pages = [code_page(code) for code in CODES if subject in (code.code, code.name)]
    emit(["\n".join(pages or _library_pages(subject))])
    return 0


def _library_pages(subject: str) -> list[str]:
    libraries = catalogue(load_config()).libraries
    pages = [library_page(library) for library in libraries if library.name == subject]
    if not pages:
        known = [word for code in CODES for word in (code.code, code.name)]
        hint = did_you_mean(subject, [*known, *(library.name for library in libraries)])
        raise UserError(f"nothing is known of '{subject}'{hint}")
    return pages
