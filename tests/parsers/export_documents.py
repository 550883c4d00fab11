"""Small Export-DhcpServer documents for tests, and an account of an export that owes nothing to the parser."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, is_dataclass
from pathlib import Path

from lxml import etree

from migrate.model.origin import Origin
from migrate.model.server import ObjectKind
from parsers.export_xml import parse_export_xml
from parsers.result import ParseResult, ReadOptions

NAME_SPACE = "http://schemas.microsoft.com/windows/DHCPServer"


def export(ipv4: str, tail: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<DHCPServer xmlns="{NAME_SPACE}">\n'
        f'<MajorVersion xmlns="">6</MajorVersion>\n<MinorVersion xmlns="">3</MinorVersion>\n'
        f'<IPv4 xmlns="">\n{ipv4}\n</IPv4>\n{tail}</DHCPServer>\n'
    )


def scope(contents: str = "", scope_id: str = "10.1.0.0", mask: str = "255.255.255.0", **changed: str) -> str:
    values = {
        "ScopeId": scope_id,
        "Name": "Office",
        "SubnetMask": mask,
        "StartRange": "10.1.0.10",
        "EndRange": "10.1.0.250",
        "LeaseDuration": "8.00:00:00",
        "State": "Active",
        "Type": "Dhcp",
    } | changed
    return "<Scope>\n" + "\n".join(f"<{name}>{text}</{name}>" for name, text in values.items()) + f"\n{contents}\n</Scope>"


def scopes(*each: str) -> str:
    return export("<Scopes>\n" + "\n".join(each) + "\n</Scopes>")


def lease(address: str = "10.1.0.20", **changed: str | None) -> str:
    values: dict[str, str | None] = {
        "IPAddress": address,
        "ScopeId": "10.1.0.0",
        "ClientId": "00-15-5d-01-02-03",
        "HostName": "pc-20",
        "AddressState": "Active",
        "ClientType": "Dhcp",
        "LeaseExpiryTime": "2026-11-20 18:00:00Z",
        "NapCapable": "false",
    }
    values |= changed
    inner = "\n".join(f"  <{name}>{text}</{name}>" for name, text in values.items() if text is not None)
    return f"<Lease>\n{inner}\n</Lease>"


def leases(*each: str) -> str:
    return "<Leases>\n" + "\n".join(each) + "\n</Leases>"


def parse(folder: Path, document: str | bytes, options: ReadOptions | None = None) -> ParseResult:
    path = folder / "dhcp.xml"
    path.write_bytes(document if isinstance(document, bytes) else document.encode())
    return parse_export_xml(path, options or ReadOptions(), name="dhcp")


def rules(result: ParseResult) -> list[str]:
    return [finding.rule for finding in result.findings]


def places(result: ParseResult, rule: str) -> list[int]:
    """Lines of all findings of one rule."""
    return [place.line for finding in result.findings if finding.rule == rule for place in finding.places]


def lines_of(record: object) -> list[tuple[str, int]]:
    """Every origin inside a record, in order: equality of records leaves them out."""
    if isinstance(record, Origin):
        return [(record.path, record.line)]
    if isinstance(record, tuple | list):
        return [line for each in record for line in lines_of(each)]
    if is_dataclass(record) and not isinstance(record, type):
        return [line for field in fields(record) for line in lines_of(getattr(record, field.name))]
    return []


def everything(result: ParseResult) -> tuple[object, ...]:
    """A ParseResult in a form that compares as a whole, lines and leases included."""
    return (
        result.server,
        lines_of(result.server),
        list(result.leases.rows()),
        result.has_leases,
        dict(result.objects_read),
        result.not_carried,
        lines_of(result.not_carried),
        result.findings,
    )


_COUNTED = {
    ObjectKind.CLASS: "IPv4/Classes/Class",
    ObjectKind.OPTION_DEFINITION: "IPv4/OptionDefinitions/OptionDefinition",
    ObjectKind.OPTION_VALUE: "IPv4//OptionValues/OptionValue",
    ObjectKind.POLICY: "IPv4//Policies/Policy",
    ObjectKind.FILTER: "IPv4/Filters/Filter",
    ObjectKind.SCOPE: "IPv4/Scopes/Scope",
    ObjectKind.EXCLUSION_RANGE: "IPv4/Scopes/Scope/ExclusionRanges/IPRange",
    ObjectKind.RESERVATION: "IPv4/Scopes/Scope/Reservations/Reservation",
    ObjectKind.LEASE: "IPv4/Scopes/Scope/Leases/Lease",
}
_SETTINGS = ("ConflictDetectionAttempts", "NapEnabled", "NpsUnreachableAction", "ActivatePolicies")


def counted_in(document: str) -> Counter[ObjectKind]:
    """Objects of a plain document, counted by lxml's own tree."""
    root = etree.fromstring(document.encode())
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    counts = Counter({kind: len(root.findall(path)) for kind, path in _COUNTED.items()})
    counts[ObjectKind.SERVER_SETTING] = sum(
        bool((element.text or "").strip()) for name in _SETTINGS for element in root.findall(f"IPv4/{name}")
    )
    counts[ObjectKind.SUPERSCOPE] = len(
        {element.text for element in root.findall("IPv4/Scopes/Scope/SuperScopeName") if element.text}
    )
    return +counts


def kept_in(result: ParseResult) -> Counter[ObjectKind]:
    """Objects that stand in the model."""
    server = result.server
    holders = [*(server.policies or ()), *server.scopes]
    for each in server.scopes:
        holders += [*(each.policies or ()), *each.reservations]
    counts = Counter(
        {
            ObjectKind.SERVER_SETTING: len(server.settings),
            ObjectKind.CLASS: len(server.classes),
            ObjectKind.OPTION_DEFINITION: len(server.option_definitions),
            ObjectKind.OPTION_VALUE: len(server.option_values) + sum(len(each.option_values) for each in holders),
            ObjectKind.POLICY: len(server.policies or ()) + sum(len(each.policies or ()) for each in server.scopes),
            ObjectKind.FILTER: len(server.filters.entries) if server.filters else 0,
            ObjectKind.SUPERSCOPE: len({each.superscope for each in server.scopes if each.superscope}),
            ObjectKind.SCOPE: len(server.scopes),
            ObjectKind.EXCLUSION_RANGE: sum(len(each.exclusions) for each in server.scopes),
            ObjectKind.RESERVATION: sum(len(each.reservations) for each in server.scopes),
            ObjectKind.LEASE: len(result.leases),
        }
    )
    return +counts


def assert_conserved(result: ParseResult) -> None:
    """Read = kept + not carried, kind by kind."""
    listed = Counter(each.kind for each in result.not_carried)
    assert Counter(result.objects_read) == kept_in(result) + listed
