"""One server with an object of every kind, every field set to something, to be changed field by field."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address

from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.option import OptionDefinition, OptionType, OptionValue
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.scope import ClientKind, ExclusionRange, Reservation, Scope
from migrate.model.server import (
    ACTIVATE_POLICIES,
    NAP_ENABLED,
    ClassKind,
    DhcpClass,
    Filters,
    MacFilter,
    Server,
    ServerSetting,
)

SCOPE_ID = IPv4Address("10.20.0.0")
PRINTER = IPv4Address("10.20.0.9")

PHONES = Policy(
    name="Phones",
    processing_order=1,
    description="desk phones",
    conditions=(PolicyCondition(field="MacAddress", operator="EQ", values=("80-5e-c0*",)),),
    ip_ranges=(AddressRange.parse("10.20.0.100", "10.20.0.120"),),
    option_values=(OptionValue(option_id=150, values=("10.0.0.3",)),),
    dns_suffix="phones.example",
)
GUESTS = Policy(
    name="Guests",
    processing_order=2,
    conditions=(PolicyCondition(field="ClientId", operator="EQ", values=("01-aa*",)),),
)
SERVER = Server(
    name="dhcp01",
    version=(6, 3),
    settings=(ServerSetting(name=ACTIVATE_POLICIES, value="true"), ServerSetting(name=NAP_ENABLED, value="false")),
    classes=(
        DhcpClass(name="iPXE clients", kind=ClassKind.USER, data=b"iPXE", description="network boot", vendor_id=9),
        DhcpClass(name="Microsoft Options", kind=ClassKind.VENDOR, data=b"MSFT", description="all Windows"),
    ),
    option_definitions=(
        OptionDefinition(option_id=3, name="Router", type=OptionType.IPV4_ADDRESS, multi_valued=True, description="routers"),
        OptionDefinition(
            option_id=150,
            name="TFTP",
            type=OptionType.IPV4_ADDRESS,
            multi_valued=False,
            default_values=("0.0.0.0",),
            description="for phones",
        ),
    ),
    option_values=(OptionValue(option_id=6, values=("10.0.0.1", "10.0.0.2")),),
    policies=(PHONES, GUESTS),
    filters=Filters(entries=(MacFilter(list="Deny", mac_address="00-11-22-33-44-55", description="stolen"),)),
    scopes=(
        Scope(
            scope_id=SCOPE_ID,
            subnet_mask=IPv4Address("255.255.255.0"),
            name="Office",
            description="first floor",
            lease_duration=timedelta(days=8),
            delay_ms=0,
            max_bootp_clients=10,
            nap_enable=False,
            nap_profile="Quarantine",
            activate_policies=True,
            superscope="Campus",
            range=AddressRange.parse("10.20.0.10", "10.20.0.200"),
            exclusions=(
                ExclusionRange(range=AddressRange.parse("10.20.0.20", "10.20.0.29")),
                ExclusionRange(range=AddressRange.parse("10.20.0.50", "10.20.0.59")),
            ),
            reservations=(
                Reservation(
                    ip_address=PRINTER,
                    client_id=ClientId.parse("00-11-22-33-44-66"),
                    name="printer",
                    description="second floor",
                    type=ClientKind.DHCP,
                    option_values=(OptionValue(option_id=12, values=("printer",)),),
                ),
            ),
            option_values=(OptionValue(option_id=3, values=("10.20.0.1",)),),
            policies=(PHONES, GUESTS),
        ),
    ),
)
SCOPE = SERVER.scopes[0]
RESERVATION = SCOPE.reservations[0]
