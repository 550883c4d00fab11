"""What is asked of the generator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from migrate.model.server import Role

DEFAULT_AS_OF_S = 1_795_197_600
"""2026-11-20T18:00:00Z."""

DEFAULT_RATES: Mapping[str, float] = {
    "overlapping-pools": 0.01,
    "reservation-conflict": 0.01,
    "lease-conflict": 0.02,
    "option-values-differ": 0.03,
    "one-sided-exclusion": 0.01,
    "reservation-one-sided": 0.03,
    "reservation-differs": 0.02,
    "lease-two-addresses": 0.03,
    "declined-leases": 0.03,
    "offer-delay": 0.05,
    "scope-on-one-server": 0.02,
    "lease-on-reserved-address": 0.01,
    "lease-outside-pool": 0.01,
    "reservation-in-exclusion": 0.01,
    "lease-duration-differs": 0.02,
    "scope-properties-differ": 0.03,
    "scope-state-differs": 0.01,
    "scope-policies-differ": 0.01,
    "superscope-differs": 0.01,
    "dns-flags-differ": 0.01,
    "ranges-differ": 0.01,
    "reservation-outside-range": 0.0,
    "scope-mask-mismatch": 0.0,
    "scope-overlap": 0.0,
    "bootp-scope": 0.0,
    "option-not-defined": 0.0,
    "policy-conflict": 0.0,
    "user-class-options": 0.0,
    "server-options-differ": 1.0,
    "server-settings-differ": 1.0,
    "class-differs": 0.0,
    "option-definition-differs": 0.0,
    "ipv6-or-multicast": 0.0,
}
"""Share of the scopes that show a conflict, by rule; for what a server has once, any rate above zero means once. The order is that
in which scopes are given out, so that small estates show the common mistakes. Real pairs look like this (formats.md 2.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateOptions:
    """Raises ValueError for what cannot be built."""

    scopes: int = 40
    leases: int = 4000
    """Of clients, over both servers; reservations and injected conflicts come with some more."""
    split_percent: int = 80
    """Share of each pool that the primary serves."""
    seed: int = 1
    as_of_s: int = DEFAULT_AS_OF_S
    rates: Mapping[str, float] = field(default_factory=lambda: DEFAULT_RATES)
    each_at_least_once: bool = False
    """Show every conflict, those with rate zero too."""
    without_leases: Role | None = None
    """This server's export was made without -Leases."""

    def __post_init__(self) -> None:
        if self.scopes < 1 or self.leases < 0:
            raise ValueError("an estate needs at least one scope, and no fewer leases than none")
        if not 10 <= self.split_percent <= 95:
            raise ValueError(f"a split of {self.split_percent} percent leaves one server without a pool: say 10 to 95")
        unknown = sorted(self.rates.keys() - DEFAULT_RATES.keys())
        if unknown:
            raise ValueError(f"no such conflict: {', '.join(unknown)}")
        if not all(0 <= rate <= 1 for rate in self.rates.values()):
            raise ValueError("a rate is a share of the scopes, 0 to 1")
