"""A server as far as its dump has been read: filled a command at a time, in whatever order the commands come, then built.

Says which of two commands for one object holds, and what becomes of commands whose scope or reservation never appears. Does not
know how a command is spelled.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from typing import Protocol, TypeVar

from migrate.model.addresses import AddressRange, AddressSet
from migrate.model.finding import Severity
from migrate.model.option import LEASE_TIME, OptionDefinition, OptionKey, OptionValue
from migrate.model.origin import Origin
from migrate.model.scope import ClientKind, ExclusionRange, Reservation, Scope, ScopeState
from migrate.model.server import DhcpClass, Filters, MacFilter, ObjectKind, Server, ServerSetting
from migrate.model.timespan import timespan_of_seconds
from parsers.netsh.account import Account

OptionValues = dict[OptionKey, OptionValue]


class _HasOrigin(Protocol):
    @property
    def origin(self) -> Origin | None: ...


Record = TypeVar("Record", bound=_HasOrigin)
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class IpRange:
    range: AddressRange
    type: ClientKind
    max_bootp_clients: int | None
    origin: Origin


@dataclass(slots=True)
class ScopeDraft:
    """`scope` is what its `add scope` line says; None while that line has not come, or could not be read."""

    scope_id: IPv4Address
    account: Account
    first_met: Origin
    scope: Scope | None = None
    state: ScopeState = ScopeState.ACTIVE
    nap_enable: bool | None = None
    delay_ms: int | None = None
    superscope: str | None = None
    ip_ranges: list[IpRange] = field(default_factory=list)
    exclusions: dict[AddressRange, ExclusionRange] = field(default_factory=dict)
    option_values: OptionValues = field(default_factory=dict)
    reservations: dict[IPv4Address, Reservation] = field(default_factory=dict)
    reserved_options: dict[IPv4Address, OptionValues] = field(default_factory=dict)

    def build(self) -> Scope | None:
        if self.scope is None:
            self._refuse_all()
            return None
        lease_time = self.option_values.get(OptionKey(LEASE_TIME))
        scope = replace(
            self.scope,
            state=self.state,
            nap_enable=self.nap_enable,
            delay_ms=self.delay_ms,
            superscope=self.superscope,
            lease_duration=timespan_of_seconds(int(lease_time.values[0])) if lease_time and lease_time.values else None,
            exclusions=tuple(self.exclusions[each] for each in sorted(self.exclusions)),
            option_values=_sorted(self.option_values),
            reservations=self._reservations(),
        )
        return self._with_pool(scope)

    def _with_pool(self, scope: Scope) -> Scope:
        """A scope of Windows Server 2003 could have several ranges; the model has one, so the addresses between them are gaps."""
        if not self.ip_ranges:
            return scope
        pool = AddressSet(each.range for each in self.ip_ranges)
        whole = pool.hull
        assert whole is not None
        types = {each.type for each in self.ip_ranges}
        limits = [each.max_bootp_clients for each in self.ip_ranges if each.max_bootp_clients is not None]
        gaps = (AddressSet([whole]) - pool).ranges
        if len(self.ip_ranges) > 1:
            self._report_several_ranges(whole, gaps)
        return replace(
            scope,
            range=whole,
            gaps=gaps,
            type=types.pop() if len(types) == 1 else ClientKind.BOTH,
            max_bootp_clients=max(limits, default=None),
        )

    def _report_several_ranges(self, whole: AddressRange, gaps: tuple[AddressRange, ...]) -> None:
        parts = ", ".join(f"{each.range} ({each.type})" for each in self.ip_ranges)
        between = f"; {', '.join(map(str, gaps))} between them stays out of the pool" if gaps else ""
        self.account.find(
            "several-ranges",
            Severity.WARNING,
            f"scope {self.scope_id}",
            f"Scope {self.scope_id} has {len(self.ip_ranges)} address ranges, {parts}. A scope of today has one: it is read as "
            f"{whole}{between}.",
            "Check that one range for all kinds of client is what the scope should have.",
            *(each.origin for each in self.ip_ranges),
            scope_id=self.scope_id,
        )

    def _reservations(self) -> tuple[Reservation, ...]:
        for address in sorted(self.reserved_options.keys() - self.reservations.keys()):
            self._refuse_orphans(address, self.reserved_options[address])
        return tuple(
            replace(reservation, option_values=_sorted(self.reserved_options.get(address, {})))
            for address, reservation in sorted(self.reservations.items())
        )

    def _refuse_orphans(self, address: IPv4Address, values: OptionValues) -> None:
        for value in _sorted(values):
            reason = f"no reservation of {address} in the dump"
            self.account.refuse(ObjectKind.OPTION_VALUE, f"{address} {value.label}", reason, value.origin, self.scope_id)
        self.account.find(
            "misplaced-element",
            Severity.WARNING,
            f"reservation {address}",
            f"Scope {self.scope_id} has option values for a reservation of {address}, but the dump has no such reservation; "
            f"they are left out ({', '.join(value.label for value in _sorted(values))}).",
            "Make the dump again, or add the reservation by hand if it exists on the server.",
            *(value.origin for value in _sorted(values)),
            scope_id=self.scope_id,
        )

    def _refuse_all(self) -> None:
        reason = f"the dump has no usable 'add scope' line for {self.scope_id}"
        for exclusion in sorted(self.exclusions):
            origin = self.exclusions[exclusion].origin
            self.account.refuse(ObjectKind.EXCLUSION_RANGE, str(exclusion), reason, origin, self.scope_id)
        for value in _sorted(self.option_values):
            self.account.refuse(ObjectKind.OPTION_VALUE, value.label, reason, value.origin, self.scope_id)
        for address, reservation in sorted(self.reservations.items()):
            self.account.refuse(ObjectKind.RESERVATION, str(address), reason, reservation.origin, self.scope_id)
        for address, values in sorted(self.reserved_options.items()):
            for value in _sorted(values):
                key = f"{address} {value.label}"
                self.account.refuse(ObjectKind.OPTION_VALUE, key, reason, value.origin, self.scope_id)
        is_empty = not (self.ip_ranges or self.exclusions or self.option_values or self.reservations or self.reserved_options)
        self.account.find(
            "misplaced-element",
            Severity.WARNING if is_empty else Severity.ERROR,
            f"scope {self.scope_id}",
            f"The dump has commands for scope {self.scope_id} but no usable 'add scope' line, so its mask is unknown; "
            "the scope is left out.",
            f"Make the dump again, or run 'netsh dhcp server scope {self.scope_id} dump' for this scope.",
            self.first_met,
            scope_id=self.scope_id,
        )


class ServerDraft:
    def __init__(self, account: Account) -> None:
        self.account = account
        self.settings: dict[str, ServerSetting] = {}
        self.classes: dict[tuple[str, str], DhcpClass] = {}
        self.option_definitions: dict[tuple[int, str], OptionDefinition] = {}
        self.option_values: OptionValues = {}
        self.filters: dict[tuple[str, str], MacFilter] = {}
        self.list_enabled: dict[str, bool] = {}
        self.scopes: dict[IPv4Address, ScopeDraft] = {}
        self.superscopes: dict[str, tuple[IPv4Address, Origin]] = {}
        """Every superscope named, with the scope and place that named it first."""

    def scope(self, scope_id: IPv4Address, origin: Origin) -> ScopeDraft:
        draft = self.scopes.get(scope_id)
        if draft is None:
            draft = self.scopes[scope_id] = ScopeDraft(scope_id, self.account, origin)
        return draft

    def keep_first(
        self, records: dict[Key, Record], key: Key, record: Record, kind: ObjectKind, label: str, scope: ScopeDraft | None = None
    ) -> None:
        """What an `add` command does on a server where the object is already: nothing. The first one holds."""
        first = records.setdefault(key, record)
        if first is not record:
            self._report_duplicate(first, record, kind, label, scope)

    def keep_last(
        self, records: dict[Key, Record], key: Key, record: Record, kind: ObjectKind, label: str, scope: ScopeDraft | None = None
    ) -> None:
        """What a `set` command does: the last one holds."""
        earlier = records.get(key)
        records[key] = record
        if earlier is not None:
            self._report_duplicate(record, earlier, kind, label, scope)

    def build(self, name: str) -> Server:
        scopes = [scope for _, draft in sorted(self.scopes.items()) if (scope := draft.build())]
        self._refuse_empty_superscopes({scope.superscope for scope in scopes})
        return Server(
            name=name,
            settings=tuple(self.settings[key] for key in sorted(self.settings)),
            classes=tuple(self.classes[key] for key in sorted(self.classes)),
            option_definitions=tuple(self.option_definitions[key] for key in sorted(self.option_definitions)),
            option_values=_sorted(self.option_values),
            filters=self._filters(),
            scopes=tuple(scopes),
        )

    def _filters(self) -> Filters | None:
        if not self.filters and not self.list_enabled:
            return None
        return Filters(
            allow_enabled=self.list_enabled.get("Allow", False),
            deny_enabled=self.list_enabled.get("Deny", False),
            entries=tuple(self.filters[key] for key in sorted(self.filters)),
        )

    def _refuse_empty_superscopes(self, kept: set[str | None]) -> None:
        for name, (scope_id, origin) in sorted(self.superscopes.items()):
            if name not in kept:
                reason = f"none of the scopes that were read belongs to it (first named for scope {scope_id})"
                self.account.refuse(ObjectKind.SUPERSCOPE, name, reason, origin)

    def _report_duplicate(
        self, kept: _HasOrigin, dropped: _HasOrigin, kind: ObjectKind, label: str, scope: ScopeDraft | None
    ) -> None:
        scope_id = scope.scope_id if scope else None
        line = kept.origin.line if kept.origin else 0
        self.account.refuse(kind, label, f"the same object stands at line {line}", dropped.origin, scope_id)
        where = f" of scope {scope_id}" if scope_id else ""
        equal = kept == dropped
        self.account.find(
            "duplicate-object",
            Severity.INFO if equal else Severity.WARNING,
            label,
            f"{label[0].upper()}{label[1:]}{where} stands in the dump twice, with {'equal' if equal else 'different'} "
            f"content; line {line} holds.",
            "Nothing to do." if equal else "Check which of the two lines the server follows today.",
            kept.origin,
            dropped.origin,
            scope_id=scope_id,
        )


def _sorted(values: OptionValues) -> tuple[OptionValue, ...]:
    return tuple(values[key] for key in sorted(values))
