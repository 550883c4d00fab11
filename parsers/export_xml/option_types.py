"""Option values to their normal form, once every definition of the file is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from migrate.model.finding import Severity
from migrate.model.option import OptionDefinition, OptionType, OptionValue, normal_values
from migrate.model.policy import Policy
from migrate.model.scope import Reservation, Scope
from migrate.model.standard_options import STANDARD_OPTIONS
from parsers.export_xml.account import Account


class OptionTypes:
    """The type of a value is that of its definition by option id and vendor class, else of the standard option."""

    def __init__(self, definitions: Iterable[OptionDefinition], account: Account) -> None:
        self._types = {definition.key: definition.type for definition in definitions}
        self._account = account
        self._normal_forms: dict[tuple[OptionType | None, tuple[str, ...]], tuple[str, ...]] = {}
        """Most scopes have the same values."""

    def scope(self, scope: Scope) -> Scope:
        thing = f"scope {scope.scope_id}"
        return replace(
            scope,
            option_values=self.values(scope.option_values, thing),
            reservations=tuple(self._reservation(each) for each in scope.reservations),
            policies=self.policies(scope.policies or (), thing),
        )

    def policies(self, policies: Iterable[Policy], thing: str) -> tuple[Policy, ...]:
        return tuple(
            replace(each, option_values=self.values(each.option_values, f"policy {each.name} of {thing}")) for each in policies
        )

    def values(self, values: Iterable[OptionValue], thing: str) -> tuple[OptionValue, ...]:
        return tuple(self._normal(value, thing) for value in values)

    def _reservation(self, reservation: Reservation) -> Reservation:
        if not reservation.option_values:
            return reservation
        return replace(reservation, option_values=self.values(reservation.option_values, f"reservation {reservation.ip_address}"))

    def _type_of(self, value: OptionValue) -> OptionType | None:
        defined = self._types.get((value.option_id, value.vendor_class.casefold()))
        if defined is None and not value.vendor_class and value.option_id in STANDARD_OPTIONS:
            return STANDARD_OPTIONS[value.option_id].type
        return defined

    def _normal(self, value: OptionValue, thing: str) -> OptionValue:
        option_type = self._type_of(value)
        line = value.origin.line if value.origin else 0
        if option_type is None:
            self._account.remark(
                "option-without-definition",
                Severity.WARNING,
                thing,
                f"There is no definition of {value.label}, so its values are kept as they are written.",
                "Define the option on the server that has the value, and export again.",
                line,
                like=(value.option_id, value.vendor_class.casefold()),
            )
        try:
            normal = self._normal_form(option_type, value.values)
        except ValueError as error:
            self._account.remark(
                "unreadable-value",
                Severity.WARNING,
                thing,
                f"{value.label} of {thing} has type {option_type}, which does not fit its value: {error}. It is kept as written.",
                "Correct the value, or the type of the option, on the server and export again.",
                line,
            )
            return value
        return value if normal == value.values else replace(value, values=normal)

    def _normal_form(self, option_type: OptionType | None, values: tuple[str, ...]) -> tuple[str, ...]:
        key = option_type, values
        if key not in self._normal_forms:
            self._normal_forms[key] = normal_values(option_type, values)
        return self._normal_forms[key]
