"""Option values at every level, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from migrate.merge.result import MergeResult
from migrate.model.option import OptionValue
from migrate.model.policy import Policy
from migrate.model.server import Server
from reports.tables.sides import compared, sides_of
from reports.tables.table import Column, Kind, Table

_RANKS = ("server", "scope", "policy", "reservation")


@dataclass(frozen=True, slots=True, order=True)
class Level:
    """Where an option value stands; ordered by scope, then from the general to the particular."""

    scope: int
    """0: at the server."""
    rank: int
    reservation: int = 0
    policy: str = ""

    @property
    def word(self) -> str:
        return _RANKS[self.rank]

    @property
    def object(self) -> str:
        return str(IPv4Address(self.reservation)) if self.reservation else self.policy


SERVER, SCOPE, POLICY, RESERVATION = range(len(_RANKS))


def options_table(result: MergeResult) -> Table:
    sides = sides_of(result)
    columns = (
        Column("Level", max_width=16),
        Column("Scope", Kind.ADDRESS),
        Column("Of", max_width=30, is_optional=True),
        Column("Option", Kind.CODE),
        Column("Option name", max_width=28, is_optional=True),
        Column("Vendor class", max_width=22, is_optional=True),
        Column("User class", max_width=22, is_optional=True),
        *(Column(heading.capitalize(), max_width=40) for heading, _ in sides),
        Column("Compared", max_width=22),
    )
    values = [{(level, value.key): value for level, value in option_values(server)} for _, server in sides]
    names = _option_names(server for _, server in sides)
    rows = []
    for level, key in sorted({key: None for side in values for key in side}):
        found = [side.get((level, key)) for side in values]
        shown = next(value for value in reversed(found) if value)
        rows.append(
            (
                level.word,
                str(IPv4Address(level.scope)) if level.scope else None,
                level.object,
                key.option_id,
                names.get((key.option_id, key.vendor_class)),
                shown.vendor_class,
                shown.user_class,
                *(value.text if value else None for value in found),
                compared(result, [value.values if value else None for value in found]),
            )
        )
    lead = "Every option value, by the level at which it is set. Option 81 holds the DNS update settings of its level."
    return Table(
        sheet="Options",
        title="Options",
        lead=lead,
        columns=columns,
        rows=rows,
        empty="No option is set at any level.",
        fixed_columns=2,
    )


def option_values(server: Server) -> Iterator[tuple[Level, OptionValue]]:
    """Every option value of a server with the level it stands at."""
    for value in server.option_values:
        yield Level(0, SERVER), value
    yield from _policy_values(0, server.policies or ())
    for scope in server.scopes:
        number = int(scope.scope_id)
        for value in scope.option_values:
            yield Level(number, SCOPE), value
        yield from _policy_values(number, scope.policies or ())
        for reservation in scope.reservations:
            for value in reservation.option_values:
                yield Level(number, RESERVATION, reservation=int(reservation.ip_address)), value


def _policy_values(scope: int, policies: Iterable[Policy]) -> Iterator[tuple[Level, OptionValue]]:
    for policy in policies:
        for value in policy.option_values:
            yield Level(scope, POLICY, policy=policy.name), value


def _option_names(servers: Iterable[Server]) -> dict[tuple[int, str], str]:
    return {definition.key: definition.name.strip() for server in servers for definition in server.option_definitions}
