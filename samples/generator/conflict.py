"""What is on record of a mistake made on purpose: enough to look it up in findings and decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address
from typing import Any

from generator.pair import PairedScope

NUMBERS: Mapping[str, str | None] = {
    "overlapping-pools": "WF-020",
    "one-sided-exclusion": "WF-019",
    "reservation-conflict": "WF-025",
    "reservation-differs": None,
    "reservation-one-sided": "WF-026",
    "reservation-outside-range": "WF-023",
    "reservation-in-exclusion": "WF-024",
    "lease-conflict": "WF-028",
    "lease-two-addresses": "WF-029",
    "lease-on-reserved-address": "WF-027",
    "declined-leases": "WF-030",
    "leases-missing": "WF-031",
    "lease-outside-pool": "WF-032",
    "scope-mask-mismatch": "WF-016",
    "scope-overlap": "WF-015",
    "scope-on-one-server": None,
    "ranges-differ": "WF-017",
    "bootp-scope": "WF-033",
    "offer-delay": "WF-034",
    "option-values-differ": "WF-035",
    "scope-policies-differ": "WF-035",
    "option-not-defined": "WF-036",
    "class-differs": "WF-036",
    "option-definition-differs": "WF-036",
    "server-options-differ": "WF-037",
    "server-settings-differ": "WF-038",
    "policy-conflict": "WF-039",
    "user-class-options": "WF-041",
    "superscope-differs": "WF-042",
    "scope-state-differs": "WF-043",
    "scope-properties-differ": None,
    "lease-duration-differs": "WF-044",
    "dns-flags-differ": "WF-045",
    "ipv6-or-multicast": "WF-047",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """`primary` and `secondary` are what each server says, empty where it says nothing; `implies` are the rules that cannot help
    but fire as well."""

    rule: str
    object: str
    detail: str
    scope_id: IPv4Address | None = None
    primary: str = ""
    secondary: str = ""
    implies: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        scope_id = None if self.scope_id is None else str(self.scope_id)
        return asdict(self) | {"number": NUMBERS[self.rule], "scope_id": scope_id, "implies": list(self.implies)}


def in_scope(pair: PairedScope, rule: str, shown: str, detail: str, primary: str, secondary: str) -> Conflict:
    return Conflict(rule=rule, scope_id=pair.scope_id, object=shown, detail=detail, primary=primary, secondary=secondary)
