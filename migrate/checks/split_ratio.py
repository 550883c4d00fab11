"""How the scopes are split today, and the mode that suits it.

What it finds
    The shares in which two servers serve the scopes they share, each share counted in addresses that only one of them hands out,
    rounded to 5 %. One finding for each ratio, naming its scopes.

Why it matters
    The ratio tells what the servers were meant to be. Halves are equals: load balance. A small share is a reserve for the day when
    the other server is down: hot standby does the same on purpose, and gives new clients to the standby only then.

Example
    Scope 10.20.0.0: dhcp01 serves 153 addresses (80 %) and dhcp02 serves 38 (20 %), a server with a reserve behind it. That is
    --mode hot-standby --reserve-percent 20; with both at work, it is --mode load-balance --load-balance-percent 80.

Remedy
    Choose the mode on purpose; a relationship has one for all its scopes.

References
    Microsoft, "DHCP Failover Modes"; "Migrate to DHCP Failover" (80/20 rule).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.checks.wording import counted, scopes_named
from migrate.model.finding import Finding, Severity
from migrate.model.server import Role

ID = "split-ratio"
NUMBER = None
SEVERITY = Severity.INFO
LOOKS_AT = PAIR

STEP_PERCENT = 5
EQUALS_PERCENT = 40
"""From this share on, the smaller half is meant to serve all the time."""


@dataclass(slots=True)
class _Split:
    scope_ids: list[IPv4Address]
    primary: int
    secondary: int
    """Addresses that only this server hands out, in all scopes together."""


def check(subject: Subject) -> Iterator[Finding]:
    for percent, split in sorted(_splits(subject).items(), reverse=True):
        primary, secondary = (subject.server_name(role) for role in Role)
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=split.scope_ids[0] if len(split.scope_ids) == 1 else None,
            object=f"{percent} / {100 - percent}",
            message=f"{scopes_named(split.scope_ids).capitalize()}: {primary} serves "
            f"{counted(split.primary, 'address', 'addresses')} ({percent} %) and {secondary} serves {split.secondary} "
            f"({100 - percent} %), {_proposal(percent, primary, secondary)}",
            remedy="Choose the mode on purpose; a relationship has one for all its scopes.",
        )


def _splits(subject: Subject) -> dict[int, _Split]:
    """By the primary's share in percent."""
    found: dict[int, _Split] = {}
    for merge in subject.shared_scopes:
        if merge.primary is None or merge.secondary is None:
            continue
        primary = (merge.primary.serves - merge.secondary.serves).address_count
        secondary = (merge.secondary.serves - merge.primary.serves).address_count
        if primary and secondary:
            percent = round(primary * 100 / (primary + secondary) / STEP_PERCENT) * STEP_PERCENT
            split = found.setdefault(min(max(percent, STEP_PERCENT), 100 - STEP_PERCENT), _Split([], 0, 0))
            split.scope_ids.append(merge.scope_id)
            split.primary += primary
            split.secondary += secondary
    return found


def _proposal(percent: int, primary: str, secondary: str) -> str:
    smaller = min(percent, 100 - percent)
    if smaller >= EQUALS_PERCENT:
        return f"two servers that share the work. That is --mode load-balance --load-balance-percent {_even(percent)}."
    both_at_work = f"with both at work, it is --mode load-balance --load-balance-percent {percent}"
    if percent > smaller:
        return f"a server with a reserve behind it. That is --mode hot-standby --reserve-percent {smaller}; {both_at_work}."
    return (
        f"the other way round: {secondary} is the server and {primary} its reserve. That is --mode hot-standby "
        f"--reserve-percent {smaller} with {secondary} given first; {both_at_work}."
    )


def _even(percent: int) -> int:
    """Shares of 45 and 55 are halves that somebody could not cut exactly."""
    return 50 if abs(percent - 50) <= STEP_PERCENT else percent
