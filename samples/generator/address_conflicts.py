"""Mistakes about addresses: pools, exclusions, subnets, reservations, leases. One function a rule; each changes one scope."""

from __future__ import annotations

from ipaddress import IPv4Address

from generator.conflict import Conflict, in_scope
from generator.options import GenerateOptions
from generator.pair import PairedScope
from migrate.model.addresses import AddressRange, AddressSet
from migrate.model.client_id import ClientId
from migrate.model.leases import LeaseState
from migrate.model.scope import ExclusionRange
from migrate.model.server import Role


def overlapping_pools(pair: PairedScope, options: GenerateOptions) -> Conflict:
    """The end of the secondary's exclusion, mistyped in one digit."""
    *others, last = pair.copies[Role.SECONDARY].exclusions
    meant = last.range.last
    slipped = max(last.range.first, _one_digit_lower(meant))
    pair.change(Role.SECONDARY, exclusions=(*others, ExclusionRange(range=AddressRange(last.range.first, slipped))))
    return Conflict(
        rule="overlapping-pools",
        scope_id=pair.scope_id,
        object=str(AddressRange(slipped + 1, meant)),
        detail=f"the secondary's exclusion ends at {slipped} instead of {meant}",
        primary=f"serves {AddressRange(slipped + 1, meant)}",
        secondary=f"serves {AddressRange(slipped + 1, meant)}",
    )


def _one_digit_lower(address: IPv4Address) -> IPv4Address:
    octet = int(address) & 255
    if octet // 10 % 10:
        return address - 10
    return address - (octet % 10 or 1)


def one_sided_exclusion(pair: PairedScope, options: GenerateOptions) -> Conflict:
    """The secondary's range begins behind the addresses that the primary excludes for printers and routers."""
    secondary, start = pair.copies[Role.SECONDARY], pair.never_served.last + 1
    kept = AddressRange(start, secondary.exclusions[-1].range.last)
    assert secondary.range is not None
    pair.change(Role.SECONDARY, range=AddressRange(start, secondary.range.last), exclusions=(ExclusionRange(range=kept),))
    return Conflict(
        rule="one-sided-exclusion",
        scope_id=pair.scope_id,
        object=str(pair.never_served),
        detail=f"excluded on the primary, outside the range of the secondary, which starts at {start}",
        primary=f"excludes {pair.never_served}",
        secondary=f"range starts at {start}",
        implies=("ranges-differ",),
    )


def ranges_differ(pair: PairedScope, options: GenerateOptions) -> Conflict:
    """The secondary goes on for four more addresses, which it serves."""
    primary, secondary = pair.copies[Role.PRIMARY].range, pair.copies[Role.SECONDARY].range
    assert primary is not None and secondary is not None
    longer = AddressRange(secondary.first, secondary.last + 4)
    pair.change(Role.SECONDARY, range=longer)
    return Conflict(
        rule="ranges-differ",
        scope_id=pair.scope_id,
        object=str(pair.scope_id),
        detail=f"the secondary's range ends at {longer.last}, the primary's at {primary.last}",
        primary=str(primary),
        secondary=str(longer),
    )


def reservation_conflict(pair: PairedScope, options: GenerateOptions) -> Conflict:
    """In scopes of even number one address for two clients, in the others one client with two addresses."""
    address, client_id = pair.spare(Role.PRIMARY), pair.client()
    if pair.number % 2 == 0:
        other = pair.client()
        pair.reserve(Role.PRIMARY, address, client_id, f"Drucker {pair.code}")
        pair.reserve(Role.SECONDARY, address, other, f"Drucker {pair.code} alt")
        detail, shown, values = "one address is reserved for two clients", str(address), (str(client_id), str(other))
    else:
        second = pair.spare(Role.PRIMARY)
        pair.reserve(Role.PRIMARY, address, client_id, f"Kasse {pair.code}")
        pair.reserve(Role.SECONDARY, second, client_id, f"Kasse {pair.code}")
        detail, shown, values = "one client has two reserved addresses", str(client_id), (str(address), str(second))
    return Conflict(
        rule="reservation-conflict", scope_id=pair.scope_id, object=shown, detail=detail, primary=values[0], secondary=values[1]
    )


def reservation_differs(pair: PairedScope, options: GenerateOptions) -> Conflict:
    address, client_id = pair.spare(Role.PRIMARY), pair.client()
    names = {Role.PRIMARY: f"Zeiterfassung {pair.code}", Role.SECONDARY: f"Zeiterfassung {pair.code} (alt)"}
    for role, name in names.items():
        pair.reserve(role, address, client_id, name)
    return in_scope(
        pair, "reservation-differs", str(address), "the reservation's name differs", names[Role.PRIMARY], names[Role.SECONDARY]
    )


def reservation_one_sided(pair: PairedScope, options: GenerateOptions) -> Conflict:
    """On the primary in scopes of even number, else on the secondary."""
    role = Role.SECONDARY if pair.number % 2 else Role.PRIMARY
    address, client_id = pair.spare(role), pair.client()
    pair.reserve(role, address, client_id, f"Aufzug {pair.code}")
    says = {Role.PRIMARY: "", Role.SECONDARY: "", role: str(client_id)}
    return in_scope(
        pair, "reservation-one-sided", str(address), f"reserved on the {role} only", says[Role.PRIMARY], says[Role.SECONDARY]
    )


def reservation_outside_range(pair: PairedScope, options: GenerateOptions) -> Conflict:
    address, client_id = pair.network[5], pair.client()
    for role in Role:
        pair.reserve(role, address, client_id, f"Gateway-Monitor {pair.code}")
    return in_scope(pair, "reservation-outside-range", str(address), "reserved below the range", str(client_id), str(client_id))


def reservation_in_exclusion(pair: PairedScope, options: GenerateOptions) -> Conflict:
    address, client_id = pair.never_served.first + 3, pair.client()
    for role in Role:
        pair.reserve(role, address, client_id, f"Etikettendrucker {pair.code}")
    return in_scope(
        pair, "reservation-in-exclusion", str(address), "reserved where both servers exclude", str(client_id), str(client_id)
    )


def lease_conflict(pair: PairedScope, options: GenerateOptions) -> Conflict:
    """Two clients on one address; the secondary's lease runs longer."""
    address, clients = pair.spare(Role.PRIMARY), {role: pair.client() for role in Role}
    left_s = _lease_s(pair) // 2
    for role, client_id in clients.items():
        until_s = options.as_of_s + left_s + (600 if role is Role.SECONDARY else 0)
        pair.add_lease(role, address, client_id, expiry_s=until_s, host_name=pair.host_name("PC"))
    return in_scope(
        pair,
        "lease-conflict",
        str(address),
        "active for two clients, for longer on the secondary",
        str(clients[Role.PRIMARY]),
        str(clients[Role.SECONDARY]),
    )


def lease_two_addresses(pair: PairedScope, options: GenerateOptions) -> Conflict:
    client_id, addresses = pair.client(), {role: pair.spare(role) for role in Role}
    for role, address in addresses.items():
        until_s = options.as_of_s + _lease_s(pair) // (2 if role is Role.PRIMARY else 3)
        pair.add_lease(role, address, client_id, expiry_s=until_s, host_name=pair.host_name("NB"))
    return in_scope(
        pair,
        "lease-two-addresses",
        str(client_id),
        "one client holds an address of each server, for longer on the primary",
        str(addresses[Role.PRIMARY]),
        str(addresses[Role.SECONDARY]),
    )


def lease_on_reserved_address(pair: PairedScope, options: GenerateOptions) -> Conflict:
    address, owner, holder = pair.spare(Role.PRIMARY), pair.client(), pair.client()
    for role in Role:
        pair.reserve(role, address, owner, f"Kühlraum {pair.code}")
    pair.add_lease(Role.PRIMARY, address, holder, expiry_s=options.as_of_s + _lease_s(pair) // 2, host_name=pair.host_name("guest"))
    return in_scope(pair, "lease-on-reserved-address", str(address), f"reserved for {owner}, leased to {holder}", str(holder), "")


def declined_leases(pair: PairedScope, options: GenerateOptions) -> Conflict:
    """The record of a declined address has the address, octets reversed, as its client id (formats.md 3.1)."""
    address = pair.spare(Role.PRIMARY)
    pair.add_lease(
        Role.PRIMARY,
        address,
        ClientId(address.packed[::-1]),
        state=LeaseState.DECLINED,
        expiry_s=options.as_of_s + 1800,
        host_name="BAD_ADDRESS",
        description="This address is already in use",
    )
    return in_scope(pair, "declined-leases", str(address), "declined on the primary", "Declined", "")


def lease_outside_pool(pair: PairedScope, options: GenerateOptions) -> Conflict:
    address, client_id = pair.never_served.first + 5, pair.client()
    until_s = options.as_of_s + _lease_s(pair) // 2
    pair.add_lease(Role.PRIMARY, address, client_id, expiry_s=until_s, host_name=pair.host_name("PRN"))
    return in_scope(
        pair, "lease-outside-pool", str(address), "leased on the primary where both servers exclude", str(client_id), ""
    )


def scope_mask_mismatch(pair: PairedScope, options: GenerateOptions) -> Conflict:
    wider = pair.network.supernet()
    pair.change(Role.SECONDARY, subnet_mask=wider.netmask)
    return in_scope(
        pair,
        "scope-mask-mismatch",
        str(pair.scope_id),
        "the secondary's subnet is twice as large",
        str(pair.network.netmask),
        str(wider.netmask),
    )


def scope_overlap(pair: PairedScope, options: GenerateOptions) -> Conflict:
    """The secondary has the upper half of the subnet as a scope of its own."""
    _, upper = pair.network.subnets()
    pair.shares[Role.SECONDARY] = pair.shares[Role.SECONDARY] & AddressSet((AddressRange(upper[10], upper[-6]),))
    secondary = pair.copies[Role.SECONDARY]
    pair.change(
        Role.SECONDARY,
        scope_id=upper.network_address,
        subnet_mask=upper.netmask,
        range=pair.shares[Role.SECONDARY].hull,
        exclusions=(),
        policies=(),
        reservations=tuple(r for r in secondary.reservations if r.ip_address in upper),
    )
    pair.leases[Role.SECONDARY] = [lease for lease in pair.leases[Role.SECONDARY] if lease.ip_address in upper]
    return Conflict(
        rule="scope-overlap",
        scope_id=pair.scope_id,
        object=str(upper.network_address),
        detail=f"{upper} of the secondary lies inside {pair.network} of the primary",
        primary=str(pair.network),
        secondary=str(upper),
        implies=("scope-on-one-server", "reservation-in-exclusion"),
    )


def scope_on_one_server(pair: PairedScope, options: GenerateOptions) -> Conflict:
    """On the primary in scopes of even number, else on the secondary."""
    role, missing = (Role.SECONDARY, Role.PRIMARY) if pair.number % 2 else (Role.PRIMARY, Role.SECONDARY)
    del pair.copies[missing]
    says = {role: pair.copies[role].name, missing: ""}
    return Conflict(
        rule="scope-on-one-server",
        scope_id=pair.scope_id,
        object=str(pair.scope_id),
        detail=f"on the {role} only, whose exclusions for the other's part stay",
        primary=says[Role.PRIMARY],
        secondary=says[Role.SECONDARY],
        implies=("reservation-in-exclusion",),
    )


def _lease_s(pair: PairedScope) -> int:
    return int(pair.purpose.lease_duration.total_seconds())
