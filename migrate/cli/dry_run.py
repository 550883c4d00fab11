"""`unsplit dry-run`: what happens to whom, for how long, if this goes wrong? Go or no-go, with an exit status."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from migrate.cli import options as shared


@click.command(name="dry-run", short_help="Play outages and the change itself on the plan.")
@click.argument("folder", type=shared.FILE, metavar="DIR")
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, metavar="N", help="The same seed plays the same run."
)
@click.option(
    "--clients",
    type=click.IntRange(min=1),
    default=2_000,
    show_default=True,
    metavar="N",
    help="Most clients of a relationship to play; of more a sample.",
)
@click.option("--scopes", type=click.IntRange(min=1), metavar="N", help="Only the N fullest scopes (default: all).")
@shared.output
def dry_run(folder: Path, seed: int, clients: int, scopes: int | None, **options: Any) -> int:
    """Play the plan in DIR, the output folder of `unsplit migrate`: a lease time of renewals, the loss of either partner, a broken
    link, clocks apart, a full pool, and the change window itself, with the clients of the merged leases.

    Ends with 1 when an invariant is broken: no address for two clients, none promised beyond what the partner knows, and the others
    of the page that `--verbose` prints.

    \b
    Examples:
      unsplit dry-run out
      unsplit dry-run out --seed 7 --clients 500 --scopes 40
      unsplit dry-run out --format json
    """
    from migrate.cli.output import console, print_json, progress
    from migrate.planned import read_planned
    from migrate.rehearsal import full_rehearsal, rehearsal_data
    from migrate.simulate.dry_run import DryRunSettings, Outcome
    from migrate.simulate.summary import summary

    with progress(options["quiet"]) as stage:
        planned = read_planned(folder)
        settings = DryRunSettings(seed=seed, max_clients=clients, compares_modes=options["verbose"])
        rehearsal = full_rehearsal(planned.target, planned.leases, settings, stage, scopes=scopes)
    if options["form"] == "json":
        print_json(rehearsal_data(rehearsal))
    else:
        lines = list(summary(rehearsal.run))
        for line in lines[:1] if options["quiet"] else lines:
            console(options["no_color"]).print(line, soft_wrap=True)
    return 1 if rehearsal.run.outcome is Outcome.BROKEN else 0
