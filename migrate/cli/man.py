"""`unsplit man`: the manual page, made from the commands themselves, so that it cannot lag behind them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from migrate import __version__

EXIT_STATUS = (
    ("0", "Done; nothing at or above the chosen level."),
    (
        "1",
        "Done, and the answer is no: a blocking finding, an open decision, a mismatch. Nothing that could be applied is written.",
    ),
    ("2", "Bad usage, or an input that cannot be read or trusted. Nothing is written."),
    ("70", "A bug of ours; the message names the file with the details."),
    ("130", "Interrupted. Nothing is written."),
)
_ESCAPES = str.maketrans({"\\": "\\e", "-": "\\-", "`": "\\(ga", "'": "\\(aq", "^": "\\(ha", "~": "\\(ti"})
_LITERAL = "\b"
"""How click marks a paragraph of a help text that keeps its lines."""


@click.command(short_help="The manual page, for man(1).")
def man() -> int:
    """Print the manual page of `unsplit` and all its commands, as roff.

    \b
    Examples:
      unsplit man | man -l -
      unsplit man > /usr/local/share/man/man1/unsplit.1
    """
    root = click.get_current_context().find_root().command
    assert isinstance(root, click.Group)
    click.echo(man_page(root))
    return 0


def man_page(root: click.Group) -> str:
    context = click.Context(root, info_name="unsplit", **root.context_settings)
    title, *description = _paragraphs(root)
    lines = [
        f'.TH UNSPLIT 1 "" "unsplit {_escaped(__version__)}" "User Commands"',
        ".SH NAME",
        f"unsplit \\- {_escaped(title[:1].lower() + title[1:].rstrip('.'))}",
        ".SH SYNOPSIS",
        f".B unsplit\n{_escaped(' '.join(root.collect_usage_pieces(context)))}",
        ".SH DESCRIPTION",
        *_text(description),
        *_options(root, context),
        ".SH COMMANDS",
    ]
    for name, command in root.commands.items():
        lines += _command(name, command, context)
    lines.append(".SH EXIT STATUS")
    for status, meaning in EXIT_STATUS:
        lines += [".TP", f".B {status}", _escaped(meaning)]
    return "\n".join(lines)


def _command(name: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, parent=parent, info_name=name)
    yield f".SS unsplit {_escaped(' '.join([name, *command.collect_usage_pieces(context)]))}"
    yield from _text(_paragraphs(command))
    yield from _options(command, context)


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
        if record:
            yield from (".TP", f".B {_escaped(record[0])}", _escaped(record[1]))


def _paragraphs(command: click.Command) -> list[str]:
    return re.split(r"\n\n+", inspect.cleandoc(command.help or ""))


def _text(paragraphs: list[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        if paragraph.startswith(_LITERAL):
            heading, *lines = paragraph.removeprefix(_LITERAL).strip("\n").split("\n")
            yield from (".PP", _escaped(heading), ".PP", ".RS 4", ".nf", *(_escaped(line.strip()) for line in lines), ".fi", ".RE")
        else:
            yield from (".PP", _escaped(" ".join(paragraph.split())))


def _escaped(text: str) -> str:
    """Nothing in it is a request or an escape, and hyphens stay hyphens, so that an option can be copied out of the page."""
    text = text.translate(_ESCAPES)
    return "\\&" + text if text.startswith(".") else text
