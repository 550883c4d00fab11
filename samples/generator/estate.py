"""Builds an estate: scopes in 10.0.0.0/8 and 192.168.0.0/16, split between two servers without a mistake; then injects mistakes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network
from random import Random

from generator import facts
from generator.conflict import Conflict
from generator.conflicts import inject
from generator.leases import drawn_leases
from generator.options import GenerateOptions
from generator.pair import PairedScope
from migrate.model.addresses import AddressRange, AddressSet
from migrate.model.leases import NEVER, LeaseState, LeaseTable
from migrate.model.option import DNS_FLAGS, LEASE_TIME, OptionValue
from migrate.model.policy import Policy
from migrate.model.scope import ExclusionRange, Scope, ScopeState
from migrate.model.server import Role, Server
from migrate.model.timespan import seconds_of_timespan

SERVER_NAMES = {Role.PRIMARY: "dhcp01", Role.SECONDARY: "dhcp02"}
SCOPES_A_SITE = 4
_PREFIXES = (24,) * 10 + (23,) * 5 + (22,) * 3 + (21,) * 2
_FIXED_ADDRESSES = 10
"""At the start of each range, for printers and routers."""
_KEPT_FREE_PERCENT = 10
_USABLE_PERCENT = 75
"""What of a subnet can be leased at worst, to find subnet sizes that hold the leases asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    options: GenerateOptions
    servers: dict[Role, Server]
    pairs_by_scope: dict[tuple[Role, IPv4Address], PairedScope]
    conflicts: tuple[Conflict, ...]
    has_ipv6: bool
    """The primary has an IPv6 scope, for which the model has no place."""

    def leases(self, role: Role, scope: Scope) -> LeaseTable:
        """The leases of one scope of one server, sorted by address; made anew at each call, never all at once."""
        pair = self.pairs_by_scope[role, scope.scope_id]
        return drawn_leases(self.options, pair, role)


def build(options: GenerateOptions) -> Estate:
    """Raises ValueError when the estate does not fit into private addresses or is too small for the conflicts asked for."""
    networks = _networks(options)
    pairs = [_pair(options, number, network) for number, network in enumerate(networks)]
    servers = {role: _server(role) for role in Role}
    injected = inject(options, pairs, servers)
    _share_out_leases(options, pairs)
    for role in Role:
        scopes = sorted((pair.copies[role] for pair in pairs if role in pair.copies), key=lambda scope: scope.scope_id)
        servers[role] = replace(servers[role], scopes=tuple(scopes))
    return Estate(
        options=options,
        servers=servers,
        pairs_by_scope={(role, copy.scope_id): pair for pair in pairs for role, copy in pair.copies.items()},
        conflicts=injected,
        has_ipv6=any(conflict.rule == "ipv6-or-multicast" for conflict in injected),
    )


def _networks(options: GenerateOptions) -> list[IPv4Network]:
    """Each in a block of twice its size, so that it has room to grow."""
    rng = Random(f"{options.seed}:networks")
    prefixes = [_PREFIXES[int(rng.random() * len(_PREFIXES))] for _ in range(options.scopes)]
    while sum(1 << (32 - prefix) for prefix in prefixes) * _USABLE_PERCENT // 100 < options.leases:
        prefixes = [prefix - 1 for prefix in prefixes]
    small = _FreeSpace(int(IPv4Address("192.168.0.0")), int(IPv4Address("192.169.0.0")))
    large = _FreeSpace(int(IPv4Address("10.1.0.0")), int(IPv4Address("11.0.0.0")))
    networks = []
    for number, prefix in enumerate(prefixes):
        block = 1 << (33 - prefix)
        start = small.take(block) if number % 9 == 8 else None
        if start is None:
            start = large.take(block)
        if start is None:
            raise ValueError(f"{options.scopes} scopes for {options.leases} leases do not fit into 10.0.0.0/8")
        networks.append(IPv4Network((start, prefix)))
    return networks


@dataclass(slots=True)
class _FreeSpace:
    """Aligned blocks, one after the other."""

    next: int
    stop: int

    def take(self, block: int) -> int | None:
        start = -(-self.next // block) * block
        if start + block > self.stop:
            return None
        self.next = start + block
        return start


def _purpose(number: int) -> facts.Purpose:
    site, position = divmod(number, SCOPES_A_SITE)
    last = (facts.WLAN, facts.GUESTS, facts.LAB, facts.PRINTERS)[site % 4]
    return (facts.OFFICE, facts.OFFICE, facts.PHONES, last)[position]


def _pair(options: GenerateOptions, number: int, network: IPv4Network) -> PairedScope:
    site = number // SCOPES_A_SITE
    name, code = facts.SITES[site % len(facts.SITES)]
    if site >= len(facts.SITES):
        name, code = f"{name} {site // len(facts.SITES) + 1}", f"{code}{site // len(facts.SITES) + 1}"
    first, last = network[_FIXED_ADDRESSES], network[-6]
    fixed = AddressRange(first, first + (_FIXED_ADDRESSES - 1))
    cut = first + (int(last) - int(first) + 1) * options.split_percent // 100
    head, tail = AddressRange(fixed.last + 1, cut - 1), AddressRange(cut, last)
    scope = _scope(number, network, name, code, head)
    split = _exclusions(AddressRange(first, head.last)) if number % 2 else _exclusions(fixed, head)
    pair = PairedScope(
        number=number,
        site=name,
        code=code,
        purpose=_purpose(number),
        network=network,
        never_served=fixed,
        copies={
            Role.PRIMARY: replace(scope, exclusions=_exclusions(fixed, tail)),
            Role.SECONDARY: replace(scope, exclusions=split),
        },
        shares={Role.PRIMARY: AddressSet((head,)), Role.SECONDARY: AddressSet((tail,))},
    )
    _add_reservations(options, pair)
    if pair.is_active:
        _lease_reservations(options, pair)
    return pair


def _scope(number: int, network: IPv4Network, site_name: str, code: str, head: AddressRange) -> Scope:
    """What both servers have in common."""
    site, position = divmod(number, SCOPES_A_SITE)
    purpose = _purpose(number)
    return Scope(
        scope_id=network.network_address,
        subnet_mask=network.netmask,
        name=f"{site_name} {purpose.name} {position + 1}",
        description=f"{site_name}, floor {position + 1}" if position % 2 else "",
        state=ScopeState.INACTIVE if number % 37 == 36 else ScopeState.ACTIVE,
        lease_duration=purpose.lease_duration,
        delay_ms=0,
        max_bootp_clients=0xFFFFFFFF,
        nap_enable=False,
        activate_policies=True,
        superscope=f"{site_name} campus" if site % 2 == 0 and position < 2 else None,
        range=AddressRange(network[_FIXED_ADDRESSES], network[-6]),
        option_values=_scope_options(purpose, site, network, code),
        policies=_scope_policies(purpose, network, head),
    )


def _exclusions(*ranges: AddressRange) -> tuple[ExclusionRange, ...]:
    return tuple(ExclusionRange(range=each) for each in ranges)


def _scope_options(purpose: facts.Purpose, site: int, network: IPv4Network, code: str) -> tuple[OptionValue, ...]:
    values = [
        facts.value(3, str(network[1])),
        facts.value(15, f"{code.lower()}.{facts.DOMAIN}"),
        facts.value(LEASE_TIME, str(seconds_of_timespan(purpose.lease_duration))),
    ]
    if site % 3 == 0:
        values.append(facts.value(6, str(network[2]), facts.CENTRAL_DNS[0]))
    if purpose is facts.OFFICE:
        values += [facts.value(66, "boot.corp.example"), facts.value(67, "x86\\wdsnbp.com")]
    if purpose is facts.PHONES:
        values.append(facts.value(facts.TFTP_OPTION, "10.0.0.31", "10.0.0.32"))
    if purpose is facts.GUESTS:
        values += [facts.value(6, "10.0.0.13"), facts.value(DNS_FLAGS, "0")]
    if purpose is facts.LAB:
        route = (16, 172, 20, *network[1].packed)
        values.append(facts.value(121, *(f"0x{octet:02x}" for octet in route)))
    by_key = {value.key: value for value in values}
    return tuple(by_key[key] for key in sorted(by_key))


def _scope_policies(purpose: facts.Purpose, network: IPv4Network, head: AddressRange) -> tuple[Policy, ...]:
    if purpose is facts.PHONES:
        return (facts.mac_policy("Desk phones", 1, "80-5E-C0*", "24-9A-D8*", tftp="10.0.0.33"),)
    if purpose is facts.LAB:
        boards = facts.mac_policy("Test boards", 1, "B8-27-EB*", tftp=str(network[3]))
        return (replace(boards, ip_ranges=(AddressRange(head.first, head.first + 7),)),)
    if purpose is facts.WLAN:
        return (Policy(name="Branch names", processing_order=1, conditions=facts.NOT_IN_DOMAIN, dns_suffix=f"wlan.{facts.DOMAIN}"),)
    return ()


def _add_reservations(options: GenerateOptions, pair: PairedScope) -> None:
    """The same on both servers, as administrators of a split are told to do."""
    rng = Random(f"{options.seed}:reservations:{pair.number}")
    names = sorted(facts.RESERVED_NAMES, key=lambda _: rng.random())
    for index in range(1 + int(rng.random() * 4)):
        role = Role.PRIMARY if index % 2 == 0 else Role.SECONDARY
        address, client_id = pair.spare(role), pair.client()
        extra = [facts.value(12, f"{pair.code.lower()}-{index}")] if rng.random() < 0.2 else []
        for each in Role:
            pair.reserve(each, address, client_id, f"{names[index]} {pair.code}", *extra)


def _lease_reservations(options: GenerateOptions, pair: PairedScope) -> None:
    """A reservation in use is active on the server its client met, inactive on the other; some are not in use."""
    rng = Random(f"{options.seed}:in-use:{pair.number}")
    for reservation in pair.copies[Role.PRIMARY].reservations:
        if rng.random() < 0.3:
            continue
        meets = Role.PRIMARY if rng.random() < 0.7 else Role.SECONDARY
        for role in Role:
            state = LeaseState.ACTIVE_RESERVATION if role is meets else LeaseState.INACTIVE_RESERVATION
            pair.add_lease(
                role, reservation.ip_address, reservation.client_id, state=state, expiry_s=NEVER, host_name=reservation.name
            )


def _share_out_leases(options: GenerateOptions, pairs: list[PairedScope]) -> None:
    """Every server's part of every scope gets its share of the leases, in proportion to its size, exactly as many in all."""
    slots = [(pair, role, _capacity(pair, role)) for pair in pairs for role in Role]
    total = sum(capacity for _, _, capacity in slots)
    if options.leases > total:
        raise ValueError(f"{options.leases} leases do not fit into {total} addresses")
    given = before = 0
    for pair, role, capacity in slots:
        before += capacity
        upto = options.leases * before // total if total else 0
        pair.lease_counts[role], pair.first_client[role] = upto - given, given
        given = upto


def _capacity(pair: PairedScope, role: Role) -> int:
    if role not in pair.copies or pair.copies[role].state is ScopeState.INACTIVE:
        return 0
    return pair.room(role).address_count * (100 - _KEPT_FREE_PERCENT) // 100


def _server(role: Role) -> Server:
    return Server(
        name=SERVER_NAMES[role],
        version=(10, 0),
        settings=facts.settings(),
        classes=facts.classes(),
        option_definitions=facts.option_definitions(),
        option_values=facts.server_option_values(),
        policies=facts.server_policies(),
        filters=facts.filters(),
    )
