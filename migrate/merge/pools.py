"""Pools: which exclusions were only the split, which were meant? (design.md section 5, rules 1 to 3)

Works on address sets alone. What a copy of a scope serves is its range less its exclusions; the merged scope serves exactly
the union of what both copies served, and a decision may take an overlap out of it or put a one-sided exclusion into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from migrate.merge.context import MergeContext
from migrate.merge.lease_evidence import leases_on
from migrate.merge.result import ExclusionProof
from migrate.model.addresses import EMPTY, AddressRange, AddressSet
from migrate.model.ledger import Disposition
from migrate.model.scope import ExclusionRange, Scope
from migrate.model.server import ObjectKind, Role

OVERLAP_RULE = "overlapping-pools"
ONE_SIDED_RULE = "one-sided-exclusion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The merged pool: `range` less `exclusions` is what the pair hands out. `overlap_winner` is whose leases stand where both
    servers handed out the same addresses; None while that is open or where nothing overlaps."""

    range: AddressRange
    exclusions: tuple[ExclusionRange, ...]
    proofs: tuple[ExclusionProof, ...]
    overlap: AddressSet
    overlap_winner: Role | None

    @property
    def excluded(self) -> AddressSet:
        return AddressSet(exclusion.range for exclusion in self.exclusions)


def merge_pools(context: MergeContext, copies: Mapping[Role, Scope], reserved: AddressSet) -> Pool:
    """The pool of one scope from its one or two copies; `reserved` are the reservations that must lie inside it.

    Raises ValueError when there is no address to hold: no copy has a range inside the subnet and nothing is reserved.
    """
    scope = next(iter(copies.values()))
    ranges = [AddressSet.of_network(scope.network) & copy.range_set for copy in copies.values()]
    hull = _union([*ranges, reserved]).hull
    if hull is None:
        raise ValueError(f"scope {scope.scope_id} has neither a range nor a reservation inside its subnet")
    held = AddressSet((hull,))
    served, overlap, winner = _served(context, copies)
    released = _released(context, copies, served)
    excluded = held - served - released
    proofs = tuple(
        _prove(context, role, exclusion, excluded=excluded, served=served & held, released=released, copies=copies)
        for role, copy in copies.items()
        for exclusion in copy.exclusions
    )
    for proof in proofs:
        context.book.enter(
            proof.source,
            ObjectKind.EXCLUSION_RANGE,
            str(proof.range),
            proof.disposition,
            proof.reason,
            scope_id=proof.scope_id,
            origin=proof.origin,
        )
    exclusions = tuple(ExclusionRange(range=r) for r in excluded.ranges)
    return Pool(range=hull, exclusions=exclusions, proofs=proofs, overlap=overlap, overlap_winner=winner)


def _union(sets: list[AddressSet]) -> AddressSet:
    return AddressSet.of_spans(span for one in sets for span in one.spans)


def _served(context: MergeContext, copies: Mapping[Role, Scope]) -> tuple[AddressSet, AddressSet, Role | None]:
    """What the copies serve together, what both of them serve, and who is to win there (rule 3)."""
    served = _union([copy.serves for copy in copies.values()])
    if len(copies) < 2:
        return served, EMPTY, None
    primary, secondary = copies[Role.PRIMARY], copies[Role.SECONDARY]
    overlap = primary.serves & secondary.serves
    if overlap.is_empty:
        return served, overlap, None
    names = {role: context.name(role) for role in Role}
    choice = context.docket.decide(
        OVERLAP_RULE,
        str(overlap),
        {
            Role.PRIMARY.value: f"one pool; where both leased an address, the lease of {names[Role.PRIMARY]} stands",
            Role.SECONDARY.value: f"one pool; where both leased an address, the lease of {names[Role.SECONDARY]} stands",
            "exclude": "the overlap is taken out of the pool; leases that stand in it run out",
        },
        default="",
        evidence=f"{overlap.address_count} addresses are handed out by both servers today. "
        f"Leases in use there: {leases_on(context.sources, names, primary.scope_id, overlap, context.settings.as_of_s)}",
        scope_id=primary.scope_id,
        places=(primary.origin, secondary.origin),
    )
    if choice == "exclude":
        return served - overlap, overlap, None
    return served, overlap, Role(choice) if choice else None


def _released(context: MergeContext, copies: Mapping[Role, Scope], served: AddressSet) -> AddressSet:
    """Addresses excluded on one server, outside the other's range, that a decision puts into the pool (rule 2)."""
    released = EMPTY
    for role, partner_role in ((Role.PRIMARY, Role.SECONDARY), (Role.SECONDARY, Role.PRIMARY)):
        if len(copies) < 2:
            break
        copy, partner = copies[role], copies[partner_role]
        unexplained = (copy.excluded & copy.range_set) - partner.range_set - partner.excluded - served
        for piece in unexplained.ranges:
            choice = context.docket.decide(
                ONE_SIDED_RULE,
                str(piece),
                {"keep": "stays excluded", "drop": "becomes part of the pool"},
                default="keep",
                evidence=f"excluded on {context.name(role)}; outside the range of {context.name(partner_role)} "
                f"({partner.range or 'no range'}), so not explained by the split",
                scope_id=copy.scope_id,
                places=(copy.origin, partner.origin),
            )
            if choice == "drop":
                released |= AddressSet((piece,))
    return released


def _prove(
    context: MergeContext,
    role: Role,
    exclusion: ExclusionRange,
    *,
    excluded: AddressSet,
    served: AddressSet,
    released: AddressSet,
    copies: Mapping[Role, Scope],
) -> ExclusionProof:
    whole = AddressSet((exclusion.range,))
    kept, split, decided = whole & excluded, whole & served, whole & released
    outside = whole - kept - split - decided
    partner_role = Role.SECONDARY if role is Role.PRIMARY else Role.PRIMARY
    partner = copies.get(partner_role)
    if kept.is_empty:
        disposition = Disposition.DROPPED if split.is_empty and decided.is_empty else Disposition.DISSOLVED
    elif kept != whole:
        disposition = Disposition.TRIMMED
    else:
        joins = role is Role.SECONDARY and partner is not None and partner.excluded.covers(kept)
        disposition = Disposition.JOINED if joins else Disposition.KEPT
    proof = (
        (split, f"{context.name(partner_role)} serves {split}: only the split"),
        (decided, f"{decided} becomes part of the pool, as decided"),
        (kept, f"{kept} stays excluded: " + ("only this server has the scope" if partner is None else "neither server serves it")),
        (outside, f"{outside} lies outside the range"),
    )
    return ExclusionProof(
        scope_id=copies[role].scope_id,
        source=role,
        range=exclusion.range,
        disposition=disposition,
        reason="; ".join(text for addresses, text in proof if not addresses.is_empty),
        kept=kept,
        dissolved=split | decided,
        outside=outside,
        origin=exclusion.origin,
    )
