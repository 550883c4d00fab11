"""`unsplit audit`: what have we got, and what would stand in the way?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from migrate.cli import options as shared


@click.command(short_help="What have we got, and what stands in the way?")
@shared.sources
@shared.reading
@shared.judging
@click.option("--out", type=shared.FILE, metavar="DIR", help="Also write workbook, findings, ledger and decisions into DIR.")
@click.option("--force", is_flag=True, help="Replace a former output in DIR.")
@shared.workbook
@shared.output
def audit(out: Path | None, force: bool, workbook_leases: int, **options: Any) -> int:
    """Judge the exports of PRIMARY and SECONDARY (or of one server) before a migration.

    \b
    Examples:
      unsplit audit dhcp01.xml dhcp02.xml
      unsplit audit hq1.txt hq2.txt --primary-leases hq1-clients.txt --fail-on error
      unsplit audit cluster.xml --out audit/
    """
    from migrate import pipeline
    from migrate.cli.output import print_judged, progress

    with progress(options["quiet"]) as stage:
        judged = shared.judge("audit", options, out, stage)
        if out:
            written = pipeline.OutputOptions(
                folder=out, force=force, reports_only=True, workbook_leases=workbook_leases, recorded=shared.recorded(options)
            )
            pipeline.write(judged, written, stage)
    print_judged(judged, options)
    return judged.verdict.exit_status
