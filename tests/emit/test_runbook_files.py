"""What stands in windows/: the same scripts for every plan, data that is only data, and a manifest that pins it."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

import pytest
from runbook_plans import HOSTILE, sources, target, written

from migrate.emit.runbook.plan_data import plan_data
from migrate.model.leases import LeaseTable
from migrate.model.relationship import FailoverMode
from migrate.model.scope import Scope
from migrate.model.server import Role, Server
from migrate.model.target import Strategy, Target

STEPS = ["00-precheck.ps1", "10-backup.ps1", "20-freeze.ps1", "30-apply.ps1", "40-verify.ps1", "90-rollback.ps1"]


def records(plan: Target) -> list[dict[str, Any]]:
    return [unguarded(json.loads(line)) for line in plan_data(plan, LeaseTable.empty(), sources(plan))]


def unguarded(value: Any) -> Any:
    if isinstance(value, str):
        assert value.startswith("="), value
        return value[1:]
    if isinstance(value, dict):
        return {key: unguarded(member) for key, member in value.items()}
    return [unguarded(member) for member in value] if isinstance(value, list) else value


def record(plan: Target, kind: str, side: str = "", scope_id: str = "") -> dict[str, Any]:
    (found,) = [r for r in records(plan) if (r["kind"], r["side"], r["scope_id"]) == (kind, side, scope_id)]
    return found


def test_all_parts_are_there() -> None:
    names = written(target())
    assert [name for name in names if re.fullmatch(r"windows/\d\d-.*", name)] == [f"windows/{name}" for name in STEPS]
    assert {"windows/Unsplit.psm1", "windows/plan-data.jsonl", "windows/runbook.md", "windows/manifest.json"} <= set(names)


def test_scripts_are_the_same_for_every_plan() -> None:
    plain, hostile = written(target()), written(target(HOSTILE, strategy=Strategy.NEW_SERVERS))
    code = [name for name in plain if name.endswith((".ps1", ".psm1"))]
    assert len(code) > len(STEPS)
    assert all(plain[name] == hostile[name] for name in code)


def test_scripts_are_ascii_with_the_line_ends_of_windows() -> None:
    for name, content in written(target()).items():
        if name.endswith((".ps1", ".psm1")):
            content.decode("ascii")
            assert content.count(b"\n") == content.count(b"\r\n") > 10, name


@pytest.mark.parametrize("step", STEPS)
def test_each_script_has_help_and_the_same_parameters(step: str) -> None:
    text = written(target())[f"windows/{step}"].decode().replace("\r\n", "\n")
    for part in (
        ".SYNOPSIS",
        ".DESCRIPTION",
        ".EXAMPLE",
        "#Requires -Version 5.1",
        "#Requires -Modules DhcpServer",
        "Set-StrictMode",
    ):
        assert part in text
    assert "SupportsShouldProcess" in text
    parameters = re.search(r"(?s)\nparam\((.*?)\n\)", text)
    assert parameters and re.findall(r"\$(\w+)", parameters[1]) == ["ScopeId", "Force", "NoSharedSecret"]
    assert all(f".PARAMETER {name}" in text for name in ("ScopeId", "Force", "NoSharedSecret"))


def test_the_manifest_names_every_other_file_and_its_hash() -> None:
    files = written(target())
    manifest = json.loads(files.pop("windows/manifest.json"))
    stated = {f"windows/{file['path']}": file["sha256"] for file in manifest["files"]}
    assert stated == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert written(target(HOSTILE)) == written(target(HOSTILE))


def test_no_secret_is_written() -> None:
    everything = b"".join(written(target()).values())
    assert not re.search(rb"SharedSecret\s*=\s*['\"]", everything)
    assert b"-AsSecureString" in everything
    assert b"ZeroFreeBSTR" in everything


def test_two_pairs_of_servers_are_two_runbooks() -> None:
    plan = target()
    other = replace(plan.relationships[0], secondary_server="dhcp03")
    with pytest.raises(ValueError, match="one pair of servers, not 2"):
        written(replace(plan, relationships=(*plan.relationships, other)))


def test_data_is_ascii_a_line_an_object_and_every_text_is_guarded() -> None:
    lines = written(target(HOSTILE))["windows/plan-data.jsonl"].decode("ascii").splitlines()
    assert len(lines) == 3 + 3 * len(HOSTILE) + 2
    for line in lines:
        assert re.match(r'\{"kind":"=[a-z-]+","side":"=[a-z]*","scope_id":"=[0-9.]*",', line)
        unguarded(json.loads(line))


def test_a_scope_is_written_whole() -> None:
    written_scope = record(target(["R&D"]), "scope", "target", "10.0.0.0")
    assert written_scope["subnet_mask"] == "255.255.255.0"
    assert (written_scope["start_range"], written_scope["end_range"]) == ("10.0.0.10", "10.0.0.99")
    assert written_scope["exclusions"] == ["10.0.0.10-10.0.0.19"]
    assert written_scope["lease_seconds"] == 691_200
    assert [option["option_id"] for option in written_scope["options"]] == [15], "51 is the lease duration"
    assert written_scope["reservations"][0]["client_id"] == "01-02"
    assert written_scope["policies"][0]["conditions"] == {"VendorClass": ["EQ", "R&D", "MSFT*"]}


def test_what_a_source_cannot_say_is_null() -> None:
    plan = target()
    silent = Scope(scope_id=IPv4Address("10.0.0.0"), subnet_mask=IPv4Address("255.255.255.0"))
    plan = replace(plan, server=Server(name="dhcp01", scopes=(silent,)))
    scope, server = record(plan, "scope", "primary", "10.0.0.0"), record(plan, "server", "primary")
    assert [scope[key] for key in ("lease_seconds", "delay", "max_bootp_clients", "activate_policies", "policies")] == [None] * 5
    assert [server[key] for key in ("conflict_detection_attempts", "activate_policies", "policies", "filters")] == [None] * 4


@pytest.mark.parametrize(("strategy", "sides"), [(Strategy.IN_PLACE, {"target", *Role}), (Strategy.NEW_SERVERS, {"target"})])
def test_only_servers_that_were_exported_can_have_changed_since(strategy: Strategy, sides: set[str]) -> None:
    assert {r["side"] for r in records(target(strategy=strategy)) if r["kind"] == "scope"} == sides


RELATIONSHIPS = {
    "load balance": ({"load_balance_percent": 70}, {"mode": "LoadBalance", "load_balance_percent": 70, "reserve_percent": None}),
    "hot standby": (
        {"mode": FailoverMode.HOT_STANDBY, "load_balance_percent": None, "reserve_percent": 5},
        {"mode": "HotStandby", "load_balance_percent": None, "reserve_percent": 5},
    ),
    "automatic": (
        {"auto_state_transition": True, "state_switch_interval": timedelta(minutes=45)},
        {"auto_state_transition": True, "state_switch_interval": "00:45:00"},
    ),
    "a long lead time": ({"max_client_lead_time": timedelta(days=2)}, {"max_client_lead_time": "2.00:00:00"}),
}


@pytest.mark.parametrize(("changes", "expected"), RELATIONSHIPS.values(), ids=RELATIONSHIPS.keys())
def test_parameters_of_the_relationship(changes: dict[str, object], expected: dict[str, object]) -> None:
    plan = target()
    made = record(replace(plan, relationships=(replace(plan.relationships[0], **changes),)), "relationship")  # type: ignore[arg-type]
    assert expected.items() <= made.items()


@pytest.mark.parametrize("strategy", Strategy)
def test_the_description_is_for_this_plan_and_its_names_are_only_text(strategy: Strategy) -> None:
    plan = target(["<script>alert(1)</script>|`x`\n# heading"], strategy=strategy)
    text = written(plan)["windows/runbook.md"].decode()
    assert "dhcp01" in text and "1 scopes" in text
    assert "\n# heading" not in text
    assert "<script>" not in re.sub(r"`[^`]*`", "", text)
    assert all(step in text for step in STEPS)
