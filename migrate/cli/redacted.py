"""`--redact` on the command line: what was asked, told without the names that stood in the question."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrate.errors import UsageError

if TYPE_CHECKING:
    from migrate.redaction.sources import Redacted

OUT = "DIR"
FOREIGN_DECISIONS = ("stale-decision", "unknown-choice")
"""Errors that quote the decisions file."""
_NAMES = ("partner", "primary_name", "secondary_name", "relationship")
_INPUTS = ("primary", "secondary", "primary_leases", "secondary_leases")
_FILES = {"out": OUT, "decisions": "decisions.toml", "sarif": "findings.sarif", "junit": "findings-junit.xml"}
"""What other files are called, whatever their name is."""


def refuse_what_names_objects(options: Mapping[str, Any]) -> None:
    if options["waivers"]:
        raise UsageError(
            "waivers-not-redacted",
            "--waivers names objects as they are called, which --redact must not show.",
            hint="Leave one of the two out.",
        )


def foreign_decisions() -> UsageError:
    return UsageError(
        "decisions-not-redacted",
        "The decisions file does not fit the redacted inputs: it was written for other inputs, or without --redact.",
        hint="Take the decisions.toml that a run with --redact wrote, and answer there; addresses are the same in both.",
    )


def redacted_options(options: Mapping[str, Any], redacted: Redacted) -> dict[str, Any]:
    return {name: _replaced(name, value, redacted) for name, value in options.items()}


def redacted_arguments(redacted: Redacted) -> tuple[str, ...]:
    """The command line as typed, but for words that are, or end in, the value of an option that is replaced."""
    context = click.get_current_context()
    words = sys.argv[1:]
    typed, _, _ = context.command.make_parser(context).parse_args(words[1:])
    replacements: dict[str, str] = {}
    for name, value in typed.items():
        for each in value if isinstance(value, list | tuple) else [value]:
            if isinstance(each, str) and (name in _NAMES or name in _INPUTS or name in _FILES):
                replacements[each] = str(_replaced(name, each, redacted))
    return (words[0], *(_word(word, replacements) for word in words[1:]))


def _word(word: str, replacements: Mapping[str, str]) -> str:
    if word in replacements:
        return replacements[word]
    option, equals, value = word.partition("=")
    return f"{option}={replacements.get(value, value)}" if equals and option.startswith("--") else word


def _replaced(name: str, value: Any, redacted: Redacted) -> Any:
    redact = _redactor(name, redacted)
    if redact is None or not value:
        return value
    return tuple(map(redact, value)) if isinstance(value, tuple) else redact(value)


def _redactor(name: str, redacted: Redacted) -> Callable[[Any], Any] | None:
    if name in _NAMES:
        return redacted.pseudonyms.name
    if name in _INPUTS:
        return lambda path: redacted.paths[str(Path(path))]
    if name in _FILES:
        return lambda _: _FILES[name]
    return None
