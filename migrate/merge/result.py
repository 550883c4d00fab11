"""What a merge gives: the target, and everything a person may ask about how it came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

import numpy as np
import numpy.typing as npt

from migrate.merge.settings import Settings
from migrate.model.addresses import EMPTY, AddressRange, AddressSet
from migrate.model.decision import Decision
from migrate.model.leases import LeaseTable, WordColumn
from migrate.model.ledger import Disposition, Ledger
from migrate.model.origin import Origin
from migrate.model.scope import Scope
from migrate.model.server import Role, Source
from migrate.model.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeMerge:
    """One scope id as it stands on each server (None: not there) and in the target (None: left out, or refused)."""

    scope_id: IPv4Address
    primary: Scope | None
    secondary: Scope | None
    target: Scope | None
    left_out: str = ""
    """Why there is no target, else empty."""

    @property
    def is_shared(self) -> bool:
        return self.primary is not None and self.secondary is not None

    @property
    def copies(self) -> tuple[tuple[Role, Scope], ...]:
        both = ((Role.PRIMARY, self.primary), (Role.SECONDARY, self.secondary))
        return tuple((role, scope) for role, scope in both if scope is not None)

    @property
    def served(self) -> AddressSet:
        """What the servers hand out together today."""
        return (self.primary.serves if self.primary else EMPTY) | (self.secondary.serves if self.secondary else EMPTY)

    @property
    def overlap(self) -> AddressSet:
        """Addresses that both servers hand out today, each without knowing of the other."""
        return self.primary.serves & self.secondary.serves if self.primary and self.secondary else EMPTY

    @property
    def places(self) -> tuple[Origin, ...]:
        return tuple(scope.origin for _, scope in self.copies if scope.origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionProof:
    """What became of one exclusion range of a source, address by address: `kept`, `dissolved` (the partner serves them) and
    `outside` (not in the target range) are disjoint and together make the range."""

    scope_id: IPv4Address
    source: Role
    range: AddressRange
    disposition: Disposition
    reason: str
    kept: AddressSet
    dissolved: AddressSet
    outside: AddressSet
    origin: Origin | None = None


class LeaseConflictKind(IntEnum):
    TWO_CLIENTS = 0
    """Two clients hold the same address."""
    TWO_ADDRESSES = 1
    """One client holds two addresses of a scope; it keeps the later."""
    RESERVED_FOR_OTHER = 2
    """The address is reserved for another client than the one that holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseConflict:
    """`winner` and `loser` are rows of the source tables; `winner` is None when a reservation wins."""

    kind: LeaseConflictKind
    scope_id: IPv4Address
    loser_source: Role
    loser: int
    winner_source: Role | None = None
    winner: int | None = None
    reserved_client: str = ""
    """For RESERVED_FOR_OTHER: whose the address is."""


class LeaseSource(IntEnum):
    PRIMARY = 0
    SECONDARY = 1
    BOTH = 2

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MergedLeases:
    """The leases that are carried over, sorted by scope id and address; at most one an address, at most one a client and scope."""

    table: LeaseTable
    source: npt.NDArray[np.uint8]
    """A LeaseSource each: where the lease was read."""
    reserved: npt.NDArray[np.bool_]
    """The address is reserved for this client in the target."""

    @property
    def source_words(self) -> WordColumn:
        return WordColumn(self.source.astype(np.uint32), tuple(source.word for source in LeaseSource))


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeResult:
    settings: Settings
    sources: Mapping[Role, Source]
    target: Target
    leases: MergedLeases
    ledger: Ledger
    decisions: tuple[Decision, ...]
    scopes: tuple[ScopeMerge, ...]
    """Every scope id found on either server, sorted."""
    exclusion_proofs: tuple[ExclusionProof, ...]
    lease_conflicts: tuple[LeaseConflict, ...]

    @property
    def open_decisions(self) -> tuple[Decision, ...]:
        return tuple(decision for decision in self.decisions if decision.is_open)
