"""What the tables say, held against the records they are made from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_samples import AS_OF_S, LEFT_OUT, Report, report

from migrate.model.decision import DecidedBy
from migrate.model.leases import NEVER
from migrate.model.origin import Origin
from migrate.model.server import ObjectKind, Role
from reports.tables import Column, Table, Value, tables
from reports.tables.words import Places


def made(sample: Report, **options: int) -> dict[str, Table]:
    """By title."""
    content = tables(sample.result, sample.findings, sample.verdict, sample.run, **options)
    return {table.title: table for table in content}


def records(table: Table) -> list[dict[str, Value]]:
    return [dict(zip((column.heading for column in table.columns), row, strict=True)) for row in table.rows]


@pytest.fixture(scope="module")
def sample() -> Report:
    return report()


@pytest.fixture(scope="module")
def by_title(sample: Report) -> dict[str, Table]:
    return made(sample)


def test_every_row_has_a_cell_for_every_column(by_title: dict[str, Table]) -> None:
    for table in by_title.values():
        assert all(len(row) == len(table.columns) for row in table.rows), table.title


def test_the_cover_says_the_verdict_and_the_next_command(sample: Report, by_title: dict[str, Table]) -> None:
    cover = by_title["Migration to DHCP failover"]
    facts = dict(cover.rows)
    assert cover.lead == sample.verdict.sentence == "Not ready: 1 blocking finding and 1 open decision."
    assert facts["Next command"] == ("unsplit migrate primary.xml secondary.xml --out plan --decisions plan/decisions.toml --force")
    assert facts["Findings"] == "1 block, 1 error, 1 warning, 4 info"
    assert facts["Decisions"] == "1 open, 1 settled by default"
    assert facts["Leases judged at"] == "2026-11-20T18:00:00Z"


def test_figures_of_the_cover_add_up_to_what_was_read(sample: Report, by_title: dict[str, Table]) -> None:
    for row in records(by_title["What was read, and what became of it"]):
        numbers = {heading: value for heading, value in row.items() if isinstance(value, int)}
        read = sum(value for heading, value in numbers.items() if heading.startswith("Read"))
        conflicts, in_target = numbers.pop("Conflicts"), numbers.pop("In the target")
        assert sum(numbers.values()) - read == read
        assert conflicts >= 0
        assert in_target <= read


def test_the_ledger_totals_tell_a_balance_from_an_imbalance(sample: Report) -> None:
    result = sample.result
    primary = result.sources[Role.PRIMARY]
    lost = replace(primary, objects_read=dict(primary.objects_read) | {ObjectKind.LEASE: 7})
    broken = replace(sample, result=replace(result, sources={**result.sources, Role.PRIMARY: lost}))
    answers = {(row["Kind"], row["Read on"]): row["Adds up"] for row in records(made(broken)["Ledger totals"])}
    assert answers.pop(("Leases", "primary dhcp01")) == "NO"
    assert set(answers.values()) == {"yes"}


def test_open_decisions_come_first_with_all_their_alternatives(by_title: dict[str, Table]) -> None:
    first, second = records(by_title["Decisions"])
    assert (first["Choice"], first["Decided by"], first["Default"]) == ("open", "nobody yet", "none is safe")
    assert first["Alternatives"] == "share: both servers' clients keep their leases\nexclude: the overlap stays excluded"
    assert (second["Choice"], second["Decided by"]) == ("primary", "default")


def test_findings_keep_their_order_and_their_places(sample: Report, by_title: dict[str, Table]) -> None:
    rows = records(by_title["Findings"])
    assert [row["Severity"] for row in rows] == ["block", "error", "warning", "info", "info", "info", "info"]
    assert rows[0]["Where"] == "primary.xml:412, secondary.xml:88"
    assert rows[0]["Number"] == "WF-020"


def test_scopes_stand_side_by_side(by_title: dict[str, Table]) -> None:
    shared, lone, left_out = records(by_title["Scopes"])
    assert shared["Outcome"] == "merged from both servers"
    served = [shared[f"Addresses served, {owner}"] for owner in ("primary", "secondary", "target")]
    assert served == [100, 90, 200]
    assert shared["Router, target"] == "10.1.0.1"
    assert shared["Lease duration, primary"] == "8.00:00:00"
    assert lone["Outcome"] == "taken from the primary"
    assert lone["Range, secondary"] is None
    assert (left_out["Scope"], left_out["Outcome"]) == (str(LEFT_OUT), "left out: --skip-scope")
    assert left_out["State, target"] is None


def test_every_exclusion_has_its_proof_and_the_target_its_own(by_title: dict[str, Table]) -> None:
    rows = records(by_title["Ranges and exclusions"])
    dissolved, trimmed = (row for row in rows if row["Outcome"])
    assert (dissolved["From - to"], dissolved["Now served"]) == ("10.1.0.101 - 10.1.0.200", "10.1.0.101 - 10.1.0.200")
    assert (trimmed["Still excluded"], trimmed["Now served"]) == ("10.1.0.1", "10.1.0.2 - 10.1.0.110")
    proofs = [row["Proof"] for row in rows if row["On"] == "target"]
    assert "newly serves 10.1.0.101 - 10.1.0.110" in str(proofs[0])
    assert "serves exactly the 200 addresses that are served today" in str(proofs[1])


def test_reservations_tell_where_they_were_read(by_title: dict[str, Table]) -> None:
    rows = records(by_title["Reservations"])
    assert [(row["Address"], row["Read on"]) for row in rows] == [("10.1.0.50", "both"), ("10.2.0.50", "both")]


def test_lease_conflicts_show_both_clients_and_the_reason(by_title: dict[str, Table]) -> None:
    two_clients, reserved = records(by_title["Lease conflicts"])
    assert (two_clients["Client id, stays"], two_clients["Server, stays"]) == ("00-15-5d-02-00-02", "secondary")
    assert (two_clients["Client id, goes"], two_clients["Server, goes"]) == ("00-15-5d-01-00-02", "primary")
    assert two_clients["Expiry UTC, stays"] == AS_OF_S + 4 * 3600
    assert two_clients["Why"] == "the later expiry is on the other server"
    assert (reserved["State, stays"], reserved["Client id, stays"]) == ("reservation", "00-15-5d-00-00-01")


def test_options_go_from_the_server_to_the_reservation_and_compare(by_title: dict[str, Table]) -> None:
    rows = records(by_title["Options"])
    assert [row["Level"] for row in rows[:4]] == ["server", "policy", "scope", "reservation"]
    assert (rows[0]["Option"], rows[0]["Option name"], rows[0]["Compared"]) == (6, "DNS Servers", "equal")
    assert [row["Target"] for row in rows if row["Scope"] == str(LEFT_OUT)] == [None, None]


def test_settings_that_differ_are_marked(by_title: dict[str, Table]) -> None:
    rows = records(by_title["Classes, option definitions, policies, filters and server settings"])
    [setting] = (row for row in rows if row["Kind"] == "Server setting")
    assert [setting[heading] for heading in ("Primary dhcp01", "Secondary dhcp02", "Target", "Compared")] == [
        "0",
        "2",
        "0",
        "differs",
    ]
    assert [row["Kind"] for row in rows] == [
        "Server setting", "Vendor class", "Option definition", "Policy", "Filter list", "Filter list", "Filter"
    ]  # fmt: skip


@pytest.mark.parametrize(("limit", "is_shown"), [(5, False), (6, True)])
def test_leases_are_in_the_workbook_while_they_fit(sample: Report, limit: int, is_shown: bool) -> None:
    table = made(sample, workbook_leases=limit)["Merged leases"]
    assert bool(table.rows) == is_shown
    assert "leases.csv" in table.empty or is_shown
    if is_shown:
        first = records(table)[0]
        assert (first["Address"], first["Read on"], first["Reserved"]) == ("10.1.0.10", "both", "yes")
        assert first["Expiry UTC"] == AS_OF_S + 3600


@pytest.mark.parametrize(("limit", "is_shown"), [(19, False), (20, True)])
def test_the_ledger_is_in_the_workbook_while_it_fits(sample: Report, limit: int, is_shown: bool) -> None:
    table = made(sample, workbook_leases=limit)["Ledger"]
    assert len(table.rows) == (20 if is_shown else 0)
    assert "ledger.csv" in table.empty or is_shown


def test_a_lease_without_end_says_never(sample: Report) -> None:
    result = sample.result
    expiry = result.leases.table.expiry_s.copy()
    expiry[0] = NEVER
    leases = replace(result.leases, table=replace(result.leases.table, expiry_s=expiry))
    table = made(replace(sample, result=replace(result, leases=leases)))["Merged leases"]
    assert [row["Expiry UTC"] for row in records(table)[:2]] == ["never", AS_OF_S + 7200]


def test_a_single_server_has_no_columns_of_a_secondary() -> None:
    for table in made(report(is_pair=False)).values():
        if table.title != "Failover relationships":
            assert not [column.heading for column in table.columns if "econdary" in column.heading], table.title


def test_a_single_server_without_decisions_says_so() -> None:
    content = made(report(is_pair=False))
    assert dict(content["Migration to DHCP failover"].rows)["Decisions"] == "none needed"
    assert not content["Decisions"].rows
    assert content["Lease conflicts"].empty == "No two leases contradict each other."


def test_optional_columns_without_a_value_are_left_out() -> None:
    columns = (Column("Name"), Column("Note", is_optional=True), Column("Kind"))
    bare = Table(sheet="S", title="T", columns=columns, rows=[("x", None, None), ("y", "", None)])
    assert [column.heading for column in bare.columns] == ["Name", "Kind"]
    assert list(bare.rows) == [("x", None), ("y", None)]
    noted = Table(sheet="S", title="T", columns=columns, rows=[("x", None, None), ("y", "z", None)])
    assert noted.columns == columns


def test_sources_list_each_file_once_with_its_digest(by_title: dict[str, Table]) -> None:
    rows = records(by_title["Sources"])
    assert [(row["Role"], row["File"], row["SHA-256"]) for row in rows] == [
        ("primary", "primary.xml", "a" * 64),
        ("secondary", "secondary.xml", "b" * 64),
    ]
    assert ("mode", "load-balance") in by_title["Options in force"].rows


def test_deciders_are_counted_by_kind(sample: Report) -> None:
    decided = [replace(d, choice="share", decided_by=DecidedBy.PERSON) if d.is_open else d for d in sample.result.decisions]
    content = made(replace(sample, result=replace(sample.result, decisions=tuple(decided))))
    assert dict(content["Migration to DHCP failover"].rows)["Decisions"] == "1 settled by default, 1 by a person"


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param(("old/dhcp01.xml", "old/dhcp02.xml"), "dhcp01.xml:7", id="file names that differ"),
        pytest.param(("first/export.xml", "second/export.xml"), "first/export.xml:7", id="the same file name twice"),
        pytest.param(("C:\\old\\dhcp01.xml", "C:\\old\\dhcp02.xml"), "dhcp01.xml:7", id="paths of Windows"),
    ],
)
def test_places_name_the_file_as_shortly_as_is_clear(sample: Report, paths: tuple[str, str], expected: str) -> None:
    sources = [replace(source, path=path) for source, path in zip(sample.result.sources.values(), paths, strict=True)]
    assert Places(sources).text([None, Origin(paths[0], 7), Origin("other/file", 0)]) == f"{expected}, other/file"
