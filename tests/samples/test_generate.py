"""The generator keeps its word: the same bytes for the same options, and every conflict on record is in the files."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC
from ipaddress import IPv4Address, IPv4Network
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from lxml import etree
from writers.netsh_writer import as_dump_can_say
from writers.servers import without_places

from migrate.model.addresses import AddressSet
from migrate.model.leases import NEVER, LeaseState, LeaseTable
from migrate.model.server import Role
from parsers.export_xml import parse_export_xml
from parsers.netsh import parse_netsh_dump
from parsers.result import ReadOptions
from parsers.show_clients import parse_show_clients

SCRIPT = Path(__file__).parents[2] / "samples" / "generate.py"
generator = SimpleNamespace(**runpy.run_path(str(SCRIPT)))
GenerateOptions = generator.GenerateOptions
NONE = dict.fromkeys(generator.DEFAULT_RATES, 0.0)
PRIMARY, SECONDARY = Role.PRIMARY, Role.SECONDARY


@pytest.fixture(scope="module")
def flawless() -> Any:
    return generator.generate(GenerateOptions(scopes=40, leases=3000, rates=NONE))


@pytest.fixture(scope="module")
def flawed() -> Any:
    return generator.generate(GenerateOptions(scopes=60, leases=3000, each_at_least_once=True))


def leases(estate: Any, role: Role) -> LeaseTable:
    return LeaseTable.concatenate([LeaseTable.empty(), *(estate.leases(role, scope) for scope in estate.servers[role].scopes)])


class TestFlawlessEstate:
    def test_the_split_is_complementary(self, flawless: Any) -> None:
        for primary, secondary in zip(flawless.servers[PRIMARY].scopes, flawless.servers[SECONDARY].scopes, strict=True):
            assert (primary.scope_id, primary.range) == (secondary.scope_id, secondary.range)
            assert primary.serves.is_disjoint(secondary.serves)
            given_out = primary.serves | secondary.serves
            assert primary.range_set - given_out == AddressSet([primary.exclusions[0].range])
            share = primary.serves.address_count / primary.range_set.address_count
            assert 0.7 < share < 0.8

    def test_every_lease_lies_in_what_its_server_serves(self, flawless: Any) -> None:
        for role in Role:
            for scope in flawless.servers[role].scopes:
                reserved = AddressSet.of_addresses(reservation.ip_address for reservation in scope.reservations)
                held = AddressSet.of_spans((a, a + 1) for a in flawless.leases(role, scope).address.tolist())
                assert (scope.serves | reserved).covers(held), scope.name

    def test_one_client_has_one_address_and_one_address_one_client(self, flawless: Any) -> None:
        rows = [row for role in Role for row in leases(flawless, role).rows()]
        dynamic = [row for row in rows if row.state in (LeaseState.ACTIVE, LeaseState.OFFERED, LeaseState.EXPIRED)]
        assert len(dynamic) == 3000
        assert len({row.ip_address for row in dynamic}) == 3000
        assert len({row.client_id for row in dynamic}) == 3000
        reserved = [row for row in rows if row.state is LeaseState.ACTIVE_RESERVATION]
        assert len({row.ip_address for row in reserved}) == len(reserved)
        assert not {row.client_id for row in reserved} & {row.client_id for row in dynamic}

    def test_states_agree_with_the_clock(self, flawless: Any) -> None:
        as_of_s = flawless.options.as_of_s
        for role in Role:
            for row in leases(flawless, role).rows():
                if row.state in (LeaseState.ACTIVE_RESERVATION, LeaseState.INACTIVE_RESERVATION):
                    assert row.expiry_s == NEVER
                else:
                    assert (row.expiry_s > as_of_s) == (row.state is not LeaseState.EXPIRED)

    def test_subnets_do_not_overlap_and_hold_what_is_theirs(self, flawless: Any) -> None:
        scopes = flawless.servers[PRIMARY].scopes
        for earlier, later in pairwise(scopes):
            assert not earlier.network.overlaps(later.network)
        for scope in scopes:
            assert scope.network.is_private
            assert AddressSet.of_network(scope.network).covers(scope.range_set)
            assert all(reservation.ip_address in scope.range for reservation in scope.reservations)

    def test_both_servers_say_the_same_at_server_level(self, flawless: Any) -> None:
        primary, secondary = flawless.servers[PRIMARY], flawless.servers[SECONDARY]
        for field in ("settings", "classes", "option_definitions", "option_values", "policies", "filters"):
            assert getattr(primary, field) == getattr(secondary, field), field
        assert flawless.conflicts == ()

    def test_clients_have_many_kinds_of_ids_and_names(self, flawless: Any) -> None:
        rows = list(leases(flawless, PRIMARY).rows())
        lengths = {len(row.client_id.octets) for row in rows}
        assert {6, 7} < lengths
        assert max(lengths) >= 16
        names = "".join(row.host_name for row in rows)
        assert all(letter in names for letter in "ü&<Ł")


class TestConflicts:
    def test_every_rule_is_shown_and_no_scope_shows_two(self, flawed: Any) -> None:
        rules = {conflict.rule for conflict in flawed.conflicts}
        assert rules == set(generator.DEFAULT_RATES)
        places = [conflict.scope_id for conflict in flawed.conflicts if conflict.scope_id]
        assert len(places) == len(set(places))

    def test_overlap_is_exactly_the_slip(self, flawed: Any) -> None:
        overlaps = {}
        for scope in flawed.servers[PRIMARY].scopes:
            other = flawed.servers[SECONDARY].scope(scope.scope_id)
            if other and not scope.serves.is_disjoint(other.serves):
                overlaps[scope.scope_id] = str(scope.serves & other.serves)
        assert overlaps == {conflict.scope_id: conflict.object for conflict in on_record(flawed, "overlapping-pools")}

    def test_addresses_with_two_clients_are_exactly_the_lease_conflicts(self, flawed: Any) -> None:
        clients: dict[IPv4Address, set[str]] = {}
        for role in Role:
            for row in leases(flawed, role).rows():
                if row.state is LeaseState.ACTIVE:
                    clients.setdefault(row.ip_address, set()).add(str(row.client_id))
        shared = {str(address): ids for address, ids in clients.items() if len(ids) > 1}
        assert shared == {c.object: {c.primary, c.secondary} for c in on_record(flawed, "lease-conflict")}

    def test_clients_with_two_addresses_are_exactly_those_on_record(self, flawed: Any) -> None:
        addresses: dict[str, set[str]] = {}
        for role in Role:
            for row in leases(flawed, role).rows():
                if row.state is LeaseState.ACTIVE:
                    addresses.setdefault(str(row.client_id), set()).add(str(row.ip_address))
        roaming = {client: held for client, held in addresses.items() if len(held) > 1}
        assert roaming == {c.object: {c.primary, c.secondary} for c in on_record(flawed, "lease-two-addresses")}

    def test_declined_addresses_are_on_record_with_the_address_reversed(self, flawed: Any) -> None:
        declined = [row for role in Role for row in leases(flawed, role).rows() if row.state is LeaseState.DECLINED]
        assert {str(row.ip_address) for row in declined} == {c.object for c in on_record(flawed, "declined-leases")}
        assert all(row.client_id.octets == row.ip_address.packed[::-1] for row in declined)
        assert {row.host_name for row in declined} == {"BAD_ADDRESS"}

    @pytest.mark.parametrize(
        ("field", "rules"),
        [
            ("delay_ms", ["offer-delay"]),
            ("state", ["scope-state-differs"]),
            ("lease_duration", ["lease-duration-differs"]),
            ("superscope", ["superscope-differs"]),
            ("name", ["scope-properties-differ"]),
            ("subnet_mask", ["scope-mask-mismatch"]),
            ("range", ["ranges-differ", "one-sided-exclusion"]),
            ("policies", ["policy-conflict", "scope-policies-differ"]),
            ("option_values", ["option-values-differ", "lease-duration-differs", "dns-flags-differ"]),
        ],
    )
    def test_scopes_differ_exactly_where_the_record_says_so(self, flawed: Any, field: str, rules: list[str]) -> None:
        differing = {
            scope.scope_id
            for scope in flawed.servers[PRIMARY].scopes
            if (other := flawed.servers[SECONDARY].scope(scope.scope_id)) and getattr(scope, field) != getattr(other, field)
        }
        assert differing == {conflict.scope_id for rule in rules for conflict in on_record(flawed, rule)}

    def test_reservations_conflict_by_address_or_by_client(self) -> None:
        estate = generator.generate(GenerateOptions(scopes=30, leases=0, rates=NONE | {"reservation-conflict": 0.5}))
        forms = []
        for conflict in on_record(estate, "reservation-conflict"):
            both = [estate.servers[role].scope(conflict.scope_id).reservations for role in Role]
            primary, secondary = ({(str(r.ip_address), str(r.client_id)) for r in each} for each in both)
            forms.append("address" if "." in conflict.object else "client")
            for own, value in ((primary - secondary, conflict.primary), (secondary - primary, conflict.secondary)):
                assert own == {(conflict.object, value) if forms[-1] == "address" else (value, conflict.object)}
        assert set(forms) == {"address", "client"}

    def test_scopes_of_one_server_are_on_record(self, flawed: Any) -> None:
        ids = [{scope.scope_id for scope in flawed.servers[role].scopes} for role in Role]
        expected = {c.scope_id for c in on_record(flawed, "scope-on-one-server")}
        for conflict in on_record(flawed, "scope-overlap"):
            expected |= {conflict.scope_id, IPv4Address(conflict.object)}
            assert IPv4Network(conflict.primary).overlaps(IPv4Network(conflict.secondary))
        assert ids[0] ^ ids[1] == expected

    def test_rates_are_shares_of_the_scopes(self) -> None:
        options = GenerateOptions(scopes=100, leases=0, rates=NONE | {"offer-delay": 0.25, "declined-leases": 0.1})
        rules = [conflict.rule for conflict in generator.generate(options).conflicts]
        assert (rules.count("offer-delay"), rules.count("declined-leases"), len(rules)) == (25, 10, 35)


class TestOptions:
    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            pytest.param({"scopes": 0}, "at least one scope", id="no scope"),
            pytest.param({"split_percent": 100}, "without a pool", id="no split"),
            pytest.param({"rates": {"lease-conflicts": 0.1}}, "no such conflict: lease-conflicts", id="misspelt rule"),
            pytest.param({"rates": {"lease-conflict": 20}}, "0 to 1", id="percent for a share"),
        ],
    )
    def test_what_cannot_be_built_is_refused(self, wrong: dict[str, Any], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            GenerateOptions(**wrong)

    def test_too_few_scopes_for_one_of_each(self) -> None:
        with pytest.raises(ValueError, match="too few"):
            generator.generate(GenerateOptions(scopes=10, leases=0, each_at_least_once=True))

    def test_one_scope_may_hold_very_many_leases(self) -> None:
        estate = generator.generate(GenerateOptions(scopes=1, leases=20_000, rates=NONE))
        assert sum(len(leases(estate, role)) for role in Role) >= 20_000
        assert estate.servers[PRIMARY].scopes[0].network.prefixlen <= 17

    @pytest.mark.parametrize("split_percent", [10, 50, 95])
    def test_any_split_shows_any_conflict(self, split_percent: int) -> None:
        options = GenerateOptions(scopes=60, leases=500, split_percent=split_percent, each_at_least_once=True)
        assert len({conflict.rule for conflict in generator.generate(options).conflicts}) == len(generator.DEFAULT_RATES)


def on_record(estate: Any, rule: str) -> Iterator[Any]:
    return (conflict for conflict in estate.conflicts if conflict.rule == rule)


class TestFiles:
    def test_the_command_writes_the_same_bytes_under_any_hash_seed(self, tmp_path: Path) -> None:
        written = []
        for hash_seed in ("0", "1"):
            folder = tmp_path / hash_seed
            run(folder, "--scopes", "40", "--leases", "500", "--conflicts", "all", "--format", "both", hash_seed=hash_seed)
            written.append({path.name: path.read_bytes() for path in sorted(folder.iterdir())})
        assert written[0] == written[1]
        assert sorted(written[0]) == sorted(
            ["conflicts.json", *(f"{role}{suffix}" for role in Role for suffix in (".xml", ".netsh.txt", ".clients.txt"))]
        )

    def test_an_export_has_the_form_that_windows_writes(self, tmp_path: Path, flawed: Any) -> None:
        generator.write(flawed, tmp_path)
        text = (tmp_path / "primary.xml").read_bytes()
        assert text.startswith(b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\r\n<DHCPServer xmlns="http')
        assert text.count(b"\n") == text.count(b"\r\n")
        root = etree.fromstring(text)
        assert [etree.QName(child).namespace for child in root] == [None] * 4
        assert len(root.findall("IPv4/Scopes/Scope")) == len(flawed.servers[PRIMARY].scopes)
        assert len(root.findall(".//Lease")) == len(leases(flawed, PRIMARY))
        assert root.find("IPv6/Scopes/Scope/Prefix") is not None

    def test_the_parsers_read_what_was_meant(self, tmp_path: Path, flawed: Any) -> None:
        generator.write(flawed, tmp_path, "both")
        for role, meant in flawed.servers.items():
            exported = parse_export_xml(tmp_path / f"{role}.xml", ReadOptions(), name=meant.name)
            assert exported.server == meant
            assert without_places(exported.leases) == without_places(leases(flawed, role))
            assert {finding.rule for finding in exported.findings} == {"option-without-definition"}
            dumped = parse_netsh_dump(tmp_path / f"{role}.netsh.txt", ReadOptions())
            assert dumped.server == as_dump_can_say(meant)
            listed = parse_show_clients(tmp_path / f"{role}.clients.txt", ReadOptions(time_zone=UTC)).leases
            shown = leases(flawed, role).take(np.flatnonzero(leases(flawed, role).state != LeaseState.OFFERED))
            assert [listed.address.tolist(), listed.client_id.values()] == [shown.address.tolist(), shown.client_id.values()]
            dated = listed.expiry_s != NEVER
            assert listed.expiry_s[dated].tolist() == shown.expiry_s[dated].tolist()

    def test_the_record_is_complete_json(self, tmp_path: Path, flawed: Any) -> None:
        generator.write(flawed, tmp_path)
        record = json.loads((tmp_path / "conflicts.json").read_text(encoding="utf-8"))
        assert len(record) == len(flawed.conflicts)
        assert all({"rule", "number", "scope_id", "object", "detail", "primary", "secondary"} < entry.keys() for entry in record)
        assert {entry["number"] for entry in record if entry["rule"] == "overlapping-pools"} == {"WF-020"}

    def test_an_export_without_leases_is_on_record(self, tmp_path: Path) -> None:
        estate = generator.generate(GenerateOptions(scopes=5, leases=50, rates=NONE, without_leases=SECONDARY))
        generator.write(estate, tmp_path)
        assert b"<Leases" in (tmp_path / "primary.xml").read_bytes()
        assert b"<Leases" not in (tmp_path / "secondary.xml").read_bytes()
        assert [conflict.rule for conflict in estate.conflicts] == ["leases-missing"]

    def test_a_wrong_option_is_a_usage_error(self, tmp_path: Path) -> None:
        outcome = run(tmp_path / "out", "--scopes", "3", "--conflicts", "all", expect=2)
        assert "too few" in outcome
        assert not (tmp_path / "out").exists()


def run(folder: Path, *arguments: str, hash_seed: str = "0", expect: int = 0) -> str:
    outcome = subprocess.run(
        [sys.executable, str(SCRIPT), "--out", str(folder), *arguments],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == expect, outcome.stderr
    return outcome.stdout + outcome.stderr
