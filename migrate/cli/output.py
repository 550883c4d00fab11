"""Where results and progress go: results to stdout, progress to stderr, colour and progress only on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrate.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from migrate.pipeline import Judged


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """A function to be told each stage; it shows the running one with its time while stderr is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda stage: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(finished_text=" "), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:

        def begin(stage: str) -> None:
            for task in bar.tasks:
                bar.update(task.id, total=1, completed=1)
            bar.add_task(stage, total=None)

        yield begin


def console(no_color: bool) -> Console:
    """For stdout: fitted to a terminal, plain and as wide as it takes when piped."""
    from reports.text import plain_console

    if no_color or not sys.stdout.isatty():
        return plain_console(sys.stdout)  # type: ignore[arg-type]
    from rich.console import Console

    return Console(highlight=False, markup=False)


def print_judged(judged: Judged, options: dict[str, Any]) -> None:
    from reports import machine, text

    if options["form"] == "json":
        print_json(machine.report_data(judged.result, judged.findings, judged.verdict, judged.run, judged.outcomes))
        return
    target = console(options["no_color"])
    if options["quiet"]:
        text.write_verdict(target, judged.verdict, judged.run)
    else:
        text.write_text(target, judged.result, judged.findings, judged.verdict, judged.run, verbose=options["verbose"])


def write_file(path: Path, text: str) -> None:
    """Replaces the file in one step, so that a failure leaves the former one. Raises UsageError where it cannot be written."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(text.encode(errors="replace"))
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise UsageError(
            "cannot-write", f"{path} cannot be written: {error.strerror}.", hint="Name a file in a folder that exists."
        ) from error


def print_json(document: Any) -> None:
    from reports.machine import json_text

    click.echo(json_text(document), nl=False)
