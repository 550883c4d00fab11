"""The pair that behaviour.ps1 works on: three scopes on `one`, two of them on `two`."""

from __future__ import annotations

from pathlib import Path

EXPIRIES = {"Active": "2026-03-09 09:00:00Z", "Declined": "2026-03-09 09:00:00Z", "Expired": "2026-02-20 09:00:00Z"}


def element(tag: str, *content: str, **leaves: object) -> str:
    return f"<{tag}>{''.join(f'<{name}>{value}</{name}>' for name, value in leaves.items())}{''.join(content)}</{tag}>"


def lease(network: str, host: int, client: str, state: str) -> str:
    return element(
        "Lease",
        IPAddress=f"{network}.{host}",
        ScopeId=f"{network}.0",
        ClientId=client,
        HostName="h",
        LeaseExpiryTime=EXPIRIES[state],
        AddressState=state,
        ClientType="Dhcp",
        NapCapable="false",
    )


def scope(number: int) -> str:
    network = f"10.{number}.0"
    client = f"00-00-00-00-{number:02x}"
    exclusion = element("IPRange", StartRange=f"{network}.151", EndRange=f"{network}.200")
    option = element("OptionValue", OptionId=3, Value=f"{network}.1", VendorClass="", UserClass="")
    reservation = element("Reservation", Name=f"r{number}", IPAddress=f"{network}.20", ClientId=f"{client}-20", Type="Both")
    leases = (
        lease(network, 30, f"{client}-30", "Active"),
        lease(network, 31, f"{client}-31", "Expired"),
        lease(network, 32, "20-00-0a-0a", "Declined"),
    )
    return element(
        "Scope",
        element("ExclusionRanges", exclusion),
        element("OptionValues", option),
        element("Reservations", reservation),
        element("Leases", *leases),
        ScopeId=f"{network}.0",
        Name=f"S{number}",
        SubnetMask="255.255.255.0",
        StartRange=f"{network}.10",
        EndRange=f"{network}.200",
        LeaseDuration="8.00:00:00",
        State="Active",
        Type="Dhcp",
        MaxBootpClients=4294967295,
        NapEnable="false",
        Delay=0,
        ActivatePolicies="true",
        SuperScopeName="Floors" if number == 1 else "",
    )


def export(vocabulary: tuple[str, ...], scopes: tuple[int, ...]) -> str:
    ipv4 = element(
        "IPv4",
        *vocabulary,
        element("Scopes", *map(scope, scopes)),
        ConflictDetectionAttempts=2,
        NapEnabled="false",
        NpsUnreachableAction="Full",
        ActivatePolicies="true",
    )
    versions = '<MajorVersion xmlns="">10</MajorVersion><MinorVersion xmlns="">0</MinorVersion>'
    root = f'<DHCPServer xmlns="http://schemas.microsoft.com/windows/DHCPServer">{versions}'
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{root}{ipv4.replace("<IPv4>", "<IPv4 xmlns=" + chr(34) * 2 + ">", 1)}</DHCPServer>'
    )


def write_pair(folder: Path) -> tuple[Path, Path]:
    """one.xml and two.xml."""
    paths = folder / "one.xml", folder / "two.xml"
    vendor_class = element("Class", Name="OnlyOne", Type="Vendor", Data="0x4f6e65", Description="")
    definition = element(
        "OptionDefinition", Name="tftp150", OptionId=150, Type="IPv4Address", MultiValued="true", Description="", VendorClass=""
    )
    own = element("Classes", vendor_class), element("OptionDefinitions", definition)
    paths[0].write_text(export(own, (1, 2, 3)), encoding="utf-8")
    paths[1].write_text(export((), (1, 2)), encoding="utf-8")
    return paths
