"""Small phrases that many findings share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address

from migrate.model.scope import Scope

EXAMPLES = 3


def counted(number: int, noun: str, plural: str = "") -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def some(items: Sequence[object], total: int | None = None) -> str:
    """The first few of `items`, and how many more there are of `total` (default: of the items)."""
    total = len(items) if total is None else total
    shown = ", ".join(map(str, items[:EXAMPLES]))
    more = total - min(EXAMPLES, len(items))
    return f"{shown} and {more} more" if more > 0 else shown


def scopes_named(scope_ids: Iterable[IPv4Address]) -> str:
    """All of them, because a finding about many scopes has no scope id of its own (windows-failover.md 9.1)."""
    ids = [str(scope_id) for scope_id in scope_ids]
    return f"scope {ids[0]}" if len(ids) == 1 else f"scopes {', '.join(ids)}"


def prefix(scope: Scope) -> str:
    return f"/{scope.network.prefixlen}"
