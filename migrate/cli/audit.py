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
@click.option("--out", type=shared.FILE, metavar="DIR", help="Also write workbook, page, findings, ledger and decisions into DIR.")
@click.option("--force", is_flag=True, help="Replace a former output in DIR.")
@click.option("--sarif", type=shared.FILE, metavar="FILE", help="Also write the findings as SARIF 2.1.0, for code scanning.")
@click.option("--junit", type=shared.FILE, metavar="FILE", help="Also write every rule as a JUnit XML test, for build servers.")
@shared.workbook
@shared.redact
@shared.output
def audit(out: Path | None, force: bool, sarif: Path | None, junit: Path | None, workbook_leases: int, **options: Any) -> int:
    """Judge the exports of PRIMARY and SECONDARY (or of one server) before a migration.

    \b
    Examples:
      unsplit audit dhcp01.xml dhcp02.xml
      unsplit audit hq1.txt hq2.txt --primary-leases hq1-clients.txt --fail-on error
      unsplit audit cluster.xml --out audit/
      unsplit audit dhcp01.xml dhcp02.xml --waivers waivers.toml --sarif dhcp.sarif --junit dhcp-tests.xml
    """
    from migrate import pipeline
    from migrate.cli.output import print_judged, progress, write_file
    from reports.junit import junit_text
    from reports.sarif import sarif_text

    with progress(options["quiet"]) as stage:
        judged = shared.judge("audit", options, out, stage)
        if out:
            written = pipeline.OutputOptions(
                folder=out, force=force, reports_only=True, workbook_leases=workbook_leases, recorded=dict(judged.run.options)
            )
            pipeline.write(judged, written, stage)
        if sarif:
            write_file(sarif, sarif_text(judged.findings, judged.run))
        if junit:
            write_file(junit, junit_text(judged.findings, judged.outcomes, judged.verdict))
    print_judged(judged, options)
    return judged.verdict.exit_status
