"""Tables of a verification, and of two exports held against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from migrate.compare.exports import ExportDifference
from migrate.compare.leases import LeaseComparison, LeaseOutcome, LostLease
from migrate.compare.servers import Difference, Outcome
from migrate.compare.verification import Deviation, Verification
from migrate.model.lease_text import utc_text
from migrate.model.leases import Lease, LeaseState
from migrate.model.server import ObjectKind, Role
from reports.counts import KIND_WORDS
from reports.tables.table import Column, Kind, Table, Value, facts
from reports.verdict import count_of

Names = Mapping[Role, str]
"""What each server is called in headings."""

_NOT_THERE = "(not there)"
_SERVER_LEVEL = "server level"
LEASE_WORDS = {
    LeaseOutcome.UNCHANGED: "unchanged",
    LeaseOutcome.MOVED_ON: "renewed, or cut to the MCLT",
    LeaseOutcome.ENDED: "ended",
    LeaseOutcome.RELEASED: "released",
    LeaseOutcome.ONE_SIDED: "on one partner only",
    LeaseOutcome.LOST: "lost",
}
"""Of the leases of a plan."""
LISTED_LEASE_WORDS = LEASE_WORDS | {LeaseOutcome.LOST: "missing"}
"""Of the leases of an export, which another of the same instant may never have had."""


def object_word(kind: ObjectKind) -> str:
    return kind.value.replace("-", " ")


# -- against a plan -------------------------------------------------------------------------------------------------------------


def plan_tally_table(verification: Verification) -> Table:
    columns = (
        Column("Kind"),
        Column("Planned", Kind.NUMBER),
        Column("As planned", Kind.NUMBER),
        Column("Differ", Kind.NUMBER),
        Column("Missing", Kind.NUMBER),
        Column("Extra", Kind.NUMBER),
        Column("Not said", Kind.NUMBER, is_optional=True),
    )
    return Table(
        sheet="Objects",
        title="Objects",
        lead="As the worse of the two partners has them.",
        columns=columns,
        rows=[_tally_row(kind, counts) for kind, counts in verification.tally.items()],
        empty="The plan holds nothing.",
    )


def _tally_row(kind: ObjectKind, counts: Counter[Outcome]) -> tuple[Value, ...]:
    planned = counts.total() - counts[Outcome.EXTRA]
    shown = (counts[outcome] for outcome in (Outcome.SAME, Outcome.DIFFERS, Outcome.MISSING, Outcome.EXTRA))
    return KIND_WORDS[kind], planned, *shown, counts[Outcome.UNSAID] or None


def deviations_table(verification: Verification, names: Names) -> Table:
    columns = (
        Column("Scope", Kind.ADDRESS),
        Column("Kind", max_width=20),
        Column("Object", max_width=40),
        Column("Setting", max_width=22, is_optional=True),
        Column("Planned", max_width=40),
        *(Column(name, max_width=40) for name in names.values()),
    )
    rows = [_deviation_row(deviation, within) for deviation, within in folded(verification.deviations)]
    return Table(sheet="Deviations", title="Not as planned", columns=columns, rows=rows, fixed_columns=3)


def folded(deviations: Iterable[Deviation]) -> list[tuple[Deviation, int]]:
    """Each deviation with the number of those that it brings with it: a scope that is not there has nothing in it either."""
    return _folded(deviations, lambda each: (each.planned is None, *(each.found[role] is None for role in Role)))


Listed = TypeVar("Listed", Deviation, Difference)


def _folded(items: Iterable[Listed], absence: Callable[[Listed], tuple[bool, ...]]) -> list[tuple[Listed, int]]:
    """Items of a scope go into the scope's own when they are absent from the same sides; scopes may come after their contents."""
    items = list(items)
    scopes = {(each.scope_id, absence(each)) for each in items if each.kind is ObjectKind.SCOPE and not each.setting}
    inside: Counter[object] = Counter()
    kept = []
    for each in items:
        where = each.scope_id, absence(each)
        if each.kind is not ObjectKind.SCOPE and not each.setting and where in scopes:
            inside[where] += 1
        else:
            kept.append(each)
    return [
        (each, inside[each.scope_id, absence(each)] if each.kind is ObjectKind.SCOPE and not each.setting else 0) for each in kept
    ]


def _with_contents(key: str, within: int) -> str:
    return f"{key} and {count_of(within, 'object')} in it" if within else key


def _deviation_row(deviation: Deviation, within: int) -> tuple[Value, ...]:
    return (
        str(deviation.scope_id) if deviation.scope_id else _SERVER_LEVEL,
        object_word(deviation.kind),
        _with_contents(deviation.key, within),
        deviation.setting,
        _side_text(deviation.planned, deviation.setting),
        *(_found_text(deviation, role) for role in Role),
    )


def _found_text(deviation: Deviation, role: Role) -> str:
    if deviation.planned is not None and deviation.found[role] == deviation.planned:
        return "as planned"
    return _side_text(deviation.found[role], deviation.setting)


def _side_text(text: str | None, setting: str) -> str:
    if text is None:
        return "(not said)" if setting else _NOT_THERE
    return text or "(there)"


def replication_table(verification: Verification, names: Names) -> Table:
    columns = (
        Column("Scope", Kind.ADDRESS),
        Column("Replicate from"),
        Column("Overwrites", Kind.NUMBER),
        Column("Deletes, added since", max_width=48, is_optional=True),
        Column("With", max_width=80),
    )
    rows: list[tuple[Value, ...]] = []
    for replication in verification.replications:
        source = replication.source
        command = f"Invoke-DhcpServerv4FailoverReplication -ScopeId {replication.scope_id}"
        rows.append(
            (
                str(replication.scope_id),
                names[source] if source else "neither as it stands",
                replication.overwritten,
                ", ".join(replication.deleted),
                f"on {names[source]}: {command}" if source else "bring one copy to the plan by hand, then replicate from it",
            )
        )
    lead = (
        "Towards the plan. Replication overwrites the other copy as a whole; to keep a change that was made since, turn it round."
    )
    return Table(sheet="Replication", title="Replication", lead=lead, columns=columns, rows=rows)


# -- two exports ----------------------------------------------------------------------------------------------------------------


def export_tally_table(difference: ExportDifference, names: Names) -> Table:
    first, second = names.values()
    columns = (
        Column("Kind"),
        Column("Equal", Kind.NUMBER),
        Column("Differ", Kind.NUMBER),
        Column(f"Only on {first}", Kind.NUMBER),
        Column(f"Only on {second}", Kind.NUMBER),
        Column("Not said", Kind.NUMBER, is_optional=True),
    )
    rows: list[tuple[Value, ...]] = []
    for kind, counts in difference.configuration.tally().items():
        shown = (counts[outcome] for outcome in (Outcome.SAME, Outcome.DIFFERS, Outcome.MISSING, Outcome.EXTRA))
        rows.append((KIND_WORDS[kind], *shown, counts[Outcome.UNSAID] or None))
    return Table(sheet="Objects", title="Objects", columns=columns, rows=rows, empty="Neither export holds anything.")


def differences_table(differences: Sequence[Difference], names: Names) -> Table:
    columns = (
        Column("Scope", Kind.ADDRESS),
        Column("Kind", max_width=20),
        Column("Object", max_width=40),
        Column("Setting", max_width=22, is_optional=True),
        *(Column(name, max_width=40) for name in names.values()),
    )
    differences = sorted(differences, key=lambda each: (int(each.scope_id or 0), each.kind is not ObjectKind.SCOPE))
    rows: list[tuple[Value, ...]] = [
        (
            str(each.scope_id) if each.scope_id else _SERVER_LEVEL,
            object_word(each.kind),
            _with_contents(each.key, within),
            each.setting,
            _side_text(each.expected, each.setting),
            _side_text(each.found, each.setting),
        )
        for each, within in _folded(differences, lambda each: (each.expected is None, each.found is None))
    ]
    return Table(sheet="Differences", title="Differences", columns=columns, rows=rows, fixed_columns=3)


# -- leases ---------------------------------------------------------------------------------------------------------------------


def lease_facts(leases: LeaseComparison, words: Mapping[LeaseOutcome, str]) -> Table:
    rows: list[tuple[str, Value]] = [
        (words[outcome], number) for outcome, number in leases.counts().items() if number or outcome is LeaseOutcome.LOST
    ]
    rows.append(("in use for two clients", leases.contested_count))
    one_sided = f" ({leases.new_on_one_side:,} on one partner only)" if leases.new_on_one_side else ""
    rows.append(("new", f"{leases.new:,}{one_sided}"))
    return facts("Leases", "Leases", rows)


def wrong_leases_table(leases: LeaseComparison, names: Names, words: Mapping[LeaseOutcome, str]) -> Table:
    columns = (
        Column("Address", Kind.ADDRESS),
        Column("Scope", Kind.ADDRESS),
        Column("Client", Kind.ADDRESS),
        Column("Host name", max_width=24, is_optional=True),
        Column("Until", Kind.TIMESTAMP),
        Column("Outcome", max_width=20),
        *(Column(name, max_width=44) for name in names.values()),
        Column("Client is now at", Kind.ADDRESS, is_optional=True),
    )
    rows: list[tuple[Value, ...]] = [_wrong_row(wrong, names, words) for wrong in leases.wrong]
    rows += [
        (
            str(contest.ip_address), str(contest.scope_id), None, None, None, "two clients",
            *(holder_text(contest.leases[role]) for role in names), None,
        )
        for contest in leases.contested
    ]  # fmt: skip
    return Table(sheet="Leases that are wrong", title="Leases that are wrong", columns=columns, rows=rows)


def _wrong_row(wrong: LostLease, names: Names, words: Mapping[LeaseOutcome, str]) -> tuple[Value, ...]:
    lease = wrong.lease
    return (
        str(lease.ip_address),
        str(lease.scope_id),
        str(lease.client_id),
        lease.host_name,
        utc_text(lease.expiry_s),
        words[wrong.outcome],
        *(holder_text(wrong.holders[role]) if role in wrong.holders else None for role in names),
        str(wrong.now_at) if wrong.now_at else None,
    )


def holder_text(lease: Lease | None) -> str:
    if lease is None:
        return "no record"
    if lease.state is LeaseState.DECLINED:
        return "declined"
    return f"{lease.client_id} {lease.state.word} until {utc_text(lease.expiry_s)}"
