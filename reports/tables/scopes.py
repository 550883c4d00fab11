"""Scopes side by side, and the proof of every range and exclusion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from migrate.merge.result import ExclusionProof, MergeResult, ScopeMerge
from migrate.model.addresses import AddressRange, AddressSet
from migrate.model.leases import LeaseTable
from migrate.model.option import OptionKey
from migrate.model.scope import Scope
from migrate.model.server import Role
from reports.tables.table import Column, Kind, Table, Value
from reports.tables.words import Places, duration_text, role_heading
from reports.verdict import count_of

ROUTER = 3
"""Option 3, RFC 2132 section 3.5."""

_PROPERTIES: tuple[tuple[str, Kind, int, Callable[[Scope], Value]], ...] = (
    ("Name", Kind.TEXT, 22, lambda scope: scope.name),
    ("State", Kind.TEXT, 10, lambda scope: scope.state.value),
    ("Range", Kind.ADDRESS, 32, lambda scope: str(scope.range) if scope.range else "none"),
    ("Addresses served", Kind.NUMBER, 12, lambda scope: scope.serves.address_count),
    ("Exclusions", Kind.NUMBER, 12, lambda scope: len(scope.exclusions)),
    ("Reservations", Kind.NUMBER, 12, lambda scope: len(scope.reservations)),
    ("Lease duration", Kind.TEXT, 14, lambda scope: duration_text(scope.lease_duration)),
    ("Router", Kind.ADDRESS, 18, lambda scope: _router(scope)),
)


def scopes_table(result: MergeResult) -> Table:
    roles = tuple(result.sources)
    owners = (*(role.value for role in roles), "target")
    leases = [*(_leases_by_scope(result.sources[role].leases) for role in roles), _leases_by_scope(result.leases.table)]
    compared = [Column(f"{name}, {owner}", kind, width, group=name) for name, kind, width, _ in _PROPERTIES for owner in owners]
    compared += [Column(f"Leases, {owner}", Kind.NUMBER, 12, group="Leases") for owner in owners]
    columns = (
        Column("Scope", Kind.ADDRESS),
        Column("Subnet mask", Kind.ADDRESS),
        Column("Superscope", max_width=20, is_optional=True),
        Column("Outcome", max_width=36),
        *compared,
    )
    rows: list[tuple[Value, ...]] = []
    for merge in result.scopes:
        copies = (*(merge.primary if role is Role.PRIMARY else merge.secondary for role in roles), merge.target)
        known = merge.target or merge.primary or merge.secondary
        rows.append(
            (
                str(merge.scope_id),
                str(known.subnet_mask) if known else None,
                known.superscope if known else None,
                _outcome(merge),
                *(read(copy) if copy else None for _, _, _, read in _PROPERTIES for copy in copies),
                *(counts[int(merge.scope_id)] if copy else None for copy, counts in zip(copies, leases, strict=True)),
            )
        )
    lead = "Each property on every server today, and in the target. An empty group: the scope is not there."
    return Table(sheet="Scopes", title="Scopes", lead=lead, columns=columns, rows=rows, empty="No source holds a scope.")


def _router(scope: Scope) -> str | None:
    return next((value.text for value in scope.option_values if value.key == OptionKey(ROUTER)), None)


def _outcome(merge: ScopeMerge) -> str:
    if merge.target is None:
        return f"left out: {merge.left_out}" if merge.left_out else "left out"
    if merge.is_shared:
        return "merged from both servers"
    return f"taken from the {merge.copies[0][0].value}" if merge.copies else ""


def _leases_by_scope(leases: LeaseTable) -> Counter[int]:
    scopes, counts = np.unique(leases.scope_id, return_counts=True)
    return Counter(dict(zip(scopes.tolist(), counts.tolist(), strict=True)))


def ranges_table(result: MergeResult, places: Places) -> Table:
    columns = (
        Column("Scope", Kind.ADDRESS),
        Column("What", max_width=12),
        Column("On", max_width=22),
        Column("From - to", Kind.ADDRESS, 34),
        Column("Addresses", Kind.NUMBER),
        Column("Outcome", max_width=14),
        Column("Still excluded", Kind.ADDRESS, 28, is_optional=True),
        Column("Now served", Kind.ADDRESS, 28, is_optional=True),
        Column("Outside the range", Kind.ADDRESS, 28, is_optional=True),
        Column("Proof", max_width=50),
        Column("Where", max_width=26, is_optional=True),
    )
    proofs: dict[int, list[ExclusionProof]] = {}
    for proof in result.exclusion_proofs:
        proofs.setdefault(int(proof.scope_id), []).append(proof)
    rows: list[tuple[Value, ...]] = []
    for merge in result.scopes:
        rows += _range_rows(result, merge, places)
        rows += [_proof_row(result, proof, places) for proof in proofs.get(int(merge.scope_id), ())]
        rows += _target_rows(merge)
    return Table(
        sheet="Ranges and exclusions",
        title="Ranges and exclusions",
        lead="A server serves its range less its exclusions. An exclusion whose addresses the partner serves was only the split, "
        "and dissolves; one that neither server serves stays.",
        columns=columns,
        rows=rows,
        empty="No source holds a scope.",
    )


def _range_rows(result: MergeResult, merge: ScopeMerge, places: Places) -> Iterator[tuple[Value, ...]]:
    for role, scope in merge.copies:
        if scope.range:
            serves = f"serves {count_of(scope.serves.address_count, 'address', 'addresses')} of it"
            yield (
                str(merge.scope_id), "range", role_heading(result, role), str(scope.range), scope.range.address_count,
                None, None, None, None, serves, places.text([scope.origin]),
            )  # fmt: skip
        for gap in scope.gaps:
            yield _gap_row(merge, role_heading(result, role), gap)


def _gap_row(merge: ScopeMerge, where: str, gap: AddressRange) -> tuple[Value, ...]:
    proof = "never in the pool: it lies between two ranges of the scope"
    return str(merge.scope_id), "gap", where, str(gap), gap.address_count, None, str(gap), None, None, proof, None


def _proof_row(result: MergeResult, proof: ExclusionProof, places: Places) -> tuple[Value, ...]:
    return (
        str(proof.scope_id),
        "exclusion",
        role_heading(result, proof.source),
        str(proof.range),
        proof.range.address_count,
        proof.disposition.value,
        _set_text(proof.kept),
        _set_text(proof.dissolved),
        _set_text(proof.outside),
        proof.reason,
        places.text([proof.origin]),
    )


def _target_rows(merge: ScopeMerge) -> Iterator[tuple[Value, ...]]:
    if merge.target is None or merge.target.range is None:
        return
    scope_id = str(merge.scope_id)
    reserved = count_of(len(merge.target.reservations), "reservation")
    yield (
        scope_id, "range", "target", str(merge.target.range), merge.target.range.address_count, None, None, None, None,
        f"holds the range of each server and {reserved}; {_pool_proof(merge, merge.target)}", None,
    )  # fmt: skip
    for gap in merge.target.gaps:
        yield _gap_row(merge, "target", gap)
    for exclusion in merge.target.exclusions:
        yield (
            scope_id, "exclusion", "target", str(exclusion.range), exclusion.range.address_count, None, str(exclusion.range),
            None, None, None, None,
        )  # fmt: skip


def _pool_proof(merge: ScopeMerge, target: Scope) -> str:
    """Whether the merged pool serves exactly what the servers serve today (design.md section 5.2)."""
    before, after = merge.served, target.serves
    if before == after:
        return f"serves exactly the {count_of(after.address_count, 'address', 'addresses')} that are served today"
    differences = []
    for word, addresses in (("no longer serves", before - after), ("newly serves", after - before)):
        if not addresses.is_empty:
            differences.append(f"{word} {addresses}")
    return "; ".join(differences)


def _set_text(addresses: AddressSet) -> str | None:
    return None if addresses.is_empty else str(addresses)
