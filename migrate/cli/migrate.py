"""`unsplit migrate`: the change, prepared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrate.cli import options as shared
from migrate.errors import UsageError

if TYPE_CHECKING:
    from migrate.pipeline import Judged

TARGETS = ("windows", "kea", "isc-dhcpd")


@click.command(short_help="Prepare the change: plan, import files, script, workbook.")
@shared.sources
@click.option("--out", type=shared.FILE, required=True, metavar="DIR", help="Folder for everything that is written.")
@click.option("--force", is_flag=True, help="Replace a former output in DIR.")
@shared.relationship
@shared.judging
@click.option(
    "--target", "targets", type=click.Choice(TARGETS), multiple=True, default=("windows",), show_default=True, help="Repeatable."
)
@shared.reading
@click.option("--no-dry-run", is_flag=True, help="Emit without playing the drills first; the manifest says so.")
@shared.workbook
@shared.redact
@shared.output
def migrate(out: Path, force: bool, targets: tuple[str, ...], workbook_leases: int, no_dry_run: bool, **options: Any) -> int:
    """Merge the exports of PRIMARY and SECONDARY into one failover configuration and write it into DIR.

    With one export (a cluster, a single server) name the new partner with --partner. When something blocks, only the reports are
    written: fill in decisions.toml and run again with --decisions.

    \b
    Examples:
      unsplit migrate dhcp01.xml dhcp02.xml --out out
      unsplit migrate dhcp01.xml dhcp02.xml --out out --force --decisions out/decisions.toml
      unsplit migrate cluster.xml --partner dhcp02 --mode hot-standby --reserve-percent 10 --out out
    """
    from migrate.cli.output import print_judged, progress
    from migrate.emit import EMITTERS
    from migrate.folder import OutputFolder

    _refuse_early(options, targets, EMITTERS)
    with progress(options["quiet"]) as stage:
        OutputFolder(out, force=force).refuse_unless_replaceable()
        judged = shared.judge("migrate", options, out, stage)
        judged = rehearse_and_write(
            judged, stage, out=out, force=force, targets=targets, workbook_leases=workbook_leases, no_dry_run=no_dry_run
        )
    print_judged(judged, options)
    return judged.verdict.exit_status


def rehearse_and_write(
    judged: Judged,
    stage: Callable[[str], None],
    *,
    out: Path,
    force: bool,
    targets: tuple[str, ...],
    workbook_leases: int,
    no_dry_run: bool,
) -> Judged:
    """A redacted output holds nothing that could be applied."""
    from migrate import pipeline

    judged = pipeline.skip_rehearsal(judged) if no_dry_run else pipeline.rehearse(judged, stage)
    written = pipeline.OutputOptions(
        folder=out,
        force=force,
        targets=() if judged.run.redacted else targets,
        workbook_leases=workbook_leases,
        recorded=dict(judged.run.options) | shared.recorded({"targets": targets}),
    )
    pipeline.write(judged, written, stage)
    return judged


def _refuse_early(options: dict[str, Any], targets: tuple[str, ...], known: Any) -> None:
    if not options["secondary"] and not options["partner"]:
        raise UsageError(
            "no-partner",
            "One export was given and no partner: failover needs two servers.",
            hint="Give the second export, or name the new partner of a cluster or single server with --partner NAME.",
        )
    for target in targets:
        if target not in known:
            raise UsageError(
                "target-not-available", f"This version cannot write the target {target!r}.", hint=f"Choose from {', '.join(known)}."
            )
