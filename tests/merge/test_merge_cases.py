"""Case by case what design.md section 5 asks of the merge. The laws stand in test_merge_laws.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address

import pytest
from merge_builder import (
    AS_OF,
    LATER,
    LATEST,
    address,
    decided,
    fate,
    held,
    lease,
    merged,
    option,
    reserve,
    scope,
    server,
    span,
    target_scope,
)

from migrate.errors import ConservationError, UsageError
from migrate.merge.result import LeaseConflictKind
from migrate.merge.settings import Answer, Settings
from migrate.merge.target import merge
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.leases import NEVER, LeaseState
from migrate.model.ledger import Disposition
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.scope import ScopeState
from migrate.model.server import ClassKind, DhcpClass, Filters, MacFilter, ObjectKind, Role, ServerSetting

P, S = Role.PRIMARY, Role.SECONDARY


def exclusions(result) -> list[str]:
    return [str(exclusion.range) for exclusion in target_scope(result).exclusions]


class TestPools:
    def test_an_80_20_split_dissolves(self) -> None:
        result = merged(server("a", scope(excluded=("10-14", "81-100"))), server("b", scope(excluded=("10-80",))))
        assert target_scope(result).range == span("10-100")
        assert exclusions(result) == ["10.0.0.10 - 10.0.0.14"]
        assert fate(result, P, ObjectKind.EXCLUSION_RANGE, "10.0.0.81 - 10.0.0.100") is Disposition.DISSOLVED
        assert fate(result, P, ObjectKind.EXCLUSION_RANGE, "10.0.0.10 - 10.0.0.14") is Disposition.KEPT
        assert fate(result, S, ObjectKind.EXCLUSION_RANGE, "10.0.0.10 - 10.0.0.80") is Disposition.TRIMMED

    def test_an_exclusion_of_both_is_kept_once(self) -> None:
        result = merged(server("a", scope(excluded=("20-25", "60-100"))), server("b", scope(excluded=("20-25", "10-19", "26-59"))))
        assert exclusions(result) == ["10.0.0.20 - 10.0.0.25"]
        assert fate(result, P, ObjectKind.EXCLUSION_RANGE, "10.0.0.20 - 10.0.0.25") is Disposition.KEPT
        assert fate(result, S, ObjectKind.EXCLUSION_RANGE, "10.0.0.20 - 10.0.0.25") is Disposition.JOINED

    def test_a_split_by_ranges_becomes_one_range_and_its_gap_an_exclusion(self) -> None:
        result = merged(server("a", scope("10-50")), server("b", scope("61-100")))
        assert target_scope(result).range == span("10-100")
        assert exclusions(result) == ["10.0.0.51 - 10.0.0.60"]

    def test_ranges_that_meet_leave_no_exclusion(self) -> None:
        assert exclusions(merged(server("a", scope("10-50")), server("b", scope("51-100")))) == []

    def test_an_exclusion_outside_the_range_excludes_nothing(self) -> None:
        result = merged(server("a", scope(excluded=("200-210",))))
        assert exclusions(result) == []
        assert fate(result, P, ObjectKind.EXCLUSION_RANGE, "10.0.0.200 - 10.0.0.210") is Disposition.DROPPED

    OVERLAP = "overlapping-pools/10.0.0.0/10.0.0.71 - 10.0.0.80"

    def overlapping(self, **more):
        primary = server("a", scope(excluded=("81-100",)), leases=(lease(75, 1, LATER), lease(30, 3)))
        secondary = server("b", scope(excluded=("10-70",)), leases=(lease(75, 2, LATEST),))
        return merged(primary, secondary, **more)

    def test_an_overlap_blocks_until_somebody_decides(self) -> None:
        result = self.overlapping()
        assert [decision.id for decision in result.open_decisions] == [self.OVERLAP]
        evidence = result.open_decisions[0].evidence
        assert "10.0.0.75 00-00-00-00-00-01" in evidence
        assert "10.0.0.75 00-00-00-00-00-02" in evidence
        assert "10.0.0.30" not in evidence

    @pytest.mark.parametrize(("choice", "winner"), [("primary", 1), ("secondary", 2)])
    def test_a_shared_overlap_says_whose_leases_stand(self, choice: str, winner: int) -> None:
        result = self.overlapping(answers={self.OVERLAP: choice})
        assert exclusions(result) == []
        assert held(result)["10.0.0.75"] == winner

    def test_an_excluded_overlap_leaves_the_pool(self) -> None:
        result = self.overlapping(answers={self.OVERLAP: "exclude"})
        assert exclusions(result) == ["10.0.0.71 - 10.0.0.80"]

    ONE_SIDED = "one-sided-exclusion/10.0.0.0/10.0.0.10 - 10.0.0.19"

    def test_an_exclusion_the_split_does_not_explain_stays_by_default(self) -> None:
        pair = server("a", scope("10-50", ("10-19",))), server("b", scope("51-100"))
        kept = merged(*pair)
        assert exclusions(kept) == ["10.0.0.10 - 10.0.0.19"]
        assert decided(kept) == {self.ONE_SIDED: ("keep", "default")}
        dropped = merged(*pair, answers={self.ONE_SIDED: "drop"})
        assert exclusions(dropped) == []
        assert fate(dropped, P, ObjectKind.EXCLUSION_RANGE, "10.0.0.10 - 10.0.0.19") is Disposition.DISSOLVED

    def test_a_single_server_keeps_its_pool(self) -> None:
        result = merged(server("a", scope(excluded=("90-100",))))
        assert exclusions(result) == ["10.0.0.90 - 10.0.0.100"]
        assert result.decisions == ()


class TestReservations:
    def test_equal_ones_join_and_one_sided_ones_stay(self) -> None:
        result = merged(
            server("a", scope(reservations=(reserve(20, 1), reserve(21, 2)))),
            server("b", scope(reservations=(reserve(20, 1), reserve(22, 3)), excluded=("10-100",))),
        )
        assert [str(r.ip_address) for r in target_scope(result).reservations] == ["10.0.0.20", "10.0.0.21", "10.0.0.22"]
        assert fate(result, S, ObjectKind.RESERVATION, "10.0.0.20 00-00-00-00-00-01") is Disposition.JOINED
        assert result.decisions == ()

    @pytest.mark.parametrize(
        ("mine", "theirs", "object"),
        [
            pytest.param((20, 1), (20, 2), "10.0.0.20", id="one address, two clients"),
            pytest.param((30, 1), (20, 1), "10.0.0.20", id="one client, two addresses"),
        ],
    )
    @pytest.mark.parametrize("choice", ["primary", "secondary"])
    def test_a_conflict_blocks_until_decided(self, mine, theirs, object: str, choice: str) -> None:
        pair = (
            server("a", scope(reservations=(reserve(*mine),))),
            server("b", scope(reservations=(reserve(*theirs),), excluded=("10-100",))),
        )
        conflict = f"reservation-conflict/10.0.0.0/{object}"
        assert [decision.id for decision in merged(*pair).open_decisions] == [conflict]
        result = merged(*pair, answers={conflict: choice})
        assert target_scope(result).reservations == (reserve(*(mine if choice == "primary" else theirs)),)

    def test_a_chain_of_conflicts_is_one_decision(self) -> None:
        result = merged(
            server("a", scope(reservations=(reserve(20, 1), reserve(21, 2)))),
            server("b", scope(reservations=(reserve(20, 2), reserve(22, 9)), excluded=("10-100",))),
        )
        assert [decision.object for decision in result.open_decisions] == ["10.0.0.20"]
        assert len(target_scope(result).reservations) == 3

    def test_a_difference_in_name_or_options_is_decided_as_a_whole(self) -> None:
        mine = reserve(20, 1, name="printer", option_values=(option(66, "a"),))
        theirs = reserve(20, 1, name="Printer", option_values=(option(66, "b"),))
        pair = server("a", scope(reservations=(mine,))), server("b", scope(reservations=(theirs,), excluded=("10-100",)))
        differs = "reservation-differs/10.0.0.0/10.0.0.20"
        assert target_scope(merged(*pair)).reservations == (mine,)
        assert decided(merged(*pair)) == {differs: ("primary", "default")}
        assert target_scope(merged(*pair, answers={differs: "secondary"})).reservations == (theirs,)

    def test_the_range_widens_for_a_reservation_and_excludes_what_it_adds(self) -> None:
        primary = server("a", scope(reservations=(reserve(120, 1),)))
        result = merged(primary)
        assert target_scope(result).range == span("10-120")
        assert exclusions(result) == ["10.0.0.101 - 10.0.0.120"]
        dropped = merged(primary, answers={"reservation-outside-range/10.0.0.0/10.0.0.120": "drop"})
        assert target_scope(dropped).range == span("10-100")
        assert target_scope(dropped).reservations == ()

    def test_a_reservation_of_another_subnet_cannot_stay(self) -> None:
        stray = replace(reserve(20, 1), ip_address=IPv4Address("10.9.0.1"))
        result = merged(server("a", scope(reservations=(stray,))))
        assert target_scope(result).reservations == ()
        assert fate(result, P, ObjectKind.RESERVATION, "10.9.0.1 00-00-00-00-00-01") is Disposition.DROPPED


EXPIRED = LeaseState.EXPIRED


class TestLeases:
    @pytest.mark.parametrize(
        ("mine", "theirs", "winner"),
        [
            pytest.param([lease(20, 1)], [], {"10.0.0.20": 1}, id="one server only"),
            pytest.param([lease(20, 1)], [lease(20, 1, LATEST)], {"10.0.0.20": 1}, id="the same client on both"),
            pytest.param([lease(20, 1)], [lease(20, 2, LATEST)], {"10.0.0.20": 2}, id="later expiry"),
            pytest.param([lease(20, 1)], [lease(20, 2, LATEST, LeaseState.OFFERED)], {"10.0.0.20": 1}, id="active beats offered"),
            pytest.param([lease(20, 1)], [lease(20, 2, LATEST, EXPIRED)], {"10.0.0.20": 1}, id="active beats expired"),
            pytest.param([lease(20, 1, LATEST, LeaseState.OFFERED)], [], {"10.0.0.20": 1}, id="an offer stands alone"),
            pytest.param([lease(20, 1, AS_OF)], [], {}, id="over at as-of"),
            pytest.param([lease(20, 1, AS_OF + 1)], [], {"10.0.0.20": 1}, id="over just after as-of"),
            pytest.param([lease(20, 1, NEVER)], [lease(20, 2, LATEST)], {"10.0.0.20": 1}, id="no end is the latest"),
            pytest.param([lease(20, 1, LATER, LeaseState.DECLINED)], [], {}, id="declined"),
            pytest.param([lease(20, 1)], [lease(30, 1, LATEST)], {"10.0.0.30": 1}, id="one client, two addresses"),
            pytest.param([lease(20, 1), lease(20, 1, LATEST)], [], {"10.0.0.20": 1}, id="listed twice"),
        ],
    )
    def test_which_lease_stands(self, mine, theirs, winner: dict[str, int]) -> None:
        result = merged(
            server("a", scope(excluded=("26-100",)), leases=tuple(mine)),
            server("b", scope(excluded=("10-25",)), leases=tuple(theirs)),
        )
        assert held(result) == winner

    def test_of_equal_leases_the_server_that_serves_the_address_wins(self) -> None:
        pair = [("26-100",), ("10-25",)]
        for ours, theirs, winner in ((pair[0], pair[1], 1), (pair[1], pair[0], 2)):
            result = merged(
                server("a", scope(excluded=ours), leases=(lease(20, 1),)),
                server("b", scope(excluded=theirs), leases=(lease(20, 2),)),
            )
            assert held(result) == {"10.0.0.20": winner}

    def test_two_clients_in_use_are_a_decision_with_a_default(self) -> None:
        pair = (
            server("a", scope(excluded=("26-100",)), leases=(lease(20, 1, LATER),)),
            server("b", scope(excluded=("10-25",)), leases=(lease(20, 2, LATEST),)),
        )
        conflict = "lease-conflict/10.0.0.0/10.0.0.20"
        assert decided(merged(*pair)) == {conflict: ("secondary", "default")}
        assert [c.kind for c in merged(*pair).lease_conflicts] == [LeaseConflictKind.TWO_CLIENTS]
        assert held(merged(*pair, answers={conflict: "primary"})) == {"10.0.0.20": 1}
        assert held(merged(*pair, prefer=P)) == {"10.0.0.20": 1}

    def test_a_lease_on_an_address_reserved_for_another_goes(self) -> None:
        result = merged(server("a", scope(reservations=(reserve(20, 9),)), leases=(lease(20, 1),)))
        assert held(result) == {}
        (conflict,) = result.lease_conflicts
        assert (conflict.kind, conflict.reserved_client) == (LeaseConflictKind.RESERVED_FOR_OTHER, "00-00-00-00-00-09")

    def test_the_lease_of_a_reservation_is_marked_and_outlives_its_date(self) -> None:
        in_use = lease(20, 1, AS_OF - 1, LeaseState.ACTIVE_RESERVATION)
        idle = lease(21, 2, NEVER, LeaseState.INACTIVE_RESERVATION)
        result = merged(server("a", scope(reservations=(reserve(20, 1), reserve(21, 2))), leases=(in_use, idle)))
        assert held(result) == {"10.0.0.20": 1}
        assert result.leases.reserved.tolist() == [True]
        assert result.leases.table.row(0).state is LeaseState.ACTIVE_RESERVATION
        assert result.ledger.leases[P].counts() == {Disposition.KEPT: 1, Disposition.JOINED: 1}

    def test_a_client_keeps_its_reserved_address_before_a_later_one(self) -> None:
        result = merged(server("a", scope(reservations=(reserve(20, 1),)), leases=(lease(20, 1, LATER), lease(30, 1, LATEST))))
        assert held(result) == {"10.0.0.20": 1}

    def test_clients_without_an_id_are_nobody(self) -> None:
        nameless = [replace(lease(tail, 1), client_id=ClientId(b"")) for tail in (20, 21)]
        result = merged(server("a", scope(), leases=tuple(nameless)))
        assert len(result.leases.table) == 2

    def test_a_lease_of_a_scope_left_out_is_dropped_by_name(self) -> None:
        result = merged(server("a", scope(), leases=(lease(20, 1),)), skip_scopes=frozenset({address(0)}))
        assert result.ledger.leases[P].reason.values() == ["its scope is not migrated"]


class TestOptions:
    def options(self, result) -> dict[str, str]:
        return {value.label: value.text for value in target_scope(result).option_values}

    def test_equal_server_values_stay_at_server_level(self) -> None:
        values = (option(6, "10.0.0.1"),)
        result = merged(server("a", scope(), option_values=values), server("b", scope(excluded=("10-100",)), option_values=values))
        assert result.target.server.option_values == values
        assert self.options(result) == {}

    def test_an_equal_result_from_another_level_is_silent(self) -> None:
        here, there = scope(option_values=(option(6, "10.0.0.1"),)), scope(excluded=("10-100",))
        result = merged(server("a", here), server("b", there, option_values=(option(6, "10.0.0.1"),)))
        assert [d.rule for d in result.decisions] == ["server-options-differ"]
        assert self.options(result) == {"option 6": "10.0.0.1"}

    @pytest.mark.parametrize(("answer", "value"), [("primary", "10.0.0.1"), ("secondary", "10.0.0.2")])
    def test_differing_server_values_move_down(self, answer: str, value: str) -> None:
        lonely = scope(scope_id=IPv4Address("10.1.0.0"), range=AddressRange.parse("10.1.0.10", "10.1.0.20"))
        pair = (
            server("a", scope(), option_values=(option(6, "10.0.0.1"),)),
            server("b", scope(excluded=("10-100",)), lonely, option_values=(option(6, "10.0.0.2"),)),
        )
        result = merged(*pair, answers={"server-options-differ/server/option 6": answer})
        assert result.target.server.option_values == ()
        shared, alone = result.target.server.scopes
        assert [v.text for v in shared.option_values] == [value]
        assert [v.text for v in alone.option_values] == ["10.0.0.2"], "a scope of one server keeps what its server gave"

    def test_dns_flags_missing_mean_the_servers_default(self) -> None:
        same = merged(server("a", scope(option_values=(option(81, "5"),))), server("b", scope(excluded=("10-100",))))
        assert same.decisions == ()
        differ = merged(server("a", scope(option_values=(option(81, "23"),))), server("b", scope(excluded=("10-100",))))
        assert [d.rule for d in differ.decisions] == ["dns-flags-differ"]

    def test_option_51_follows_the_lease_duration(self) -> None:
        here = scope(lease_duration=timedelta(days=8), option_values=(option(51, "691200"),))
        there = scope(excluded=("10-100",), lease_duration=timedelta(hours=8), option_values=(option(51, "28800"),))
        answers = {"lease-duration-differs/10.0.0.0/lease duration": "secondary"}
        result = merged(server("a", here), server("b", there), answers=answers)
        assert target_scope(result).lease_duration == timedelta(hours=8)
        assert self.options(result) == {"option 51": "28800"}
        assert len(result.decisions) == 1


class TestScopes:
    def test_a_mask_that_differs_leaves_the_scope_out_until_decided(self) -> None:
        wider = scope(subnet_mask=IPv4Address("255.255.254.0"), excluded=("10-100",))
        mismatch = "scope-mask-mismatch/10.0.0.0/10.0.0.0"
        result = merged(server("a", scope()), server("b", wider))
        assert [d.id for d in result.open_decisions] == [mismatch]
        assert result.target.server.scopes == ()
        assert fate(result, P, ObjectKind.SCOPE, "10.0.0.0") is Disposition.DROPPED
        settled = merged(server("a", scope()), server("b", wider), answers={mismatch: "secondary"})
        assert target_scope(settled).subnet_mask == IPv4Address("255.255.254.0")
        left = merged(server("a", scope()), server("b", wider), answers={mismatch: "leave-out"})
        assert left.target.server.scopes == ()
        assert left.open_decisions == ()

    @pytest.mark.parametrize(("choice", "kept"), [("primary", "10.0.0.0"), ("secondary", "10.0.0.128")])
    def test_scopes_that_overlap_cannot_both_stand(self, choice: str, kept: str) -> None:
        inner = scope("130-140", scope_id=address(128), subnet_mask=IPv4Address("255.255.255.128"))
        overlap = "scope-overlap/10.0.0.128/10.0.0.128"
        assert [d.id for d in merged(server("a", scope()), server("b", inner)).open_decisions] == [overlap]
        result = merged(server("a", scope()), server("b", inner), answers={overlap: choice})
        assert str(target_scope(result).scope_id) == kept

    def test_a_scope_in_service_stays_in_service(self) -> None:
        idle = scope(state=ScopeState.INACTIVE)
        result = merged(server("a", idle), server("b", scope(excluded=("10-100",))))
        assert target_scope(result).state is ScopeState.ACTIVE
        assert decided(result)["scope-state-differs/10.0.0.0/state"] == ("secondary", "default")

    def test_the_offer_delay_goes(self) -> None:
        assert target_scope(merged(server("a", scope(delay_ms=1000)))).delay_ms == 0
        assert target_scope(merged(server("a", scope()))).delay_ms is None

    def test_a_source_that_cannot_say_contradicts_nothing(self) -> None:
        result = merged(
            server("a", scope(policies=(), lease_duration=timedelta(days=1))),
            server("b", scope(policies=None, excluded=("10-100",))),
        )
        assert result.decisions == ()
        assert target_scope(result).policies == ()

    def test_superscopes_agree_or_are_decided(self) -> None:
        result = merged(server("a", scope(superscope="Campus")), server("b", scope(superscope="campus 2", excluded=("10-100",))))
        assert target_scope(result).superscope == "Campus"
        assert fate(result, S, ObjectKind.SUPERSCOPE, "campus 2") is Disposition.DROPPED


def policy(name: str, order: int = 1, mac: str = "0004F2*", **fields) -> Policy:
    condition = PolicyCondition(field="MacAddress", operator="EQ", values=(mac,))
    return Policy(name=name, processing_order=order, conditions=(condition,), **fields)


class TestServerLevel:
    def pair(self, mine: dict, theirs: dict, **more):
        return merged(server("a", **mine), server("b", **theirs), **more)

    def test_gaps_in_the_order_of_policies_mean_nothing(self) -> None:
        mine = {"policies": (policy("A", 1), policy("B", 5))}
        theirs = {"policies": (policy("a", 2), policy("B", 3))}
        result = self.pair(mine, theirs)
        assert result.decisions == ()
        assert [(p.name, p.processing_order) for p in result.target.server.policies or ()] == [("A", 1), ("B", 2)]

    def test_another_order_condition_or_switch_is_a_conflict(self) -> None:
        mine = {"policies": (policy("A", 1), policy("B", 2))}
        for theirs in (
            (policy("B", 1), policy("A", 2)),
            (policy("A", 1, mac="0005*"), policy("B", 2)),
            (policy("A", 1, enabled=False), policy("B", 2)),
        ):
            result = self.pair(mine, {"policies": theirs})
            assert {d.rule for d in result.decisions} == {"policy-conflict"}

    def test_a_policy_of_one_server_is_taken_over_unless_decided_otherwise(self) -> None:
        result = self.pair({"policies": ()}, {"policies": (policy("A"),)})
        assert decided(result) == {"server-settings-differ/server/policy A": ("secondary", "default")}
        assert [p.name for p in result.target.server.policies or ()] == ["A"]
        without = self.pair({"policies": ()}, {"policies": (policy("A"),)}, prefer=P)
        assert without.target.server.policies == ()

    def test_class_data_and_option_types_decide_descriptions_do_not(self) -> None:
        def phones(data: bytes, text: str) -> dict:
            return {"classes": (DhcpClass(name="Phones", kind=ClassKind.VENDOR, data=data, description=text),)}

        assert self.pair(phones(b"a", "x"), phones(b"a", "y")).decisions == ()
        differ = self.pair(phones(b"a", "x"), phones(b"b", "x"))
        assert decided(differ) == {"class-differs/server/vendor class Phones": ("primary", "default")}

    def test_filter_lists_are_united(self) -> None:
        def deny(*macs: str, enabled: bool = True) -> dict:
            return {
                "filters": Filters(deny_enabled=enabled, entries=tuple(MacFilter(list="Deny", mac_address=mac) for mac in macs))
            }

        united = self.pair(deny("00-00-00-00-00-01"), deny("00-00-00-00-00-02"))
        assert [entry.mac_address[-1] for entry in united.target.server.filters.entries] == ["1", "2"]
        only = self.pair(deny("00-00-00-00-00-01"), deny("00-00-00-00-00-02"), prefer=P)
        assert [entry.mac_address[-1] for entry in only.target.server.filters.entries] == ["1"]
        switched = self.pair(deny(enabled=True), deny(enabled=False))
        assert decided(switched) == {"server-settings-differ/server/Deny filter switch": ("primary", "default")}

    def test_settings_that_no_import_carries_are_listed(self) -> None:
        path = ServerSetting(name="DatabasePath", value=r"C:\dhcp", carried=False)
        result = merged(server("a", settings=(path,)))
        assert result.target.server.settings == ()
        assert fate(result, P, ObjectKind.SERVER_SETTING, r"DatabasePath = C:\dhcp") is Disposition.UNSUPPORTED


class TestDocket:
    ALTERNATIVES = {
        "primary": "10.0.0.20 for 00-00-00-00-00-01 (no name)",
        "secondary": "10.0.0.20 for 00-00-00-00-00-02 (no name)",
    }
    CONFLICT = "reservation-conflict/10.0.0.0/10.0.0.20"

    def run(self, id: str, choice: str, alternatives: dict[str, str], **more):
        pair = (
            server("a", scope(reservations=(reserve(20, 1),))),
            server("b", scope(reservations=(reserve(20, 2),), excluded=("10-100",))),
        )
        answers = {id: Answer(choice=choice, alternatives=alternatives, path="d.toml", line=7)}
        return merge(*pair, Settings(as_of_s=AS_OF, primary_server="a", secondary_server="b", answers=answers, **more))

    def test_an_answer_to_the_values_as_they_are(self) -> None:
        result = self.run(self.CONFLICT, "secondary", self.ALTERNATIVES)
        assert decided(result) == {self.CONFLICT: ("secondary", "person")}

    @pytest.mark.parametrize(
        ("id", "choice", "alternatives", "reference"),
        [
            pytest.param("reservation-conflict/10.0.0.0/10.0.0.21", "primary", {}, "stale-decision", id="no such decision"),
            pytest.param(CONFLICT, "primary", {"primary": "something else"}, "stale-decision", id="other values"),
            pytest.param(CONFLICT, "both", {}, "unknown-choice", id="no such choice"),
        ],
    )
    def test_an_answer_that_does_not_fit(self, id: str, choice: str, alternatives: dict[str, str], reference: str) -> None:
        with pytest.raises(UsageError) as caught:
            self.run(id, choice, alternatives)
        assert caught.value.reference == reference
        assert str(caught.value.places[0]) == "d.toml:7"
        assert id in caught.value.message

    def test_an_answer_for_a_scope_left_out_waits_for_its_wave(self) -> None:
        assert self.run(self.CONFLICT, "primary", {}, skip_scopes=frozenset({address(0)})).decisions == ()


def test_an_object_that_is_not_accounted_for_stops_the_run() -> None:
    source = server("a", scope())
    source.objects_read[ObjectKind.RESERVATION] += 1  # type: ignore[index]
    with pytest.raises(ConservationError, match="1 reservation objects read, 0 accounted for"):
        merged(source)
