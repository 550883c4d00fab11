"""Hypothesis strategies for small, valid `Server` models and their leases, in the normal form that a parser gives.

Valid means what Windows would let stand: unique keys, ranges inside the subnet, exclusions apart from each other, values of the
type their option has. Texts are hostile instead: quotes, angle brackets, umlauts, blanks at either end.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network

from hypothesis import strategies as st

from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.leases import NEVER, Lease, LeaseClientType, LeaseState, LeaseTable
from migrate.model.option import LEASE_TIME, OptionDefinition, OptionType, OptionValue, normal_values
from migrate.model.policy import CONDITION_FIELDS, Policy, PolicyCondition
from migrate.model.scope import ClientKind, ExclusionRange, Reservation, Scope, ScopeState
from migrate.model.server import (
    ACTIVATE_POLICIES,
    CONFLICT_DETECTION,
    NAP_ENABLED,
    NPS_UNREACHABLE_ACTION,
    ClassKind,
    DhcpClass,
    Filters,
    MacFilter,
    Server,
    ServerSetting,
)
from migrate.model.timespan import UNLIMITED, seconds_of_timespan

TEXTS = st.text(st.sampled_from("aZ09 äß-_.,;:/\\'&<>()=#é漢"), max_size=10)
NAMES = st.text(st.sampled_from("abcXYZ019äöß&<'-_. "), min_size=1, max_size=8).filter(lambda name: name.strip() == name)
OCTETS = st.integers(0, 255)
EXPIRIES = st.integers(0, 4_000_000_000) | st.just(NEVER)
LEASE_DURATIONS = st.integers(1, 400 * 86_400).map(lambda seconds: timedelta(seconds=seconds)) | st.just(UNLIMITED)
CLIENT_IDS = st.binary(min_size=1, max_size=20).map(ClientId) | st.binary(min_size=6, max_size=6).map(ClientId)
MAC_ADDRESSES = st.binary(min_size=6, max_size=6).map(lambda mac: mac.hex("-").upper())

_VALUES = {
    OptionType.BYTE: OCTETS.map(str),
    OptionType.WORD: st.integers(0, 0xFFFF).map(str),
    OptionType.DWORD: st.integers(0, 0xFFFFFFFF).map(str),
    OptionType.DWORD_DWORD: st.integers(0, (1 << 64) - 1).map(str),
    OptionType.IPV4_ADDRESS: st.ip_addresses(v=4).map(str),
    OptionType.IPV6_ADDRESS: st.ip_addresses(v=6).map(str),
    OptionType.STRING: TEXTS,
    OptionType.BINARY: OCTETS.map(lambda octet: f"0x{octet:02x}"),
    OptionType.ENCAPSULATED: OCTETS.map(lambda octet: f"0x{octet:02x}"),
}
_MANY_OCTETS = (OptionType.BINARY, OptionType.ENCAPSULATED)
_IPV4_TYPES = tuple(option_type for option_type in OptionType if option_type is not OptionType.IPV6_ADDRESS)


@st.composite
def servers(draw: st.DrawFn, name: str = "dhcp01") -> Server:
    classes = draw(_classes())
    definitions = draw(_definitions([known.name for known in classes if known.kind is ClassKind.VENDOR]))
    values = _option_values(definitions, [known.name for known in classes if known.kind is ClassKind.USER])
    subnets = draw(st.lists(st.integers(0, 40), max_size=3, unique=True).map(sorted))
    return Server(
        name=name,
        version=draw(st.sampled_from([(6, 2), (6, 3), (10, 0)])),
        settings=draw(_settings()),
        classes=classes,
        option_definitions=definitions,
        option_values=draw(values),
        policies=draw(_policies(values, classes, [])),
        filters=draw(_filters()),
        scopes=tuple(draw(_scopes(IPv4Address(f"10.20.{4 * number}.0"), values, classes)) for number in subnets),
    )


@st.composite
def leases_of(draw: st.DrawFn, server: Server) -> LeaseTable:
    """A few leases in the server's scopes, grouped by scope, an address once each."""
    rows: list[Lease] = []
    for scope in server.scopes:
        addresses = draw(st.lists(st.sampled_from(list(scope.network)[1:-1]), max_size=4, unique=True))
        rows += [draw(_leases(scope.scope_id, address)) for address in addresses]
    return LeaseTable.of_rows(rows)


def _leases(scope_id: IPv4Address, address: IPv4Address) -> st.SearchStrategy[Lease]:
    return st.builds(
        Lease,
        ip_address=st.just(address),
        scope_id=st.just(scope_id),
        client_id=CLIENT_IDS,
        state=st.sampled_from(LeaseState),
        expiry_s=EXPIRIES,
        host_name=TEXTS,
        description=TEXTS,
        client_type=st.sampled_from(LeaseClientType),
        policy_name=TEXTS,
        dns_rr=st.sampled_from(["", "A", "PTR", "AandPTR", "NoRegistration"]),
        dns_registration=st.sampled_from(["", "Complete", "Pending", "NotApplicable"]),
        nap_capable=st.booleans(),
        nap_status=st.sampled_from(["", "NoQuarantine", "DropPacket", "Exempt"]),
        probation_ends_s=EXPIRIES,
    )


def _settings() -> st.SearchStrategy[tuple[ServerSetting, ...]]:
    values = {
        ACTIVATE_POLICIES: st.sampled_from(["true", "false"]),
        CONFLICT_DETECTION: st.integers(0, 5).map(str),
        NAP_ENABLED: st.sampled_from(["true", "false"]),
        NPS_UNREACHABLE_ACTION: st.sampled_from(["Full", "Restricted", "NoAccess"]),
    }
    return st.fixed_dictionaries(values).map(
        lambda chosen: tuple(ServerSetting(name=name, value=value) for name, value in sorted(chosen.items()))
    )


def _classes() -> st.SearchStrategy[tuple[DhcpClass, ...]]:
    one = st.builds(
        DhcpClass,
        name=NAMES,
        kind=st.sampled_from(ClassKind),
        data=st.binary(min_size=1, max_size=9),
        description=TEXTS,
    )
    return st.lists(one, max_size=4, unique_by=lambda known: known.name.casefold()).map(
        lambda classes: tuple(sorted(classes, key=lambda known: known.key))
    )


@st.composite
def _definitions(draw: st.DrawFn, vendor_classes: list[str]) -> tuple[OptionDefinition, ...]:
    keys = st.tuples(
        st.integers(1, 250).filter(lambda number: number not in (LEASE_TIME, 81)), st.sampled_from(["", *vendor_classes])
    )
    lease_time = OptionDefinition(
        option_id=LEASE_TIME, name="Lease", type=OptionType.DWORD, multi_valued=False, default_values=("0",)
    )
    definitions = [lease_time]
    for option_id, vendor_class in draw(st.lists(keys, max_size=5, unique=True)):
        option_type = draw(st.sampled_from(_IPV4_TYPES))
        default = () if option_type in _MANY_OCTETS else draw(_values_of(option_type, multi_valued=False))
        definitions.append(
            OptionDefinition(
                option_id=option_id,
                name=draw(NAMES) + draw(st.sampled_from(["", " "])),
                type=option_type,
                multi_valued=draw(st.booleans()),
                vendor_class=vendor_class,
                default_values=tuple(text for text in default if text),
                description=draw(TEXTS),
            )
        )
    return tuple(sorted(definitions, key=lambda definition: definition.key))


@st.composite
def _values_of(draw: st.DrawFn, option_type: OptionType, multi_valued: bool) -> tuple[str, ...]:
    most = 4 if multi_valued or option_type in _MANY_OCTETS else 1
    return normal_values(option_type, tuple(draw(st.lists(_VALUES[option_type], min_size=1, max_size=most))))


@st.composite
def _option_values(draw: st.DrawFn, definitions: tuple[OptionDefinition, ...], user_classes: list[str]) -> tuple[OptionValue, ...]:
    free = [definition for definition in definitions if definition.option_id != LEASE_TIME]
    chosen = draw(st.lists(st.sampled_from(free), max_size=3, unique=True)) if free else []
    values = [
        OptionValue(
            option_id=definition.option_id,
            values=draw(_values_of(definition.type, definition.multi_valued)),
            vendor_class=definition.vendor_class,
            user_class=draw(st.sampled_from(["", *user_classes])),
        )
        for definition in chosen
    ]
    return tuple(sorted(values, key=lambda value: value.key))


@st.composite
def _policies(
    draw: st.DrawFn,
    values: st.SearchStrategy[tuple[OptionValue, ...]],
    classes: tuple[DhcpClass, ...],
    ranges: list[AddressRange],
) -> tuple[Policy, ...]:
    names = draw(st.lists(NAMES, max_size=2, unique_by=str.casefold))
    return tuple(
        Policy(
            name=name,
            processing_order=order,
            enabled=draw(st.booleans()),
            condition=draw(st.sampled_from(["AND", "OR"])),
            description=draw(TEXTS),
            conditions=draw(_conditions([known.name for known in classes])),
            ip_ranges=tuple(ranges) if draw(st.booleans()) else (),
            option_values=tuple(value for value in draw(values) if not value.user_class),
            dns_suffix=draw(st.sampled_from([None, "branch.example"])),
        )
        for order, name in enumerate(names, start=1)
    )


@st.composite
def _conditions(draw: st.DrawFn, class_names: list[str]) -> tuple[PolicyCondition, ...]:
    matching = draw(
        st.sets(st.sampled_from(["MacAddress", "ClientId", "Fqdn", "VendorClass", "RelayAgent"]), min_size=1, max_size=3)
    )
    conditions = []
    for field in (known for known in CONDITION_FIELDS if known in matching):
        values = (
            st.sampled_from(class_names or ["PXE Client"])
            if field == "VendorClass"
            else MAC_ADDRESSES.map(lambda mac: mac[:8] + "*")
        )
        for operator in draw(st.sampled_from([("EQ",), ("NE",), ("EQ", "NE")])):
            conditions.append(
                PolicyCondition(field=field, operator=operator, values=tuple(draw(st.lists(values, min_size=1, max_size=2))))
            )
    return tuple(conditions)


def _filters() -> st.SearchStrategy[Filters]:
    entry = st.builds(MacFilter, list=st.sampled_from(["Allow", "Deny"]), mac_address=MAC_ADDRESSES, description=TEXTS)
    entries = st.lists(entry, max_size=3, unique_by=lambda each: each.mac_address).map(
        lambda chosen: tuple(sorted(chosen, key=lambda each: (each.list, each.mac_address)))
    )
    return st.builds(Filters, allow_enabled=st.booleans(), deny_enabled=st.booleans(), entries=entries)


@st.composite
def _scopes(
    draw: st.DrawFn,
    scope_id: IPv4Address,
    values: st.SearchStrategy[tuple[OptionValue, ...]],
    classes: tuple[DhcpClass, ...],
) -> Scope:
    """A scope of 16 to 1024 addresses, aligned at its id; what lies in it is drawn from the offsets of eight cuts of its range."""
    network = IPv4Network((scope_id, draw(st.integers(22, 28))))
    size = network.num_addresses
    cuts = sorted(draw(st.lists(st.integers(1, size - 2), min_size=8, max_size=8, unique=True)))
    at = [scope_id + cut for cut in cuts]
    exclusions = [AddressRange(at[1], at[2]), AddressRange(at[4], at[5])][: draw(st.integers(0, 2))]
    duration = draw(LEASE_DURATIONS)
    lease_time = OptionValue(option_id=LEASE_TIME, values=(str(seconds_of_timespan(duration)),))
    return Scope(
        scope_id=scope_id,
        subnet_mask=network.netmask,
        name=draw(TEXTS),
        description=draw(TEXTS),
        state=draw(st.sampled_from(ScopeState)),
        type=draw(st.sampled_from(ClientKind)),
        lease_duration=duration,
        delay_ms=draw(st.sampled_from([0, 1000])),
        max_bootp_clients=draw(st.sampled_from([0, 50, 0xFFFFFFFF])),
        nap_enable=draw(st.booleans()),
        nap_profile=draw(st.sampled_from([None, "Quarantine"])),
        activate_policies=draw(st.booleans()),
        superscope=draw(st.sampled_from([None, "Bürohaus & Lager"])),
        range=AddressRange(at[0], at[7]),
        exclusions=tuple(ExclusionRange(range=each) for each in exclusions),
        reservations=draw(_reservations(at, values)),
        option_values=_with(lease_time, draw(values)),
        policies=draw(_policies(values, classes, [AddressRange(at[6], at[7])])),
    )


@st.composite
def _reservations(
    draw: st.DrawFn, addresses: list[IPv4Address], values: st.SearchStrategy[tuple[OptionValue, ...]]
) -> tuple[Reservation, ...]:
    chosen = draw(st.lists(st.sampled_from(addresses), max_size=3, unique=True).map(sorted))
    clients = draw(st.lists(CLIENT_IDS, min_size=len(chosen), max_size=len(chosen), unique=True))
    return tuple(
        Reservation(
            ip_address=address,
            client_id=client_id,
            name=draw(TEXTS),
            description=draw(TEXTS),
            type=draw(st.sampled_from(ClientKind)),
            option_values=draw(values),
        )
        for address, client_id in zip(chosen, clients, strict=True)
    )


def _with(value: OptionValue, others: tuple[OptionValue, ...]) -> tuple[OptionValue, ...]:
    return tuple(sorted((value, *others), key=lambda each: each.key))


def without_places(leases: LeaseTable) -> list[Lease]:
    """The rows without the file and line each was read from, to compare by content."""
    return [replace(row, line=0, path="") for row in leases.rows()]
