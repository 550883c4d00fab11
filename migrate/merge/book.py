"""The ledger while it is written: one entry for each configuration object of a source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address

from migrate.errors import ConservationError
from migrate.model.ledger import Disposition, LeaseFates, Ledger, LedgerRow
from migrate.model.option import OptionValue
from migrate.model.origin import Origin
from migrate.model.policy import Policy
from migrate.model.scope import Scope
from migrate.model.server import ObjectKind, Role, Source

_KIND_ORDER = {kind: number for number, kind in enumerate(ObjectKind)}
_ROLE_ORDER = {Role.PRIMARY: 0, Role.SECONDARY: 1}


class LedgerBook:
    def __init__(self) -> None:
        self._rows: list[LedgerRow] = []

    def enter(
        self,
        role: Role,
        kind: ObjectKind,
        key: str,
        disposition: Disposition,
        reason: str,
        *,
        scope_id: IPv4Address | None = None,
        origin: Origin | None = None,
    ) -> None:
        row = LedgerRow(
            source=role,
            kind=kind,
            scope_id=scope_id,
            key=key,
            disposition=disposition,
            reason=reason,
            line=origin.line if origin else 0,
        )
        self._rows.append(row)

    def enter_not_carried(self, role: Role, source: Source) -> None:
        for item in source.not_carried:
            disposition = Disposition.UNSUPPORTED if item.unsupported else Disposition.REFUSED
            self.enter(role, item.kind, item.key, disposition, item.reason, scope_id=item.scope_id, origin=item.origin)

    def drop_scope(self, role: Role, scope: Scope, reason: str) -> None:
        """Enter a scope that is not migrated, with everything in it."""
        for kind, key, origin in members(scope):
            self.enter(role, kind, key, Disposition.DROPPED, reason, scope_id=scope.scope_id, origin=origin)

    def close(self, sources: Mapping[Role, Source], lease_fates: Mapping[Role, LeaseFates]) -> Ledger:
        """The finished ledger. Raises ConservationError unless every object that the parsers counted has exactly one row."""
        rows = sorted(self._rows, key=lambda r: (_ROLE_ORDER[r.source], _KIND_ORDER[r.kind], int(r.scope_id or 0), r.line, r.key))
        entered = Counter((row.source, row.kind) for row in rows)
        for role, fates in lease_fates.items():
            entered[role, ObjectKind.LEASE] += len(fates.disposition)
        for role, source in sources.items():
            for kind in ObjectKind:
                read, accounted = source.objects_read.get(kind, 0), entered[role, kind]
                if read != accounted:
                    raise ConservationError(f"{source.path}: {read} {kind.value} objects read, {accounted} accounted for")
        return Ledger(rows=tuple(rows), leases=dict(lease_fates))


Member = tuple[ObjectKind, str, Origin | None]


def members(scope: Scope) -> Iterator[Member]:
    """Every object of a scope, itself first, as kind, ledger key and origin; leases and the superscope are not among them."""
    yield ObjectKind.SCOPE, str(scope.scope_id), scope.origin
    for exclusion in scope.exclusions:
        yield ObjectKind.EXCLUSION_RANGE, str(exclusion.range), exclusion.origin
    yield from option_members(scope.option_values, "scope")
    for policy in scope.policies or ():
        yield from policy_members(policy, "scope")
    for reservation in scope.reservations:
        yield ObjectKind.RESERVATION, reservation_key(reservation.ip_address, str(reservation.client_id)), reservation.origin
        yield from option_members(reservation.option_values, f"reservation {reservation.ip_address}")


def option_members(values: tuple[OptionValue, ...], level: str) -> Iterator[Member]:
    for value in values:
        yield ObjectKind.OPTION_VALUE, option_key(level, value), value.origin


def policy_members(policy: Policy, level: str) -> Iterator[Member]:
    yield ObjectKind.POLICY, policy_key(level, policy), policy.origin
    yield from option_members(policy.option_values, policy_key(level, policy))


def option_key(level: str, value: OptionValue) -> str:
    return f"{level} {value.label}"


def policy_key(level: str, policy: Policy) -> str:
    return f"{level} policy {policy.name}"


def reservation_key(address: IPv4Address, client: str) -> str:
    return f"{address} {client}"
