"""The `unsplit` command. Each command: options, one call of the pipeline, output, exit status.

Nothing heavy is imported until a command runs: `unsplit --help` must answer at once.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import traceback
from pathlib import Path

import click

from migrate import __version__
from migrate.cli.audit import audit
from migrate.cli.completion import completion
from migrate.cli.diff import diff
from migrate.cli.dry_run import dry_run
from migrate.cli.explain import explain
from migrate.cli.inspect import inspect
from migrate.cli.man import man
from migrate.cli.migrate import migrate
from migrate.cli.verify import verify
from migrate.cli.wizard import wizard
from migrate.errors import MigrateError

INTERNAL_ERROR = 70
INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="unsplit")
def cli() -> None:
    """Move split-scope or clustered Windows DHCP to DHCP failover.

    Works on exports, never on a server: what it finds, decides and writes can be read, checked and rehearsed first.
    """


for command in (inspect, audit, migrate, wizard, dry_run, verify, diff, explain, completion, man):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and leave with its exit status: 0, 1, 2, or 70 for our own errors (design.md section 3)."""
    gc.disable()  # one run, no cycles worth collecting: looking for them costs a tenth of the time of a large estate
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    try:
        status = cli.main(args=arguments, prog_name="unsplit", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted. Nothing was written.", err=True)
        return INTERRUPTED
    except MigrateError as error:
        click.echo(str(error), err=True)
        return error.exit_status
    except BrokenPipeError:
        sys.stderr.close()
        return INTERRUPTED
    except Exception as error:
        click.echo(f"unsplit has a bug: {type(error).__name__}: {error}. Details are in {_keep_traceback()}", err=True)
        return INTERNAL_ERROR
    return status if isinstance(status, int) else 0


def _keep_traceback() -> Path:
    with tempfile.NamedTemporaryFile("w", prefix="unsplit-", suffix=".log", delete=False, encoding="utf-8") as file:
        file.write(f"unsplit {__version__}\n")
        traceback.print_exc(file=file)
    return Path(file.name)
