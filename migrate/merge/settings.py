"""What the command line asks of a migration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Address

from migrate.model.relationship import FailoverMode
from migrate.model.server import Role
from migrate.model.target import Strategy

TARGET_SYSTEMS = ("2012", "2012r2", "2016", "2019", "2022", "2025")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answered decision of a decisions.toml; `alternatives` as they stood when it was answered, to tell a stale answer."""

    choice: str
    alternatives: Mapping[str, str]
    path: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Defaults are Windows' own (windows-failover.md section 2.5)."""

    as_of_s: int
    """The instant at which leases are judged, seconds since 1970 UTC. A lease whose expiry equals it is over."""
    primary_server: str
    secondary_server: str
    strategy: Strategy = Strategy.IN_PLACE
    mode: FailoverMode | None = None
    """None: not said; the relationship is then load balance, and rules that depend on the mode report unknown."""
    load_balance_percent: int = 50
    reserve_percent: int | None = None
    max_client_lead_time: timedelta = timedelta(hours=1)
    state_switch_interval: timedelta | None = None
    relationship: str | None = None
    """None: `<primary>-<secondary>`, as the console proposes."""
    target_os: str | None = None
    only_scopes: frozenset[IPv4Address] = frozenset()
    """Empty: all."""
    skip_scopes: frozenset[IPv4Address] = frozenset()
    already_in_failover: frozenset[IPv4Address] = frozenset()
    """Scopes of a relationship that exists; no export shows it."""
    prefer: Role | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """From decisions.toml, by decision id."""

    def leaves_out(self, scope_id: IPv4Address) -> bool:
        left_out = scope_id in self.skip_scopes or scope_id in self.already_in_failover
        return left_out or (bool(self.only_scopes) and scope_id not in self.only_scopes)
