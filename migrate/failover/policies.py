"""Which scope policies a client matches (windows-failover.md section 2.9; formats.md on conditions).

A value may end in `*`, which stands for any rest. Values after EQ are alternatives, after NE all must differ; ISL and INSL ask
whether a field is present at all.
"""

from __future__ import annotations

from collections.abc import Mapping

from migrate.failover.bindings import Client
from migrate.model.policy import Policy, PolicyCondition

_NOTATION = str.maketrans("", "", "-:. ")
_OCTET_FIELDS = ("MacAddress", "ClientId", "CircuitId", "RemoteId", "SubscriberId", "RelayAgent")


def matching_policies(policies: tuple[Policy, ...], client: Client, attributes: Mapping[str, str]) -> tuple[Policy, ...]:
    """In the order of the policies."""
    if not policies:
        return ()
    known = {"MacAddress": client.hardware[1:].hex(), "ClientId": client.identity.hex(), **attributes}
    return tuple(policy for policy in policies if policy_matches(policy, known))


def policy_matches(policy: Policy, attributes: Mapping[str, str]) -> bool:
    results = (condition_holds(condition, attributes) for condition in policy.conditions)
    return all(results) if policy.condition.upper() == "AND" else any(results)


def condition_holds(condition: PolicyCondition, attributes: Mapping[str, str]) -> bool:
    value = attributes.get(condition.field)
    if condition.operator == "ISL":
        return value is not None
    if condition.operator == "INSL":
        return value is None
    equal = value is not None and any(_equals(condition.field, pattern, value) for pattern in condition.values)
    return equal if condition.operator == "EQ" else not equal


def _equals(field: str, pattern: str, value: str) -> bool:
    if field in _OCTET_FIELDS:
        pattern, value = pattern.translate(_NOTATION), value.translate(_NOTATION)
    pattern, value = pattern.casefold(), value.casefold()
    return value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern
