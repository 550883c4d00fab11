"""What a rule module is, and how its docstring becomes a page."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

SOURCE = "source"
"""Judges each server by itself."""
PAIR = "pair"
"""Compares the two servers; not applicable to one alone."""
TARGET = "target"
"""Judges the merged configuration and the relationship."""
NIGHT = "night"
"""Needs the live servers: the emitted precheck asks them in the change window."""
WAIVERS = "waivers"
"""Judges the waivers file against what was found."""

HEADINGS = ("What it finds", "Why it matters", "Example", "Remedy", "References")


class Page(Protocol):
    """A rule as `explain` shows it. The module's docstring is a title line and then a paragraph under each of HEADINGS."""

    @property
    def ID(self) -> str: ...
    @property
    def NUMBER(self) -> str | None: ...
    @property
    def SEVERITY(self) -> Severity:
        """The worst it reports by itself; a settled decision is reported as a warning."""
        ...

    @property
    def LOOKS_AT(self) -> str: ...


class Rule(Page, Protocol):
    """A rule that inputs alone can decide."""

    def check(self, subject: Subject, /) -> Iterator[Finding]: ...


@runtime_checkable
class DoubtfulRule(Protocol):
    """A rule that may be unable to tell when it finds nothing."""

    def unknown(self, subject: Subject, /) -> str:
        """Why it cannot tell; empty when it can."""
        ...


def page_text(page: Page) -> str:
    head = f"{page.ID} ({page.NUMBER}), {page.SEVERITY.word}" if page.NUMBER else f"{page.ID}, {page.SEVERITY.word}"
    return f"{head}\n\n{inspect.cleandoc(page.__doc__ or '')}\n"


def page_section(page: Page, heading: str) -> str:
    """The paragraphs under one of HEADINGS, as one line; empty when the page lacks the heading."""
    lines = inspect.cleandoc(page.__doc__ or "").splitlines()
    if heading not in lines:
        return ""
    rest = lines[lines.index(heading) + 1 :]
    end = next((number for number, line in enumerate(rest) if line in HEADINGS), len(rest))
    return " ".join(line.strip() for line in rest[:end] if line.strip())
