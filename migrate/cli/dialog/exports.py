"""Which servers? Each file is read as soon as it is named, and what was recognised is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from migrate.cli.dialog.questions import Unacceptable, ask, heading, say
from migrate.cli.output import console, progress

if TYPE_CHECKING:
    from migrate.model.server import Role, Source
    from parsers.result import ReadOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One server as it was named and read."""

    path: Path
    lease_paths: tuple[Path, ...]
    name: str | None
    """As answered, when that differs from what the file says."""
    source: Source

    def words(self, role: Role) -> list[str]:
        """The options of `unsplit migrate` that name it; its path is an argument."""
        named = [f"--{role}-name", self.name] if self.name else []
        return named + [word for path in self.lease_paths for word in (f"--{role}-leases", str(path))]


def ask_primary(read_options: ReadOptions) -> Export:
    from migrate.model.server import Role

    heading("Primary server: an Export-DhcpServer file (XML) or a `netsh dhcp server dump`.")
    path = ask("File", _configuration(read_options))
    return _asked_further(Role.PRIMARY, path, read_options, other_name="")


def ask_secondary(read_options: ReadOptions, primary: Export) -> Export | None:
    """None when there is no export of a second server."""
    from migrate.model.server import Role

    heading("Secondary server: its export. Leave it empty when one server, or a cluster, gets a new partner.")
    readable = _configuration(read_options)

    def check(text: str) -> Path | None:
        path = readable(text) if text else None
        if path and path.resolve() == primary.path.resolve():
            raise Unacceptable("That is the file of the primary; name the export of the other server.")
        return path

    path = ask("File", check)
    return _asked_further(Role.SECONDARY, path, read_options, primary.source.server.name) if path else None


def ask_partner(primary: Export) -> str:
    heading(f"The new partner of {primary.source.server.name}: a server that has no scopes yet.")
    return ask("Name of the new server", lambda text: _server_name(text, primary.source.server.name))


def _asked_further(role: Role, path: Path, read_options: ReadOptions, other_name: str) -> Export:
    from migrate.load import SourceRequest
    from migrate.pipeline import load

    with progress(False) as stage:
        source = load({role: SourceRequest(path=path)}, read_options, stage)[role]
    _show(source)
    said = source.server.name
    default = "" if said.casefold() == other_name.casefold() else said
    if not default:
        say(f"Both servers would be called {said}; tell them apart.")
    name = ask("Name of this server", lambda text: _server_name(text, other_name), default=default)
    lease_paths = () if source.has_leases else _ask_listings(read_options)
    if name != said or lease_paths:
        with progress(False) as stage:
            request = SourceRequest(path=path, lease_paths=lease_paths, name=name if name != said else None)
            source = load({role: request}, read_options, stage)[role]
    return Export(path=path, lease_paths=lease_paths, name=name if name != said else None, source=source)


def _configuration(read_options: ReadOptions) -> Callable[[str], Path]:
    def check(text: str) -> Path:
        from migrate.load import LISTINGS, described
        from parsers.recognise import recognise

        path = _path(text)
        kind = recognise(path, read_options)
        if kind in LISTINGS:
            raise Unacceptable(f"{path} is {described(kind)}; name the configuration first, listings are asked for next.")
        return path

    return check


def _ask_listings(read_options: ReadOptions) -> tuple[Path, ...]:
    from migrate.load import parse_listing

    say("This file holds no leases. Without them clients may be given addresses that are in use.")
    say("Name the output of `show clients 1` or of Get-DhcpServerv4Lease | Export-Csv; leave it empty when there is no more.")
    paths: list[Path] = []

    def check(text: str) -> Path | None:
        if not text:
            return None
        path = _path(text)
        if path in paths:
            raise Unacceptable(f"{path} was named already.")
        say(f"{len(parse_listing(path, read_options).leases):,} leases")
        return path

    while path := ask("Lease listing", check):
        paths.append(path)
    return tuple(paths)


def _show(source: Source) -> None:
    from migrate.load import described
    from migrate.model.finding import Severity
    from parsers.recognise import InputKind
    from reports.inspection import Inspection, write_inspection

    write_inspection(
        console(no_color=False),
        Inspection(
            path=source.path,
            kind=described(InputKind(source.format.value)),
            sha256=source.sha256,
            leases=source.leases,
            server=source.server,
            objects_read=source.objects_read,
            findings=[finding for finding in source.findings if finding.severity > Severity.INFO],
        ),
    )


def _path(text: str) -> Path:
    if not text:
        raise Unacceptable("Name a file.")
    return Path(text.strip("\"'")).expanduser()  # as dropped onto a terminal, or copied as a path in Explorer


def _server_name(text: str, other_name: str) -> str:
    if not text:
        raise Unacceptable("A server needs a name.")
    if text.casefold() == other_name.casefold():
        raise Unacceptable(f"{other_name} is the other server; a failover relationship has two different ones.")
    return text
