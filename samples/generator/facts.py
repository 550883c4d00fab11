"""What any Windows DHCP server knows, and what the invented company added: sites, classes, option definitions, policies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from migrate.model.option import OptionDefinition, OptionType, OptionValue
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.server import (
    ACTIVATE_POLICIES,
    CONFLICT_DETECTION,
    NAP_ENABLED,
    NPS_UNREACHABLE_ACTION,
    ClassKind,
    DhcpClass,
    Filters,
    MacFilter,
    ServerSetting,
)

PHONE_CLASS = "Yealink SIP phones"
UEFI_CLASS = "UEFI x64 clients"
IPXE_CLASS = "iPXE clients"
MICROSOFT_OPTIONS = "Microsoft Options"
PROVISIONING_OPTION = 242
TFTP_OPTION = 150

SITES = (
    ("Berlin", "BER"),
    ("München", "MUC"),
    ("Köln", "CGN"),
    ("Zürich", "ZRH"),
    ("Wien", "VIE"),
    ("Århus", "AAR"),
    ("Malmö", "MMX"),
    ("Kraków", "KRK"),
    ("A Coruña", "LCG"),
    ("Lyon", "LYS"),
    ("Bristol", "BRS"),
    ("Cork", "ORK"),
    ("Porto", "OPO"),
    ("Düsseldorf", "DUS"),
    ("Brno", "BRQ"),
    ("Turku", "TKU"),
)
IPV6_PREFIX = "2001:db8:10::"
DOMAIN = "corp.example"
CENTRAL_DNS = ("10.0.0.11", "10.0.0.12")
WINS = ("10.0.0.21", "10.0.0.22")
NTP = ("10.0.0.5",)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a subnet is for; decides its lease duration, its options and how its clients are called."""

    name: str
    lease_duration: timedelta
    host_prefix: str


OFFICE = Purpose("Office", timedelta(days=8), "PC")
PHONES = Purpose("Phones", timedelta(days=8), "SEP")
WLAN = Purpose("WLAN", timedelta(hours=8), "NB")
GUESTS = Purpose("Guests", timedelta(hours=8), "guest")
LAB = Purpose("R&D lab", timedelta(days=8), "LAB")
PRINTERS = Purpose("Printers & scanners", timedelta(days=30), "PRN")

OUIS = tuple(
    bytes.fromhex(oui)
    for oui in (
        "00155d",
        "3c52a1",
        "64510a",
        "805ec0",
        "249ad8",
        "d4bed9",
        "f8b156",
        "a0cec8",
        "001b78",
        "e4115b",
        "9c7bef",
        "706979",
    )
)
PHONE_OUIS = (OUIS[3], OUIS[4])

_VENDOR_TEXTS = (
    ("Microsoft Windows 2000 Options", "MSFT 5.0", "Vendor options of Windows 2000 and later"),
    ("Microsoft Windows 98 Options", "MSFT 98", "Vendor options of Windows 98"),
    (MICROSOFT_OPTIONS, "MSFT", "Vendor options of every Windows client"),
    (PHONE_CLASS, "yealink", "Desk phones"),
    (UEFI_CLASS, "PXEClient:Arch:00007", "Network boot of 64-bit UEFI machines"),
)
_USER_TEXTS = (
    ("Default Routing and Remote Access Class", "RRAS.Microsoft", "Dial-in clients"),
    ("Default Network Access Protection Class", "MSFT Quarantine", "Clients with restricted access"),
    ("Default BOOTP Class", "BOOTP.Microsoft", "BOOTP clients"),
    (IPXE_CLASS, "iPXE", "Second stage of network boot"),
)


def classes() -> tuple[DhcpClass, ...]:
    made = [
        DhcpClass(name=name, kind=kind, data=data.encode(), description=description)
        for kind, texts in ((ClassKind.USER, _USER_TEXTS), (ClassKind.VENDOR, _VENDOR_TEXTS))
        for name, data, description in texts
    ]
    return tuple(sorted(made, key=lambda known: known.key))


_ADDRESS, _ADDRESSES = (OptionType.IPV4_ADDRESS, False), (OptionType.IPV4_ADDRESS, True)
_STRING, _DWORD, _BYTE = (OptionType.STRING, False), (OptionType.DWORD, False), (OptionType.BYTE, False)
_WORD, _BINARY = (OptionType.WORD, False), (OptionType.BINARY, False)
_DEFAULTS = {OptionType.IPV4_ADDRESS: ("0.0.0.0",), OptionType.STRING: (), OptionType.BINARY: ()}

_DEFINITIONS = (
    (1, "Subnet Mask", _ADDRESS, ""),
    (2, "Time Offset", _DWORD, ""),
    (3, "Router", _ADDRESSES, ""),
    (4, "Time Server", _ADDRESSES, ""),
    (6, "DNS Servers", _ADDRESSES, ""),
    (7, "Log Servers", _ADDRESSES, ""),
    (12, "Host Name", _STRING, ""),
    (13, "Boot File Size", _WORD, ""),
    (15, "DNS Domain Name", _STRING, ""),
    (28, "Broadcast Address", _ADDRESS, ""),
    (33, "Static Route Option", _ADDRESSES, ""),
    (42, "NTP Servers", _ADDRESSES, ""),
    (43, "Vendor Specific Info", _BINARY, ""),
    (44, "WINS/NBNS Servers", _ADDRESSES, ""),
    (46, "WINS/NBT Node Type", _BYTE, ""),
    (51, "Lease", _DWORD, ""),
    (58, "Renewal (T1) Time Value", _DWORD, ""),
    (59, "Rebinding (T2) Time Value", _DWORD, ""),
    (60, "PXEClient", _STRING, ""),
    (66, "Boot Server Host Name", _STRING, ""),
    (67, "Bootfile Name", _STRING, ""),
    (121, "Classless Static Routes", _BINARY, ""),
    (TFTP_OPTION, "TFTP servers for phones", _ADDRESSES, ""),
    (PROVISIONING_OPTION, "Phone provisioning URL", _STRING, ""),
    (1, "Microsoft Disable Netbios Option ", _DWORD, MICROSOFT_OPTIONS),
    (2, "Microsoft Release DHCP Lease On Shutdown Option ", _DWORD, MICROSOFT_OPTIONS),
)


def option_definitions() -> tuple[OptionDefinition, ...]:
    made = [
        OptionDefinition(
            option_id=option_id,
            name=name,
            type=option_type,
            multi_valued=multi_valued,
            vendor_class=vendor_class,
            default_values=_DEFAULTS.get(option_type, ("0",)),
            description=f"{name.strip()}, {'list' if multi_valued else 'one value'}",
        )
        for option_id, name, (option_type, multi_valued), vendor_class in _DEFINITIONS
    ]
    return tuple(sorted(made, key=lambda definition: definition.key))


def value(option_id: int, *values: str, vendor_class: str = "", user_class: str = "") -> OptionValue:
    return OptionValue(option_id=option_id, values=values, vendor_class=vendor_class, user_class=user_class)


def server_option_values() -> tuple[OptionValue, ...]:
    return (
        value(1, "2", vendor_class=MICROSOFT_OPTIONS),
        value(6, *CENTRAL_DNS),
        value(15, DOMAIN),
        value(42, *NTP),
        value(44, *WINS),
        value(46, "8"),
    )


def settings() -> tuple[ServerSetting, ...]:
    values = {ACTIVATE_POLICIES: "true", CONFLICT_DETECTION: "1", NAP_ENABLED: "false", NPS_UNREACHABLE_ACTION: "Full"}
    return tuple(ServerSetting(name=name, value=text) for name, text in sorted(values.items()))


def server_policies() -> tuple[Policy, ...]:
    return (
        Policy(
            name="UEFI network boot",
            processing_order=1,
            description="64-bit UEFI machines get the signed loader",
            conditions=(PolicyCondition(field="VendorClass", operator="EQ", values=(UEFI_CLASS,)),),
            option_values=(value(66, "boot.corp.example"), value(67, "x64\\shimx64.efi")),
        ),
    )


def filters() -> Filters:
    return Filters(
        deny_enabled=True,
        entries=(
            MacFilter(list="Allow", mac_address="00-15-5D-00-00-01", description="Reference machine"),
            MacFilter(list="Deny", mac_address="B8-27-EB-*-*-*", description="Single-board computers, banned after audit"),
            MacFilter(list="Deny", mac_address="DE-AD-BE-EF-00-01", description="Stolen laptop & dock"),
        ),
    )


RESERVED_NAMES = ("Drucker Empfang", "Plotter R&D", "ups", "Kasse 3", "door-controller", "Kopierer Büro", "IP-Kamera <Hof>", "nas")
NOT_IN_DOMAIN = (PolicyCondition(field="Fqdn", operator="NE", values=(f"*.{DOMAIN}",)),)


def mac_policy(name: str, order: int, *patterns: str, tftp: str) -> Policy:
    return Policy(
        name=name,
        processing_order=order,
        conditions=(PolicyCondition(field="MacAddress", operator="EQ", values=patterns),),
        option_values=(value(TFTP_OPTION, tftp),),
    )
