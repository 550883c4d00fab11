"""`unsplit explain`: why? A rule's page, or the life of one address or client."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from migrate.cli.options import FILE
from migrate.errors import UsageError

if TYPE_CHECKING:
    from migrate.explain import Life


@click.command(short_help="Why? A rule, an address or a client.")
@click.argument("thing")
@click.argument("folder", type=FILE, required=False)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the result."
)
def explain(thing: str, folder: Path | None, form: str) -> int:
    """Explain THING: a rule by name or number, or an address or client id of the output in FOLDER.

    \b
    Examples:
      unsplit explain overlapping-pools
      unsplit explain WF-025
      unsplit explain 10.20.0.17 out
      unsplit explain 00-15-5d-01-02-03 out
    """
    from migrate.checks import rule_page

    page = rule_page(thing)
    if page:
        _print(page, {"rule": thing, "page": page}, form)
        return 0
    from migrate.explain import explain_thing, parse_thing

    parsed = parse_thing(thing)
    if parsed is None:
        raise UsageError(
            "unknown-thing",
            f"{thing!r} is neither a rule nor an address nor a client id.",
            hint="`unsplit audit` names the rules of its findings; an address is written 10.20.0.17.",
        )
    if folder is None:
        raise UsageError("no-folder", f"To explain {thing}, name the output folder too.", hint=f"unsplit explain {thing} DIR")
    life = explain_thing(parsed, folder)
    _print(_text(life), _data(life), form)
    return 0 if life.before or life.findings or life.decisions or len(life.after) > 1 else 1


def _print(text: str, data: dict[str, object], form: str) -> None:
    from migrate.cli.output import print_json

    if form == "json":
        print_json(data)
    else:
        click.echo(text)


def _data(life: Life) -> dict[str, object]:
    names = ("source", "object", "disposition", "reason", "line")
    return {
        "thing": str(life.thing),
        "before": [dict(zip(names, row, strict=True)) for row in life.before],
        "after": list(life.after),
        "findings": list(life.findings),
        "decisions": list(life.decisions),
    }


def _text(life: Life) -> str:
    from reports.visible import on_one_line

    before = [f"{source}: {what}, {disposition} ({reason})" for source, what, disposition, reason, _ in life.before]
    sections = (
        ("Before", before or ["no server holds it"]),
        ("After", life.after),
        ("Findings", life.findings),
        ("Decisions", life.decisions),
    )
    lines = [str(life.thing)]
    for heading, items in sections:
        if items:
            lines += [f"  {heading}", *(f"    {on_one_line(item)}" for item in items)]
    return "\n".join(lines)
