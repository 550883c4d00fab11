"""`unsplit diff`: two exports, without a plan."""

from __future__ import annotations

from typing import Any

import click

from migrate.cli import options as shared


@click.command(short_help="How do two partners, or two dates, differ?")
@shared.exports
@shared.reading
@shared.output
def diff(**options: Any) -> int:
    """Compare two exports: of two partners, or of one server on two dates (the older first).

    Ends with 1 when they differ, or when a lease of the first that should still run is not in the second.

    \b
    Examples:
      unsplit diff dhcp01.xml dhcp02.xml
      unsplit diff dhcp01-october.xml dhcp01-november.xml --configuration-only
    """
    from migrate import __version__, pipeline
    from migrate.cli.output import console, print_json, progress
    from migrate.compare import exports
    from migrate.model.server import Role
    from reports import comparison, comparison_data

    with progress(options["quiet"]) as stage:
        sources = shared.load_exports(options, {}, stage)
        as_of_s = pipeline.as_of(sources, options["as_of"])
        stage("comparing")
        difference = exports.diff(
            sources[Role.PRIMARY],
            sources[Role.SECONDARY],
            as_of_s=as_of_s,
            configuration_only=options["configuration_only"],
        )
    compared = comparison.Compared(sources=sources)
    if options["form"] == "json":
        print_json(comparison_data.difference_data(difference, compared, __version__))
    elif options["quiet"]:
        sentence = comparison.difference_sentence(difference)
        comparison.write_answer(console(options["no_color"]), sentence, good=difference.exit_status == 0)
    else:
        comparison.write_difference(console(options["no_color"]), difference, compared, verbose=options["verbose"])
    return difference.exit_status
