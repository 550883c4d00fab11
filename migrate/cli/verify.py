"""`unsplit verify`: the morning after, and monthly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from migrate.cli import options as shared
from migrate.errors import UsageError


@click.command(short_help="Is everything planned on both partners?")
@click.argument("folder", type=shared.FILE, metavar="DIR")
@shared.exports
@shared.reading
@shared.output
def verify(folder: Path, **options: Any) -> int:
    """Hold fresh exports of both partners against the plan in DIR, the output folder of `unsplit migrate`.

    Every planned object is as planned on both partners, differs, or is missing; what the plan does not have is extra. Leases that
    moved on since are told from leases that are lost. Ends with 1 when anything is not as planned, or could not be compared.

    \b
    Examples:
      unsplit verify out dhcp01-after.xml dhcp02-after.xml
      unsplit verify out dhcp01.xml dhcp02.xml --configuration-only
      unsplit verify out dhcp01.xml dhcp02.xml --as-of 2026-11-21T07:00:00Z --format json
    """
    from migrate import __version__, pipeline
    from migrate.cli.output import console, print_json, progress
    from migrate.compare.verification import verify as compare_with_plan
    from migrate.folder import is_redacted
    from migrate.model.server import Role
    from migrate.planned import read_planned
    from reports import comparison, comparison_data

    with progress(options["quiet"]) as stage:
        stage(f"reading {folder}")
        planned = read_planned(folder)
        if is_redacted(folder):
            raise UsageError(
                "redacted-plan",
                f"{folder} is redacted: its names and client ids are those of no server.",
                hint="Name the folder of a `unsplit migrate` run without --redact.",
            )
        relationship = next(iter(planned.target.relationships), None)
        names = {
            Role.PRIMARY: relationship.primary_server if relationship else None,
            Role.SECONDARY: relationship.secondary_server if relationship else None,
        }
        sources = shared.load_exports(options, names, stage)
        as_of_s = pipeline.as_of(sources, options["as_of"])
        if options["as_of"] is None:  # clients that hold their first, short lease after failover began make it look too early
            as_of_s = max(as_of_s, planned.target.as_of_s)
        stage("comparing")
        verification = compare_with_plan(
            planned.target,
            planned.leases,
            sources,
            as_of_s=as_of_s,
            left_out=planned.left_out,
            configuration_only=options["configuration_only"],
        )
    compared = comparison.Compared(sources=sources)
    if options["form"] == "json":
        print_json(comparison_data.verification_data(verification, compared, __version__))
    elif options["quiet"]:
        sentence = comparison.verification_sentence(verification, compared.names)
        comparison.write_answer(console(options["no_color"]), sentence, good=verification.exit_status == 0)
    else:
        comparison.write_verification(console(options["no_color"]), verification, compared, verbose=options["verbose"])
    return verification.exit_status
