"""Asking on a plain terminal: one question, checked at once, asked again with a sentence that says what was wrong.

Ctrl-C leaves as click.Abort. The end of the input is an error, so that a script that runs out of answers does not look like
a person who changed their mind.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from migrate.errors import MigrateError, UsageError

Answer = TypeVar("Answer")
WIDTH = 100


class Unacceptable(Exception):
    """An answer that cannot be used; the message is a sentence for whoever gave it."""


def ask(question: str, check: Callable[[str], Answer], *, default: str = "") -> Answer:
    """Until `check` accepts the answer. `check` raises Unacceptable, or a MigrateError of whatever it tried."""
    while True:
        with _input_must_not_end():
            text = click.prompt(question, default=default, show_default=bool(default), type=str)
        try:
            return check(text.strip())
        except Unacceptable as wrong:
            say(str(wrong))
        except MigrateError as error:
            say(error.message)
            say(error.hint)


def confirm(question: str, *, default: bool) -> bool:
    with _input_must_not_end():
        return click.confirm(question, default=default)


def choose(question: str, alternatives: Mapping[str, str], *, default: str = "") -> str:
    """One of `alternatives`, shown with their meaning, by number or by name."""
    names = list(alternatives)
    width = max(map(len, names))
    for number, (name, meaning) in enumerate(alternatives.items(), 1):
        lead = f"  {number}  {name:<{width}}  "
        say(meaning, lead)

    def check(text: str) -> str:
        if text.isdecimal() and 1 <= int(text) <= len(names):
            return names[int(text) - 1]
        if text in alternatives:
            return text
        raise Unacceptable(f"{text!r} is none of these; answer with a number from 1 to {len(names)}, or with a name.")

    return ask(question, check, default=default)


def percent(text: str) -> int:
    if text.isdecimal() and int(text) <= 100:
        return int(text)
    raise Unacceptable(f"{text!r} is no percentage; write a whole number from 0 to 100.")


def say(text: str, lead: str = "  ") -> None:
    """In lines that fit any terminal, further ones under the first; what cannot be seen is spelled out."""
    from reports.visible import on_one_line

    width = max(WIDTH, len(lead) + 20)
    for line in textwrap.wrap(on_one_line(text), width, initial_indent=lead, subsequent_indent=" " * len(lead)):
        click.echo(line)


def heading(text: str) -> None:
    click.echo(f"\n{text}")


@contextmanager
def _input_must_not_end() -> Iterator[Any]:
    try:
        yield
    except click.Abort as abort:
        if isinstance(abort.__context__, EOFError):
            click.echo()
            raise UsageError(
                "input-ended",
                "The input ended before every question was answered. Nothing was written.",
                hint="Run `unsplit wizard` on a terminal, or `unsplit migrate` with options in a script.",
            ) from None
        raise
