"""Policies: who matches, and what a matching client gets."""

from __future__ import annotations

from dataclasses import dataclass

from migrate.model.addresses import AddressRange
from migrate.model.option import OptionValue
from migrate.model.origin import Origin, origin_field

CONDITION_FIELDS = (
    "VendorClass",
    "UserClass",
    "MacAddress",
    "ClientId",
    "Fqdn",
    "RelayAgent",
    "CircuitId",
    "RemoteId",
    "SubscriberId",
)
CONDITION_OPERATORS = ("EQ", "NE", "ISL", "INSL")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCondition:
    """One comparison: values after EQ are joined by OR, after NE by AND. ISL and INSL carry one empty value or none."""

    field: str
    operator: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.field} {self.operator} {', '.join(self.values)}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    name: str
    processing_order: int
    enabled: bool = True
    condition: str = "OR"
    """AND or OR: how conditions on different fields are joined."""
    description: str = ""
    conditions: tuple[PolicyCondition, ...] = ()
    """Grouped by field in the order of CONDITION_FIELDS; in document order within a field, where the order has meaning."""
    ip_ranges: tuple[AddressRange, ...] = ()
    option_values: tuple[OptionValue, ...] = ()
    dns_suffix: str | None = None
    origin: Origin | None = origin_field()

    @property
    def user_class_of_pseudo_policy(self) -> str | None:
        """The user class, when this is how Export-DhcpServer shows the options of a user class (formats.md 1.6): a policy named
        like the class, whose only condition is that class, without ranges. None for a real policy."""
        if self.ip_ranges or self.dns_suffix or len(self.conditions) != 1:
            return None
        only = self.conditions[0]
        if only.field == "UserClass" and only.operator == "EQ" and only.values == (self.name,):
            return self.name
        return None
