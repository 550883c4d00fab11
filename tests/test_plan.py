"""plan.json is the target, nothing less and nothing more, and fits the schema that is shipped with it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from writers.targets import targets

from migrate.errors import InputError
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.relationship import FailoverMode, FailoverRelationship
from migrate.model.scope import ExclusionRange, Reservation, Scope
from migrate.model.server import CONFLICT_DETECTION, Filters, Role, Server, ServerSetting, SourceFormat
from migrate.model.target import Strategy, Target, TargetSource
from migrate.model.timespan import UNLIMITED
from migrate.plan import plan_json, read_plan

SCHEMA = json.loads(files("migrate").joinpath("plan.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
SCOPE_ID = IPv4Address("10.1.0.0")

SCOPE = Scope(
    scope_id=SCOPE_ID,
    subnet_mask=IPv4Address("255.255.255.0"),
    name="Büro",
    lease_duration=timedelta(days=8),
    range=AddressRange.parse("10.1.0.10", "10.1.0.19"),
    exclusions=(ExclusionRange(range=AddressRange.parse("10.1.0.10", "10.1.0.11")),),
    reservations=(Reservation(ip_address=IPv4Address("10.1.0.15"), client_id=ClientId.parse("00155d010203")),),
)
TARGET = Target(
    as_of_s=1_795_197_600,
    strategy=Strategy.IN_PLACE,
    sources=(
        TargetSource(role=Role.PRIMARY, server="dhcp01", path="dhcp01.xml", format=SourceFormat.EXPORT_XML, sha256="0f" * 32),
    ),
    relationships=(
        FailoverRelationship(name="dhcp01-dhcp02", primary_server="dhcp01", secondary_server="dhcp02", scope_ids=(SCOPE_ID,)),
    ),
    server=Server(name="dhcp01", scopes=(SCOPE,)),
    leased={SCOPE_ID: 3},
)


def plan_of(target: Target) -> Any:
    return json.loads(plan_json(target))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(targets())
def test_a_target_survives_the_plan_and_the_plan_fits_the_schema(target: Target) -> None:
    text = plan_json(target)
    assert read_plan(text) == target
    assert plan_json(read_plan(text)) == text
    VALIDATOR.validate(json.loads(text))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_small_plan_as_text() -> None:
    assert plan_of(TARGET) == {
        "format": "unsplit-plan",
        "version": 1,
        "as_of": "2026-11-20T18:00:00Z",
        "strategy": "in-place",
        "sources": [{"role": "primary", "server": "dhcp01", "path": "dhcp01.xml", "format": "export-xml", "sha256": "0f" * 32}],
        "relationships": [
            {
                "name": "dhcp01-dhcp02",
                "primary_server": "dhcp01",
                "secondary_server": "dhcp02",
                "mode": "LoadBalance",
                "load_balance_percent": 50,
                "max_client_lead_time": "01:00:00",
                "auto_state_transition": False,
                "scope_ids": ["10.1.0.0"],
            }
        ],
        "server": {"name": "dhcp01", "other_settings": [], "classes": [], "option_definitions": [], "option_values": []},
        "scopes": [
            {
                "scope_id": "10.1.0.0",
                "subnet_mask": "255.255.255.0",
                "name": "Büro",
                "description": "",
                "state": "Active",
                "type": "Dhcp",
                "lease_duration": "8.00:00:00",
                "start_range": "10.1.0.10",
                "end_range": "10.1.0.19",
                "exclusion_ranges": [{"start_range": "10.1.0.10", "end_range": "10.1.0.11"}],
                "reservations": [
                    {
                        "ip_address": "10.1.0.15",
                        "client_id": "00-15-5d-01-02-03",
                        "name": "",
                        "description": "",
                        "type": "Both",
                        "option_values": [],
                    }
                ],
                "option_values": [],
                "address_counts": {"range": 10, "excluded": 2, "reserved": 1, "distributable": 7, "leased": 3},
            }
        ],
    }
    assert plan_json(TARGET).endswith("\n}\n")


UNLIKELY = {
    "what no source says is absent": SCOPE,
    "no policies is not unknown policies": replace(SCOPE, policies=()),
    "an empty superscope and profile": replace(SCOPE, superscope="", nap_profile=""),
    "a lease without end": replace(SCOPE, lease_duration=UNLIMITED),
    "no lease duration": replace(SCOPE, lease_duration=None),
    "no range": replace(SCOPE, range=None, exclusions=(), reservations=()),
    "zero is a value": replace(SCOPE, delay_ms=0, max_bootp_clients=0, nap_enable=False),
}


@pytest.mark.parametrize("scope", UNLIKELY.values(), ids=UNLIKELY.keys())
def test_not_said_and_empty_stay_apart(scope: Scope) -> None:
    target = replace(TARGET, server=replace(TARGET.server, scopes=(scope,)))
    assert read_plan(plan_json(target)) == target
    VALIDATOR.validate(plan_of(target))


def test_the_cases_above_are_told_apart() -> None:
    texts = {plan_json(replace(TARGET, server=replace(TARGET.server, scopes=(scope,)))) for scope in UNLIKELY.values()}
    assert len(texts) == len(UNLIKELY)


SETTINGS = {
    "a number": (ServerSetting(name=CONFLICT_DETECTION, value="2"), ("conflict_detection_attempts", 2)),
    "a flag": (ServerSetting(name="ActivatePolicies", value="true"), ("activate_policies", True)),
    "a word": (ServerSetting(name="NpsUnreachableAction", value="Full"), ("nps_unreachable_action", "Full")),
}


@pytest.mark.parametrize(("setting", "expected"), SETTINGS.values(), ids=SETTINGS.keys())
def test_settings_that_import_knows_have_keys_of_their_own(setting: ServerSetting, expected: tuple[str, Any]) -> None:
    target = replace(TARGET, server=replace(TARGET.server, settings=(setting,), filters=Filters()))
    plan = plan_of(target)
    assert plan["server"][expected[0]] == expected[1]
    assert plan["server"]["other_settings"] == []
    assert read_plan(plan_json(target)) == target


@pytest.mark.parametrize("value", ["02", "٣", "TRUE", "", "9" * 5000])
def test_a_setting_keeps_its_spelling(value: str) -> None:
    setting = ServerSetting(name=CONFLICT_DETECTION, value=value)
    target = replace(TARGET, server=replace(TARGET.server, settings=(setting,)))
    assert read_plan(plan_json(target)) == target


def test_other_settings_are_listed() -> None:
    others = (
        ServerSetting(name="AuditLog", value="1", carried=False),
        ServerSetting(name=CONFLICT_DETECTION, value="1", carried=False),
    )
    target = replace(TARGET, server=replace(TARGET.server, settings=others))
    assert "conflict_detection_attempts" not in plan_of(target)["server"]
    assert read_plan(plan_json(target)) == target


def test_hot_standby_has_a_reserve_and_no_share() -> None:
    hot = replace(
        TARGET.relationships[0],
        mode=FailoverMode.HOT_STANDBY,
        load_balance_percent=None,
        reserve_percent=5,
        state_switch_interval=UNLIMITED,
    )
    target = replace(TARGET, relationships=(hot,))
    written = plan_of(target)["relationships"][0]
    assert "load_balance_percent" not in written
    assert written["reserve_percent"] == 5
    assert read_plan(plan_json(target)) == target


def set_at(*path: str | int) -> Any:
    """A function that puts a value at this place of a plan."""

    def put(plan: Any, value: Any) -> None:
        for step in path[:-1]:
            plan = plan[step]
        plan[path[-1]] = value

    return put


SCOPE_AT = ("scopes", 0)
WRONG = {
    "another format": (set_at("format"), "unsplit-ledger", "format: 'unsplit-ledger' is not 'unsplit-plan'"),
    "a newer version": (set_at("version"), 2, "this unsplit reads version 1, not 2"),
    "an instant in local time": (set_at("as_of"), "2026-11-20 18:00", "as_of: "),
    "an unknown strategy": (set_at("strategy"), "hope", "strategy: 'hope' is not a valid Strategy"),
    "a list that is none": (set_at("sources"), {}, "sources: {} is not a list"),
    "an object that is none": (set_at("server"), [], "server: [] is not an object"),
    "a scope that is none": (set_at("scopes", 0), 7, "scopes[0]: 7 is not an object"),
    "a missing key": (set_at(*SCOPE_AT, "subnet_mask"), None, "scopes[0].subnet_mask: is missing"),
    "an unknown key": (set_at(*SCOPE_AT, "end_rang"), "10.1.0.9", "scopes[0].end_rang: there is no such key"),
    "half a range": (set_at(*SCOPE_AT, "end_range"), None, "scopes[0]: a range needs both"),
    "a range that ends before it starts": (set_at(*SCOPE_AT, "end_range"), "10.1.0.1", "scopes[0]: range ends before it starts"),
    "an address out of range": (set_at(*SCOPE_AT, "scope_id"), "10.1.0.256", "scopes[0].scope_id: "),
    "a number for text": (set_at(*SCOPE_AT, "name"), 5, "scopes[0].name: 5 is not text"),
    "a flag for a number": (set_at("relationships", 0, "load_balance_percent"), True, "percent: True is not an integer"),
    "a fraction": (set_at("relationships", 0, "load_balance_percent"), 50.5, "percent: 50.5 is not an integer"),
    "text for a flag": (set_at("relationships", 0, "auto_state_transition"), "no", "'no' is not true or false"),
    "an odd client id": (set_at(*SCOPE_AT, "reservations", 0, "client_id"), "123", "scopes[0].reservations[0].client_id: "),
    "half a surrogate pair": (set_at(*SCOPE_AT, "name"), "\ud800", "scopes[0].name: the text holds half a surrogate pair"),
    "a duration in words": (set_at(*SCOPE_AT, "lease_duration"), "a week", "scopes[0].lease_duration: not a duration"),
    "three parts of a version": (set_at("server", "version"), [10, 0, 3], "server: a version is a major and a minor number"),
    "counts that do not fit": (set_at(*SCOPE_AT, "address_counts", "distributable"), 8, "the counts of scope 10.1.0.0 do not fit"),
    "no counts": (set_at(*SCOPE_AT, "address_counts"), None, "scopes[0].address_counts: None is not an object"),
    "a lease count in words": (set_at(*SCOPE_AT, "address_counts", "leased"), "many", "address_counts.leased: 'many' is not"),
}


@pytest.mark.parametrize(("put", "value", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_plan_is_refused_with_its_place(put: Any, value: Any, message: str) -> None:
    plan = plan_of(TARGET)
    put(plan, value)
    with pytest.raises(InputError) as refused:
        read_plan(json.dumps(plan), "out/plan.json")
    assert message in refused.value.message
    assert "out/plan.json" in str(refused.value)


SCHEMA_KNOWS = [
    name for name in WRONG if name not in ("a range that ends before it starts", "counts that do not fit", "half a surrogate pair")
]


@pytest.mark.parametrize("name", SCHEMA_KNOWS)
def test_the_schema_refuses_the_same(name: str) -> None:
    put, value, _ = WRONG[name]
    plan = plan_of(TARGET)
    VALIDATOR.validate(plan)
    put(plan, value)
    assert not VALIDATOR.is_valid(plan)


TEXTS = {
    "nothing": ("", "not JSON"),
    "no JSON": ("{'format'", "not JSON"),
    "a list": ("[]", "the file: [] is not an object"),
    "null": ("null", "the file: None is not an object"),
    "cut off": (plan_json(TARGET)[:-40], "not JSON"),
    "very deep": ("[" * 100_000, "nested too deeply"),
    "a very long number": ('{"format": ' + "9" * 5000 + "}", "digits"),
    "a byte order mark": ("\ufeff" + plan_json(TARGET), "not JSON"),
}


@pytest.mark.parametrize(("text", "message"), TEXTS.values(), ids=TEXTS.keys())
def test_other_texts_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        read_plan(text)
    assert message in refused.value.message


def test_a_syntax_error_is_shown_with_its_line() -> None:
    with pytest.raises(InputError) as refused:
        read_plan('{\n "format":\n}')
    assert str(refused.value.places[0]) == "plan.json:3"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["format", "version", "server", "scopes", "name"]), inner),
    )
)
def test_any_other_json_is_refused_and_never_a_traceback(value: Any) -> None:
    with pytest.raises(InputError):
        read_plan(json.dumps(value))
