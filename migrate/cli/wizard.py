"""`unsplit wizard`: the same as migrate, asked step by step.

The answers become words of a `migrate` command line, which is parsed, run and printed: there is no second way to a result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrate.cli import options as shared
from migrate.cli.dialog.decisions import ask_defaulted, ask_open
from migrate.cli.dialog.exports import ask_partner, ask_primary, ask_secondary
from migrate.cli.dialog.questions import Unacceptable, ask, confirm, heading, say
from migrate.cli.dialog.relationship import ask_relationship
from migrate.cli.migrate import migrate, rehearse_and_write
from migrate.cli.output import console, progress
from migrate.errors import StaleDecision

if TYPE_CHECKING:
    from migrate.merge.settings import Answer
    from migrate.model.server import Role, Source
    from migrate.pipeline import Judged


_WRITING = ("out", "force", "targets", "workbook_leases", "no_dry_run")
"""Parameters of `migrate` that shape no result."""


@click.command(short_help="The same as migrate, asked step by step.")
@shared.reading
def wizard(**options: Any) -> int:
    """Prepare a migration by answering questions: the exports, what is open, the mode, and where to write.

    Nothing is written before the last question. At the end stands the `unsplit migrate` command that gives the same folder.

    \b
    Examples:
      unsplit wizard
      unsplit wizard --encoding cp850
    """
    interview = _ask_servers(options)
    interview.words += ["--out", str(ask("\nFolder for the result", _output_folder, default="out")), "--force"]
    answers_path = interview.writing["out"] / "decisions.toml"
    # answers may close decisions and open others: again, until nothing is left that was not asked
    asked: set[str] = set()
    judged = interview.judge()
    while any(decision.id not in asked for decision in judged.result.open_decisions):
        asked |= {decision.id for decision in judged.result.open_decisions}
        interview.answers |= ask_open(judged.result, answers_path)
        judged = interview.judge()
    interview.answers |= ask_defaulted(judged.result, answers_path)
    interview.words += ask_relationship(interview.judge)
    if interview.answers:
        interview.words += ["--decisions", str(answers_path)]
    return _finish(interview)


@dataclass(slots=True, kw_only=True)
class Interview:
    """What has been answered so far."""

    sources: dict[Role, Source]
    as_of_s: int
    words: list[str]
    """Of the command line, from `migrate` on."""
    answers: dict[str, Answer] = field(default_factory=dict)

    @property
    def options(self) -> dict[str, Any]:
        """What `migrate` would make of the words, but for what stands in `writing`."""
        return {name: value for name, value in _params(self.words).items() if name not in _WRITING}

    @property
    def writing(self) -> dict[str, Any]:
        params = _params(self.words)
        return {name: params[name] for name in _WRITING}

    def judge(self, further_words: Sequence[str] = ()) -> Judged:
        """As `unsplit migrate` does, but for the decisions file, which is not written yet. An answer that another answer has
        made pointless is forgotten."""
        from migrate import pipeline

        asked = replace(self, words=[*self.words, *further_words])
        options, out = asked.options, asked.writing["out"]
        run = replace(shared.run_record("migrate", options, self.sources, out), arguments=tuple(asked.words))
        settings = shared.settings(options | {"decisions": None}, self.sources, self.as_of_s)
        while True:
            try:
                with progress(False) as stage:
                    answered = replace(settings, answers=dict(self.answers))
                    return pipeline.judge(self.sources, answered, run, shared.fail_on(options), stage)
            except StaleDecision as stale:
                del self.answers[stale.decision_id]


def _params(words: Sequence[str]) -> dict[str, Any]:
    return migrate.make_context("migrate", list(words[1:])).params


def _ask_servers(options: dict[str, Any]) -> Interview:
    from migrate import pipeline
    from migrate.merge.as_of import stated_as_of
    from migrate.model.lease_text import utc_text
    from migrate.model.server import Role

    read_options = shared.read_options(options)
    primary = ask_primary(read_options)
    secondary = ask_secondary(read_options, primary)
    sources = {Role.PRIMARY: primary.source}
    words = ["migrate", str(primary.path)]
    if secondary:
        sources[Role.SECONDARY] = secondary.source
        words += [str(secondary.path), *secondary.words(Role.SECONDARY)]
    else:
        words += ["--partner", ask_partner(primary)]
    words += [*primary.words(Role.PRIMARY), *_reading_words(options)]
    as_of_s = pipeline.as_of(sources, None)
    if stated_as_of(sources.values()) is None:  # then it is now, and a later run must be told
        words += ["--as-of", utc_text(as_of_s)]
    return Interview(sources=sources, as_of_s=as_of_s, words=words)


def _finish(interview: Interview) -> int:
    from reports.preview import write_preview
    from reports.text import write_verdict
    from reports.verdict import command_line

    judged = interview.judge()
    out = interview.writing["out"]
    heading("What this comes to")
    click.echo()
    write_preview(console(no_color=False), judged.result)
    click.echo(f"\n{judged.verdict.sentence}")
    what = "everything" if judged.verdict.is_ready else "the reports"
    if not confirm(f"Write {what} into {out}?", default=True):
        click.echo("Nothing was written.")
        return 1
    with progress(False) as stage:
        judged = rehearse_and_write(judged, stage, **interview.writing)
    click.echo()
    write_verdict(console(no_color=False), judged.verdict, judged.run)
    heading("The same without questions:")
    click.echo(f"  {command_line(interview.words)}")
    return judged.verdict.exit_status


def _output_folder(text: str) -> Path:
    from migrate.folder import OutputFolder

    folder = Path(text.strip("\"'")).expanduser()
    OutputFolder(folder, force=True).refuse_unless_replaceable()
    if folder.is_dir() and any(folder.iterdir()):
        say(f"{folder} holds a former output, which would be replaced.")
        if not confirm("Replace it?", default=False):
            raise Unacceptable("Name another folder.")
    return folder


def _reading_words(options: dict[str, Any]) -> list[str]:
    defaults = {parameter.name: parameter.default for parameter in wizard.params}
    given = {name: value for name, value in options.items() if value is not None and value != defaults[name]}
    return [word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", _spelled(value))]


def _spelled(value: object) -> str:
    return str(value).removeprefix("UTC") or "UTC" if isinstance(value, tzinfo) else str(value)
