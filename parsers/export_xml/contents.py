"""What stands in a scope, policy or server: in order, each key once, and every object that cannot stay accounted for.

An object that is left out takes its own contents with it: the option values of a reservation or policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from migrate.model.finding import Severity
from migrate.model.option import OptionDefinition, OptionValue
from migrate.model.policy import Policy
from migrate.model.scope import ExclusionRange, Reservation, Scope
from migrate.model.server import DhcpClass, MacFilter, ObjectKind
from parsers.export_xml.account import Account
from parsers.export_xml.elements import ElementView

Listed = DhcpClass | OptionDefinition | OptionValue | Policy | MacFilter | ExclusionRange | Reservation
Record = TypeVar("Record", DhcpClass, OptionDefinition, OptionValue, Policy, MacFilter, ExclusionRange, Reservation)

_KINDS: dict[type[Listed], ObjectKind] = {
    DhcpClass: ObjectKind.CLASS,
    OptionDefinition: ObjectKind.OPTION_DEFINITION,
    OptionValue: ObjectKind.OPTION_VALUE,
    Policy: ObjectKind.POLICY,
    MacFilter: ObjectKind.FILTER,
    ExclusionRange: ObjectKind.EXCLUSION_RANGE,
    Reservation: ObjectKind.RESERVATION,
}


@dataclass(slots=True)
class ScopeContents:
    """The objects of a scope, collected while its element is open."""

    exclusions: list[ExclusionRange] = field(default_factory=list)
    reservations: list[Reservation] = field(default_factory=list)
    option_values: list[OptionValue] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)

    def complete(self, scope: Scope, account: Account) -> Scope:
        thing = f"scope {scope.scope_id}"
        return replace(
            scope,
            exclusions=distinct(self.exclusions, lambda each: each.range, thing, account),
            reservations=distinct(self.reservations, lambda each: each.ip_address, thing, account),
            option_values=sorted_option_values(self.option_values, thing, account),
            policies=sorted_policies(self.policies, thing, account),
        )

    def refuse_all(self, reason: str, account: Account) -> None:
        records: list[Listed] = [*self.exclusions, *self.reservations, *self.option_values, *self.policies]
        for record in records:
            refuse_record(record, reason, account)


def sorted_option_values(values: Iterable[OptionValue], thing: str, account: Account) -> tuple[OptionValue, ...]:
    return distinct(values, lambda each: each.key, thing, account)


def sorted_policies(policies: Iterable[Policy], thing: str, account: Account) -> tuple[Policy, ...]:
    named = distinct(policies, lambda each: each.name.casefold(), thing, account)
    return tuple(sorted(named, key=lambda each: (each.processing_order, each.name)))


def distinct(records: Iterable[Record], key: Callable[[Record], Any], thing: str, account: Account) -> tuple[Record, ...]:
    """Sorted by key. Of records with one key the first stays; the others are refused, with a remark."""
    kept: dict[Any, Record] = {}
    for record in records:
        first = kept.setdefault(key(record), record)
        if first is record:
            continue
        refuse_record(record, f"{thing} has it already", account)
        account.remark(
            "duplicate-object",
            Severity.WARNING,
            thing,
            f"{_label(record)} occurs more than once in {thing}; the first, at line {_line(first)}, is used.",
            "Check which of them the server uses.",
            _line(record),
        )
    return tuple(kept[each] for each in sorted(kept))


def refuse_record(record: Listed, reason: str, account: Account) -> None:
    account.refuse(_KINDS[type(record)], _label(record), reason, _line(record))
    if isinstance(record, Policy | Reservation):
        for value in record.option_values:
            account.refuse(ObjectKind.OPTION_VALUE, f"{value.label} of {_label(record)}", reason, _line(value))


def refuse_unreadable(view: ElementView, kind: ObjectKind, reason: str) -> None:
    """An element that gave no record, with a remark; the option values it holds go with it."""
    account, thing = view.document.account, view.thing
    account.refuse(kind, thing, reason, view.line)
    for value in view.groups("OptionValues", "OptionValue"):
        account.refuse(ObjectKind.OPTION_VALUE, f"option {value.text('OptionId')} of {thing}", f"{thing} is left out", value.line)
    account.remark(
        "unreadable-value",
        Severity.ERROR,
        thing,
        f"The {kind.value.replace('-', ' ')} at line {view.line} ({thing}) is left out: {reason}.",
        "Correct it on the server and export again, or add it by hand after the migration.",
        view.line,
    )


def _label(record: Listed) -> str:
    match record:
        case OptionValue():
            return record.label
        case OptionDefinition():
            return f"definition of option {record.option_id} ({record.vendor_class or 'standard options'})"
        case MacFilter():
            return f"{record.list} filter {record.mac_address}"
        case ExclusionRange():
            return f"exclusion {record.range}"
        case Reservation():
            return f"reservation {record.ip_address}"
        case DhcpClass():
            return f"{record.kind.value.lower()} class {record.name}"
        case Policy():
            return f"policy {record.name}"


def _line(record: Listed) -> int:
    return record.origin.line if record.origin else 0
