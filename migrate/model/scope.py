"""A scope with everything that stands inside it, but for its leases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network

from migrate.model.addresses import AddressRange, AddressSet
from migrate.model.client_id import ClientId
from migrate.model.option import OptionValue
from migrate.model.origin import Origin, origin_field
from migrate.model.policy import Policy


class ScopeState(StrEnum):
    ACTIVE = "Active"
    INACTIVE = "InActive"


class ClientKind(StrEnum):
    """Which clients a scope or reservation serves."""

    DHCP = "Dhcp"
    BOOTP = "Bootp"
    BOTH = "Both"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionRange:
    range: AddressRange
    origin: Origin | None = origin_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    ip_address: IPv4Address
    client_id: ClientId
    name: str = ""
    description: str = ""
    type: ClientKind = ClientKind.BOTH
    option_values: tuple[OptionValue, ...] = ()
    origin: Origin | None = origin_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One subnet as Windows sees it; `range` is the one contiguous pool it may have, None when the source gives none (netsh)."""

    scope_id: IPv4Address
    subnet_mask: IPv4Address
    name: str = ""
    description: str = ""
    state: ScopeState = ScopeState.ACTIVE
    type: ClientKind = ClientKind.DHCP
    lease_duration: timedelta | None = None
    delay_ms: int | None = None
    max_bootp_clients: int | None = None
    nap_enable: bool | None = None
    nap_profile: str | None = None
    activate_policies: bool | None = None
    superscope: str | None = None
    """None or empty: in no superscope."""
    range: AddressRange | None = None
    gaps: tuple[AddressRange, ...] = ()
    """Addresses in `range` that never were in the pool, where a source gives a scope several ranges (Windows Server 2003)."""
    exclusions: tuple[ExclusionRange, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    option_values: tuple[OptionValue, ...] = ()
    policies: tuple[Policy, ...] | None = None
    """None: the source cannot say (a netsh dump holds no policies)."""
    origin: Origin | None = origin_field()

    @property
    def network(self) -> IPv4Network:
        """Raises ValueError when mask and scope id do not fit; parsers have checked this."""
        return IPv4Network((int(self.scope_id), str(self.subnet_mask)))

    @property
    def range_set(self) -> AddressSet:
        return AddressSet((self.range,) if self.range else ())

    @property
    def excluded(self) -> AddressSet:
        return AddressSet((*self.gaps, *(exclusion.range for exclusion in self.exclusions)))

    @property
    def serves(self) -> AddressSet:
        """The addresses this copy of the scope hands out by itself: its range less its exclusions (design.md section 5)."""
        return self.range_set - self.excluded
