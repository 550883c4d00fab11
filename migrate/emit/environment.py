"""The one Jinja2 environment of the emitters. Templates lay out; they compute nothing and look nothing up."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from migrate.emit.quoting import markdown_code, markdown_text, ps_quote


@cache
def environment() -> Environment:
    """A name that a template misspells raises. Nothing is escaped by itself: every value goes through a quoting filter."""
    made = Environment(
        loader=PackageLoader("migrate.emit"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    made.filters.update(ps_quote=ps_quote, md=markdown_text, md_code=markdown_code)
    return made
