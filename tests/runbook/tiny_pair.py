"""Two small servers that hold what is hard for a runbook, and names that are hostile to it.

10.1.0.0   each serves a range of its own with a gap between: the primary's range grows, and the gap must never be free;
           a reservation and a policy range of the partner lie where only the grown range reaches
10.2.0.0   a split by exclusions, one of which is only partly the split; one address leased to two clients, one client with two
           addresses; an offer delay, a superscope
10.3.0.0   only on the partner
server     options that differ, and a class, a definition, a policy and a filter that only the partner has
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

from writers.export_xml_writer import write_export_xml

from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.leases import Lease, LeaseTable
from migrate.model.option import LEASE_TIME, OptionDefinition, OptionType, OptionValue
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.scope import ExclusionRange, Reservation, Scope
from migrate.model.server import (
    ACTIVATE_POLICIES,
    CONFLICT_DETECTION,
    ClassKind,
    DhcpClass,
    Filters,
    MacFilter,
    Server,
    ServerSetting,
)

MASK = IPv4Address("255.255.255.0")
DAY_S = 86_400
NOW_S = 1_795_000_000
LEASE_S = 8 * DAY_S
HOSTILE_NAMES = (
    "O'Brien \u2018\u2019\u201a\u201b $(Stop-Service DHCPServer)",
    '"; Remove-Item C:\\ -Recurse #',
    "`Etage` \u202e & <b>",
)


def write_pair(folder: Path) -> tuple[Path, Path]:
    """alpha.xml and beta.xml."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "alpha.xml", folder / "beta.xml"
    for path, server, leases in zip(paths, (alpha(), beta()), (ALPHA_LEASES, BETA_LEASES), strict=True):
        write_export_xml(server, LeaseTable.of_rows(leases), path)
    return paths


def write_empty_pair(folder: Path) -> tuple[Path, Path]:
    """Servers that have no scope, under the names of the plan."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "alpha.xml", folder / "beta.xml"
    for path in paths:
        write_export_xml(_server(path.stem), LeaseTable.empty(), path)
    return paths


def alpha() -> Server:
    return _server(
        "alpha",
        option_values=(_dns("10.1.0.5"),),
        scopes=(
            _scope(1, (20, 100), reservations=(_reservation(1, 30, "Drucker 'A'"),)),
            _scope(
                2,
                (10, 200),
                excluded=((10, 19), (140, 200)),
                reservations=(_reservation(2, 40, "Plotter"),),
                superscope=HOSTILE_NAMES[2],
            ),
        ),
    )


def beta() -> Server:
    phones = DhcpClass(name=HOSTILE_NAMES[1], kind=ClassKind.VENDOR, data=b"phone", description="only here")
    definition = OptionDefinition(option_id=150, name="TFTP servers", type=OptionType.IPV4_ADDRESS, multi_valued=True)
    boards = Policy(
        name=HOSTILE_NAMES[0],
        processing_order=1,
        conditions=(PolicyCondition(field="MacAddress", operator="EQ", values=("B8-27-EB-*",)),),
        ip_ranges=(AddressRange(_address(1, 180), _address(1, 190)),),
        option_values=(OptionValue(option_id=150, values=("10.1.0.9",)),),
    )
    voice = Policy(
        name="Voice",
        processing_order=1,
        conditions=(PolicyCondition(field="VendorClass", operator="EQ", values=(phones.name,)),),
        option_values=(OptionValue(option_id=15, values=("voice.example",)),),
    )
    return _server(
        "beta",
        classes=(phones,),
        option_definitions=(definition,),
        option_values=(_dns("10.1.0.6"),),
        policies=(voice,),
        filters=Filters(
            deny_enabled=True, entries=(MacFilter(list="Deny", mac_address="00-11-22-33-44-55", description=HOSTILE_NAMES[0]),)
        ),
        scopes=(
            _scope(1, (121, 200), reservations=(_reservation(1, 150, HOSTILE_NAMES[1]),), policies=(boards,)),
            _scope(2, (10, 200), excluded=((10, 150),), delay_ms=500, superscope=HOSTILE_NAMES[2]),
            _scope(3, (50, 80), name=HOSTILE_NAMES[0], reservations=(_reservation(3, 60, "Kasse"),)),
        ),
    )


def _server(name: str, **members: object) -> Server:
    settings = (ServerSetting(name=ACTIVATE_POLICIES, value="true"), ServerSetting(name=CONFLICT_DETECTION, value="0"))
    return Server(name=name, version=(10, 0), settings=settings, **{"policies": (), "filters": Filters(), **members})  # type: ignore[arg-type]


def _address(net: int, host: int) -> IPv4Address:
    return IPv4Address(f"10.{net}.0.{host}")


def _dns(server: str) -> OptionValue:
    return OptionValue(option_id=6, values=(server,))


def _reservation(net: int, host: int, name: str) -> Reservation:
    option = OptionValue(option_id=12, values=("device",))
    return Reservation(
        ip_address=_address(net, host), client_id=ClientId(bytes([2, net, host])), name=name, option_values=(option,)
    )


def _scope(net: int, pool: tuple[int, int], excluded: tuple[tuple[int, int], ...] = (), **members: object) -> Scope:
    router = OptionValue(option_id=3, values=(str(_address(net, 1)),))
    lease_time = OptionValue(option_id=LEASE_TIME, values=(str(LEASE_S),))
    return Scope(
        scope_id=_address(net, 0),
        subnet_mask=MASK,
        range=AddressRange(_address(net, pool[0]), _address(net, pool[1])),
        exclusions=tuple(ExclusionRange(range=AddressRange(_address(net, first), _address(net, last))) for first, last in excluded),
        lease_duration=timedelta(seconds=LEASE_S),
        option_values=(router, lease_time),
        **{"name": f"Net {net}", "delay_ms": 0, "activate_policies": True, "policies": (), **members},  # type: ignore[arg-type]
    )


def _lease(net: int, host: int, client: str, hours: int) -> Lease:
    return Lease(
        ip_address=_address(net, host),
        scope_id=_address(net, 0),
        client_id=ClientId.parse(client),
        expiry_s=NOW_S + LEASE_S - hours * 3600,
        host_name=f"pc-{net}-{host}",
    )


ALPHA_LEASES = [
    _lease(1, 21, "02-aa-00-00-01-21", 30),
    _lease(1, 22, "02-aa-00-00-01-22", 2),
    _lease(2, 50, "02-aa-00-00-02-50", 9),
    _lease(2, 51, "02-aa-00-00-02-51", 1),
    _lease(2, 52, "02-cc-00-00-00-01", 4),
    _lease(2, 53, "02-cc-00-00-00-02", 70),
]
BETA_LEASES = [
    _lease(1, 121, "02-bb-00-00-01-21", 30),
    _lease(1, 122, "02-bb-00-00-01-22", 3),
    _lease(2, 160, "02-bb-00-00-02-60", 12),
    _lease(2, 161, "02-cc-00-00-00-01", 50),  # has .52 on alpha, later
    _lease(2, 162, "02-cc-00-00-00-02", 5),  # has .53 on alpha, earlier
    _lease(2, 51, "02-cc-00-00-00-03", 40),  # alpha gave .51 to another client, later
    _lease(2, 50, "02-cc-00-00-00-04", 1),  # alpha gave .50 to another client, earlier
    _lease(3, 55, "02-bb-00-00-03-55", 6),
]
