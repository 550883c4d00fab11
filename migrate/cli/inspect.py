"""`unsplit inspect`: what is this file?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from migrate.cli import options as shared


@click.command(short_help="What is this file?")
@click.argument("files", type=shared.FILE, nargs=-1, required=True)
@shared.reading
@shared.output
def inspect(files: tuple[Path, ...], **options: Any) -> int:
    """Say what each of FILES is and what stands in it, without judging it.

    \b
    Examples:
      unsplit inspect dhcp01.xml
      unsplit inspect hq1.txt hq1-clients.txt --format json
    """
    from migrate.cli.output import console, print_json
    from migrate.pipeline import inspect_file
    from reports.inspection import inspection_data, write_inspection

    inspections = [inspect_file(path, shared.read_options(options)) for path in files]
    if options["form"] == "json":
        print_json([inspection_data(inspection) for inspection in inspections])
        return 0
    target = console(options["no_color"])
    for number, inspection in enumerate(inspections):
        if number:
            target.print()
        write_inspection(target, inspection, verbose=options["verbose"])
    return 0
