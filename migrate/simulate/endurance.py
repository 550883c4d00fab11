"""How long a survivor's free addresses last, scope by scope: arithmetic over the whole scope, not the sample.

The rate at which new clients come is not in any export. What is taken for it: a scope sees as many new clients in one lease
duration as it has leases, all of them strangers. That is more than a scope of desktops sees, and about what a guest network does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address

from migrate.failover.bindings import UNLIMITED_S
from migrate.failover.pool import secondary_percent
from migrate.model.relationship import FailoverRelationship
from migrate.model.scope import Scope
from migrate.model.server import Role
from migrate.model.timespan import seconds_of_timespan
from migrate.simulate.estate import lease_seconds
from migrate.simulate.sample import ScopeSample
from migrate.simulate.transcript import duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Endurance:
    scope_id: IPv4Address
    free: int
    secondary_share: int
    """Of the free addresses; the rest is the primary's."""
    newcomers_per_day: float
    primary_lasts_s: int | None
    """How long the primary's own free addresses last while it is cut off from the secondary; None: for ever."""
    secondary_lasts_s: int | None

    def lasts_s(self, survivor: Role) -> int | None:
        return self.primary_lasts_s if survivor is Role.PRIMARY else self.secondary_lasts_s


def endurance(relationship: FailoverRelationship, scope: Scope, account: ScopeSample) -> Endurance:
    percent = secondary_percent(relationship.mode, relationship.load_balance_percent, relationship.reserve_percent)
    share = account.free * percent // 100
    lease_s = lease_seconds(scope)
    per_second = 0.0 if lease_s >= UNLIMITED_S else account.leases / max(lease_s, 1)
    return Endurance(
        scope_id=scope.scope_id,
        free=account.free,
        secondary_share=share,
        newcomers_per_day=round(per_second * 86400, 1),
        primary_lasts_s=_lasts(account.free - share, per_second),
        secondary_lasts_s=_lasts(share, per_second),
    )


def _lasts(addresses: int, per_second: float) -> int | None:
    return int(addresses / per_second) if per_second else None


def advice(relationship: FailoverRelationship, scopes: Iterable[Endurance]) -> tuple[str, ...]:
    """Sentences for the settings that the numbers speak against; none when they are fine.

    A survivor has to live on its own share until its partner is declared down and MCLT has passed after that.
    """
    mclt_s = seconds_of_timespan(relationship.max_client_lead_time)
    interval = relationship.state_switch_interval if relationship.auto_state_transition else None
    until_s = mclt_s + (seconds_of_timespan(interval) if interval is not None else mclt_s)
    how = f"{duration(until_s)} (until PARTNER-DOWN, and MCLT of {duration(mclt_s)} after it)"
    rows = tuple(scopes)
    sentences = []
    for survivor, lost in ((Role.SECONDARY, Role.PRIMARY), (Role.PRIMARY, Role.SECONDARY)):
        short = [row for row in rows if (lasts_s := row.lasts_s(survivor)) is not None and lasts_s < until_s]
        if short:
            names = ", ".join(str(row.scope_id) for row in short[:5]) + (", ..." if len(short) > 5 else "")
            sentences.append(
                f"When the {lost} is lost, the {survivor}'s own addresses do not last {how} in {len(short)} scopes: {names}. "
                f"A larger share for the {survivor}, a shorter MCLT or an earlier PARTNER-DOWN would carry them."
            )
    if interval is None:
        sentences.append("PARTNER-DOWN is never entered by itself: somebody has to declare it, or the survivor keeps to its share.")
    return tuple(sentences)
