"""Which clients a scope policy matches."""

from __future__ import annotations

import pytest
from connection_pair import mac

from migrate.failover.bindings import Client
from migrate.failover.policies import condition_holds, matching_policies
from migrate.model.policy import Policy, PolicyCondition

CASES = [
    ("equal, whatever the case", "VendorClass", "EQ", ("Phone",), {"VendorClass": "phone"}, True),
    ("one of several", "UserClass", "EQ", ("a", "b"), {"UserClass": "b"}, True),
    ("none of them", "UserClass", "EQ", ("a", "b"), {"UserClass": "c"}, False),
    ("absent is not equal", "UserClass", "EQ", ("a",), {}, False),
    ("absent differs", "UserClass", "NE", ("a",), {}, True),
    ("all must differ", "UserClass", "NE", ("a", "b"), {"UserClass": "b"}, False),
    ("prefix of a hardware address", "MacAddress", "EQ", ("00155D*",), {"MacAddress": "00-15-5d-0a-0b-0c"}, True),
    ("another prefix", "MacAddress", "EQ", ("00155E*",), {"MacAddress": "00155d0a0b0c"}, False),
    ("a name keeps its dashes", "Fqdn", "EQ", ("pc-*",), {"Fqdn": "pcx"}, False),
    ("prefix of a name", "Fqdn", "EQ", ("pc-*",), {"Fqdn": "PC-17.example"}, True),
    ("present", "CircuitId", "ISL", (), {"CircuitId": "01"}, True),
    ("not present", "CircuitId", "INSL", (), {}, True),
    ("present after all", "CircuitId", "INSL", (), {"CircuitId": "01"}, False),
]


@pytest.mark.parametrize(
    ("field", "operator", "values", "attributes", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_condition(field: str, operator: str, values: tuple[str, ...], attributes: dict[str, str], expected: bool) -> None:
    assert condition_holds(PolicyCondition(field=field, operator=operator, values=values), attributes) is expected


def policy(name: str, condition: str, *conditions: PolicyCondition) -> Policy:
    return Policy(name=name, processing_order=1, condition=condition, conditions=conditions)


def test_conditions_are_joined_as_the_policy_says() -> None:
    mine = PolicyCondition(field="MacAddress", operator="EQ", values=("020000000001",))
    other = PolicyCondition(field="UserClass", operator="EQ", values=("x",))
    policies = (policy("either", "OR", mine, other), policy("both", "AND", mine, other))
    assert [p.name for p in matching_policies(policies, mac(1), {})] == ["either"]
    assert [p.name for p in matching_policies(policies, mac(1), {"UserClass": "x"})] == ["either", "both"]
    assert matching_policies(policies, mac(2), {}) == ()


def test_client_identifier_is_what_the_server_knows_the_client_by() -> None:
    by_id = policy("by id", "OR", PolicyCondition(field="ClientId", operator="EQ", values=("AA-BB-*",)))
    assert matching_policies((by_id,), Client(b"\x01\x02\x03", b"\xaa\xbb\xcc"), {}) == (by_id,)
    assert matching_policies((by_id,), Client(b"\x01\xaa\xbb\xcc"), {}) == (by_id,)
