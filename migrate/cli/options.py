"""Options that several commands share, and what they mean to the pipeline."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from migrate.cli.values import Duration, Instant, ScopeId, Zone
from migrate.errors import UsageError
from migrate.model.origin import Origin

if TYPE_CHECKING:
    from migrate.load import SourceRequest
    from migrate.merge.settings import Settings
    from migrate.model.finding import Severity
    from migrate.model.server import Role, Source
    from migrate.pipeline import Judged
    from parsers.result import ReadOptions
    from reports.verdict import RunRecord

Command = TypeVar("Command", bound=Callable[..., Any])
MIB = 1 << 20
FILE = click.Path(path_type=Path)
TARGET_SYSTEMS = ("2012", "2012r2", "2016", "2019", "2022", "2025")


def _together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


sources = _together(
    click.argument("primary", type=FILE),
    click.argument("secondary", type=FILE, required=False),
    click.option("--partner", metavar="NAME", help="Name of the new partner, when PRIMARY is a cluster or a single server."),
    click.option("--primary-name", metavar="NAME", help="Name of the primary server (an XML export does not tell it)."),
    click.option("--secondary-name", metavar="NAME", help="Name of the secondary server."),
    click.option("--primary-leases", type=FILE, multiple=True, metavar="FILE", help="Lease listing of the primary; repeatable."),
    click.option(
        "--secondary-leases", type=FILE, multiple=True, metavar="FILE", help="Lease listing of the secondary; repeatable."
    ),
)
exports = _together(
    click.argument("primary", type=FILE),
    click.argument("secondary", type=FILE),
    click.option("--primary-name", metavar="NAME", help="What to call the first server."),
    click.option("--secondary-name", metavar="NAME", help="What to call the second server."),
    click.option("--primary-leases", type=FILE, multiple=True, metavar="FILE", help="Lease listing of the first; repeatable."),
    click.option("--secondary-leases", type=FILE, multiple=True, metavar="FILE", help="Lease listing of the second; repeatable."),
    click.option("--configuration-only", is_flag=True, help="Leave the leases out of it: for exports without -Leases."),
    click.option(
        "--as-of", type=Instant(), metavar="TIMESTAMP", help="Instant of the fresh exports (default: their newest lease tells)."
    ),
)
reading = _together(
    click.option("--encoding", metavar="NAME", help="Encoding of netsh text and CSV, such as cp850 (default: detected)."),
    click.option("--date-format", metavar="FORMAT", help="strptime format of dates in lease listings (default: detected)."),
    click.option(
        "--time-zone", type=Zone(), metavar="ZONE", help="Zone of times that name none: Europe/Berlin, +01:00 (default: UTC)."
    ),
    click.option(
        "--max-input-size", type=click.IntRange(min=1), default=4096, show_default=True, metavar="MIB", help="Refuse larger files."
    ),
)
judging = _together(
    click.option(
        "--as-of", type=Instant(), metavar="TIMESTAMP", help="Instant at which leases are judged (default: the inputs tell)."
    ),
    click.option(
        "--fail-on",
        type=click.Choice(["block", "error", "warning", "never"]),
        default="block",
        show_default=True,
        help="Answer no (exit 1) when a finding is this bad or worse.",
    ),
    click.option("--scope", "only_scopes", type=ScopeId(), multiple=True, metavar="ID", help="Only this scope; repeatable."),
    click.option(
        "--skip-scope", "skip_scopes", type=ScopeId(), multiple=True, metavar="ID", help="All but this scope; repeatable."
    ),
    click.option(
        "--already-in-failover", type=ScopeId(), multiple=True, metavar="ID", help="This scope is in failover already; repeatable."
    ),
    click.option("--decisions", type=FILE, metavar="FILE", help="Answers: the decisions.toml of an earlier run, filled in."),
    click.option(
        "--prefer", type=click.Choice(["primary", "secondary"]), help="Answer every decision that is not answered this way."
    ),
    click.option("--waivers", type=FILE, metavar="FILE", help="Findings that are accepted, why and until when (TOML)."),
    click.option("--mode", type=click.Choice(["load-balance", "hot-standby"]), help="Failover mode (default: load balance)."),
    click.option(
        "--reserve-percent", type=click.IntRange(0, 100), metavar="N", help="Free addresses kept for the standby (default: 5)."
    ),
    click.option("--target-os", type=click.Choice(TARGET_SYSTEMS), help="Windows Server release of the partners."),
)
relationship = _together(
    click.option("--relationship", metavar="NAME", help="Name of the relationship (default: <primary>-<secondary>)."),
    click.option(
        "--load-balance-percent",
        type=click.IntRange(0, 100),
        default=50,
        show_default=True,
        metavar="N",
        help="Share of the primary.",
    ),
    click.option("--mclt", type=Duration(), default="1h", show_default=True, help="Maximum client lead time."),
    click.option(
        "--state-switch-interval",
        type=Duration(),
        help="Into PARTNER DOWN by itself after this time (default: only by hand).",
    ),
    click.option(
        "--strategy",
        type=click.Choice(["in-place", "new-servers"]),
        default="in-place",
        show_default=True,
        help="The same two servers, or new ones beside them.",
    ),
)
output = _together(
    click.option(
        "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the result."
    ),
    click.option("--quiet", is_flag=True, help="Only the verdict."),
    click.option("--verbose", is_flag=True, help="Every finding in full."),
    click.option("--no-color", is_flag=True, help="Plain text, also on a terminal."),
)
workbook = click.option(
    "--workbook-leases",
    type=click.IntRange(min=0, max=1_000_000),
    default=100_000,
    show_default=True,
    metavar="N",
    help="Leases (and ledger rows) the workbook carries; with more it names the CSV instead.",
)


redact = click.option(
    "--redact",
    is_flag=True,
    help="Replace names, texts and client ids, each always the same way, for an output that can be shown to others.",
)


def judge(command: str, options: dict[str, Any], out: Path | None, progress: Callable[[str], None]) -> Judged:
    """Load, merge and check as the options say."""
    from migrate import pipeline
    from migrate.waivers_file import read_waivers

    if options["redact"]:
        return _judge_redacted(command, options, out, progress)
    sources = pipeline.load(requests(options), read_options(options), progress)
    as_of_s = pipeline.as_of(sources, options["as_of"])
    run = run_record(command, options, sources, out)
    waivers = read_waivers(options["waivers"]) if options["waivers"] else ()
    return pipeline.judge(sources, settings(options, sources, as_of_s), run, fail_on(options), progress, waivers)


def _judge_redacted(command: str, options: dict[str, Any], out: Path | None, progress: Callable[[str], None]) -> Judged:
    """The same of redacted sources; what was asked is redacted too, before anything can show it."""
    from migrate import pipeline
    from migrate.cli import redacted as cover
    from migrate.redaction.sources import redact

    cover.refuse_what_names_objects(options)
    progress("reading")
    redacted = redact(pipeline.load(requests(options), read_options(options)))
    as_of_s = pipeline.as_of(redacted.sources, options["as_of"])
    asked = cover.redacted_options(options, redacted)
    run = run_record(command, asked, redacted.sources, Path(cover.OUT) if out else None)
    run = replace(run, arguments=cover.redacted_arguments(redacted), redacted=True)
    answered = settings(asked | {"decisions": options["decisions"]}, redacted.sources, as_of_s)
    try:
        return pipeline.judge(redacted.sources, answered, run, fail_on(options), progress)
    except UsageError as error:
        raise cover.foreign_decisions() if error.reference in cover.FOREIGN_DECISIONS else error from None


def requests(options: dict[str, Any]) -> dict[Role, SourceRequest]:
    from migrate.load import SourceRequest
    from migrate.model.server import Role

    made = {
        Role.PRIMARY: SourceRequest(path=options["primary"], lease_paths=options["primary_leases"], name=options["primary_name"])
    }
    if options["secondary"]:
        if options["partner"]:
            raise UsageError(
                "partner-and-secondary", "--partner names a partner that has no export yet, but SECONDARY was given as well."
            )
        made[Role.SECONDARY] = SourceRequest(
            path=options["secondary"], lease_paths=options["secondary_leases"], name=options["secondary_name"]
        )
    elif options["secondary_leases"]:
        raise UsageError(
            "listing-without-server",
            "--secondary-leases was given without SECONDARY.",
            hint="Give the configuration of the secondary as the second argument.",
            places=[Origin(str(options["secondary_leases"][0]))],
        )
    return made


def load_exports(options: dict[str, Any], names: Mapping[Role, str | None], progress: Callable[[str], None]) -> dict[Role, Source]:
    """Both servers of `exports`; `names` is what to call them unless the command line says."""
    from migrate import pipeline
    from migrate.load import SourceRequest
    from migrate.model.server import Role

    asked = {
        role: SourceRequest(
            path=options[role.value],
            lease_paths=options[f"{role.value}_leases"],
            name=options[f"{role.value}_name"] or names.get(role),
        )
        for role in Role
    }
    return pipeline.load(asked, read_options(options), progress)


def read_options(options: dict[str, Any]) -> ReadOptions:
    from parsers.result import ReadOptions

    return ReadOptions(
        encoding=options["encoding"],
        date_format=options["date_format"],
        time_zone=options["time_zone"],
        max_input_size=options["max_input_size"] * MIB,
    )


def settings(options: dict[str, Any], sources: Mapping[Role, Source], as_of_s: int) -> Settings:
    from migrate.decisions_file import read_answers
    from migrate.merge.settings import Settings
    from migrate.model.relationship import FailoverMode
    from migrate.model.server import Role
    from migrate.model.target import Strategy

    primary, secondary = _server_names(options, sources)
    known = {scope.scope_id for source in sources.values() for scope in source.server.scopes}
    for scope_id in (*options["only_scopes"], *options["skip_scopes"], *options["already_in_failover"]):
        if scope_id not in known:
            raise UsageError(
                "unknown-scope", f"There is no scope {scope_id} in these inputs.", hint="`unsplit inspect FILE` lists the scopes."
            )
    relationship = (
        {
            "load_balance_percent": options["load_balance_percent"],
            "max_client_lead_time": options["mclt"],
            "state_switch_interval": options["state_switch_interval"],
            "relationship": options["relationship"],
            "strategy": Strategy(options["strategy"]),
        }
        if "mclt" in options
        else {}
    )
    return Settings(
        as_of_s=as_of_s,
        primary_server=primary,
        secondary_server=secondary,
        mode={"load-balance": FailoverMode.LOAD_BALANCE, "hot-standby": FailoverMode.HOT_STANDBY}.get(options["mode"]),
        reserve_percent=options["reserve_percent"],
        target_os=options["target_os"],
        only_scopes=frozenset(options["only_scopes"]),
        skip_scopes=frozenset(options["skip_scopes"]),
        already_in_failover=frozenset(options["already_in_failover"]),
        prefer=Role(options["prefer"]) if options["prefer"] else None,
        answers=read_answers(options["decisions"]) if options["decisions"] else {},
        **relationship,
    )


def _server_names(options: dict[str, Any], sources: Mapping[Role, Source]) -> tuple[str, str]:
    from migrate.model.server import Role

    primary = sources[Role.PRIMARY].server.name
    secondary = (
        sources[Role.SECONDARY].server.name if Role.SECONDARY in sources else options["partner"] or options["secondary_name"]
    )
    secondary = secondary or "(partner)"
    if primary.casefold() == secondary.casefold():
        raise UsageError(
            "same-server-twice",
            f"Both servers are called {primary!r}; a failover relationship has two different ones.",
            hint="Tell them apart with --primary-name and --secondary-name.",
        )
    return primary, secondary


def fail_on(options: dict[str, Any]) -> Severity | None:
    from migrate.model.finding import Severity

    return None if options["fail_on"] == "never" else Severity[options["fail_on"].upper()]


def run_record(command: str, options: dict[str, Any], sources: Mapping[Role, Source], out: Path | None) -> RunRecord:
    """What was asked, for the reports. Contains no secret, because no command takes one."""
    from migrate import __version__
    from reports.verdict import InputFile, RunRecord

    inputs = []
    for role, source in sources.items():
        inputs.append(InputFile(purpose=role.value, path=source.path, sha256=source.sha256))
        inputs += [InputFile(purpose=f"{role.value} leases", path=path, sha256=digest) for path, digest in source.lease_paths]
    return RunRecord(
        command=command,
        version=__version__,
        arguments=tuple(sys.argv[1:]),
        inputs=tuple(inputs),
        options=tuple((name, value) for name, value in recorded(options).items()),
        out=None if out is None else str(out),
    )


def recorded(options: dict[str, Any]) -> dict[str, str]:
    """Every option that shapes the result, as text; where it is written and how it is shown does not."""
    silent = {"primary", "secondary", "out", "force", "form", "quiet", "verbose", "no_color"}
    return {
        name.replace("_", "-"): _text(value)
        for name, value in sorted(options.items())
        if name not in silent and value not in (None, ())
    }


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
