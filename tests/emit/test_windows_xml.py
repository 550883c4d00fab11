"""The files for Import-DhcpServer say what the target says, in the form of an export."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writers.export_xml_writer import write_export_xml
from writers.servers import leases_of
from writers.targets import targets

from migrate.emit.windows_xml import write_primary_xml, write_secondary_xml
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.leases import Lease, LeaseClientType, LeaseState, LeaseTable
from migrate.model.option import OptionDefinition, OptionType, OptionValue
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.relationship import FailoverRelationship
from migrate.model.scope import ExclusionRange, Reservation, Scope, ScopeState
from migrate.model.server import ClassKind, DhcpClass, Filters, MacFilter, Server, ServerSetting
from migrate.model.target import Strategy, Target
from migrate.model.timespan import UNLIMITED

SCOPE_ID = IPv4Address("10.1.0.0")
SCOPE = Scope(scope_id=SCOPE_ID, subnet_mask=IPv4Address("255.255.255.0"), range=AddressRange.parse("10.1.0.10", "10.1.0.99"))
LEASE = Lease(ip_address=IPv4Address("10.1.0.20"), scope_id=SCOPE_ID, client_id=ClientId.parse("00155d010203"))


def target_of(server: Server) -> Target:
    scope_ids = tuple(scope.scope_id for scope in server.scopes)
    return Target(
        as_of_s=0,
        strategy=Strategy.IN_PLACE,
        sources=(),
        relationships=(FailoverRelationship(name="a-b", primary_server="a", secondary_server="b", scope_ids=scope_ids),),
        server=server,
        leased={},
    )


def primary_text(server: Server, leases: LeaseTable | None = None) -> str:
    stream = io.BytesIO()
    write_primary_xml(target_of(server), LeaseTable.empty() if leases is None else leases, stream)
    return stream.getvalue().decode()


def secondary_text(server: Server) -> str:
    stream = io.BytesIO()
    write_secondary_xml(target_of(server), stream)
    return stream.getvalue().decode()


def scope_of(text: str) -> ElementTree.Element:
    found = ElementTree.fromstring(text).find("IPv4/Scopes/Scope")
    assert found is not None
    return found


def written_scope(**changes: Any) -> ElementTree.Element:
    return scope_of(primary_text(Server(name="a", scopes=(replace(SCOPE, **changes),))))


def content(element: ElementTree.Element) -> Any:
    """An element without regard to the order of its children, and to the difference of an empty element and none."""
    if not len(element):
        return element.text or ""
    children: dict[str, list[Any]] = {}
    for child in element:
        children.setdefault(child.tag, []).append(content(child))
    return {tag: values for tag, values in children.items() if values != [""]}


def without_nap(server: Server) -> Server:
    """What Windows 2016 and later can be told: NAP is gone."""
    if server.version is not None and server.version < (10, 0):
        return server
    return replace(
        server,
        settings=tuple(replace(each, value="false") if each.name == "NapEnabled" else each for each in server.settings),
        scopes=tuple(replace(scope, nap_enable=False, nap_profile=None) for scope in server.scopes),
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_file_says_what_an_export_of_the_merged_server_would_say(tmp_path: Path, data: st.DataObject) -> None:
    target = data.draw(targets())
    leases = data.draw(leases_of(target.server))
    leases = leases.take(np.lexsort((leases.address, leases.scope_id)))
    stream = io.BytesIO()
    write_primary_xml(target, leases, stream)
    write_export_xml(without_nap(target.server), leases, tmp_path / "export.xml")
    exported = ElementTree.fromstring((tmp_path / "export.xml").read_bytes())
    assert content(ElementTree.fromstring(stream.getvalue())) == content(exported)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(targets())
def test_the_secondary_gets_the_server_level_of_the_primary(target: Target) -> None:
    primary = ElementTree.fromstring(primary_text(target.server)).find("IPv4")
    secondary = ElementTree.fromstring(secondary_text(target.server)).find("IPv4")
    assert primary is not None and secondary is not None
    assert secondary.find("Scopes") is None
    for scopes in primary.findall("Scopes"):
        primary.remove(scopes)
    assert content(primary) == content(secondary)


WHOLE_SERVER = Server(
    name="dhcp01",
    version=(6, 3),
    settings=(
        ServerSetting(name="ActivatePolicies", value="true"),
        ServerSetting(name="AuditLog", value="on", carried=False),
        ServerSetting(name="ConflictDetectionAttempts", value="2"),
        ServerSetting(name="NapEnabled", value="true"),
        ServerSetting(name="NpsUnreachableAction", value="Restricted"),
    ),
    classes=(DhcpClass(name="Phones <R&D>", kind=ClassKind.VENDOR, data=b"MSFT 5.0", vendor_id=311),),
    option_definitions=(
        OptionDefinition(option_id=43, name="Vendor Info ", type=OptionType.BINARY, multi_valued=False),
        OptionDefinition(option_id=3, name="Router", type=OptionType.IPV4_ADDRESS, multi_valued=True, default_values=("0.0.0.0",)),
    ),
    option_values=(OptionValue(option_id=43, values=("0x01", "0xff"), vendor_class="Phones <R&D>"),),
    policies=(
        Policy(name="second", processing_order=2),
        Policy(
            name="first",
            processing_order=1,
            conditions=(
                PolicyCondition(field="VendorClass", operator="EQ", values=("Phones <R&D>", "EQ")),
                PolicyCondition(field="MacAddress", operator="NE", values=("00-0D-60*",)),
                PolicyCondition(field="MacAddress", operator="NE", values=("00-1E-68*",)),
                PolicyCondition(field="Fqdn", operator="ISL", values=("",)),
            ),
            dns_suffix="branch.example",
        ),
    ),
    filters=Filters(allow_enabled=True, entries=(MacFilter(list="Deny", mac_address="F8-8F-CA-24-*-*"),)),
    scopes=(
        Scope(
            scope_id=SCOPE_ID,
            subnet_mask=IPv4Address("255.255.255.0"),
            name="Büro",
            state=ScopeState.INACTIVE,
            lease_duration=timedelta(hours=12),
            superscope="",
            range=AddressRange.parse("10.1.0.10", "10.1.0.99"),
            exclusions=(ExclusionRange(range=AddressRange.parse("10.1.0.30", "10.1.0.30")),),
            reservations=(
                Reservation(ip_address=IPv4Address("10.1.0.15"), client_id=ClientId.parse("00155D010203"), name="printer"),
            ),
            policies=(Policy(name="p", processing_order=1, ip_ranges=(AddressRange.parse("10.1.0.40", "10.1.0.49"),)),),
        ),
    ),
)
WHOLE_TEXT = """\
<?xml version="1.0" encoding="utf-8"?>
<DHCPServer xmlns="http://schemas.microsoft.com/windows/DHCPServer">
  <MajorVersion xmlns="">6</MajorVersion>
  <MinorVersion xmlns="">3</MinorVersion>
  <IPv4 xmlns="">
    <ConflictDetectionAttempts>2</ConflictDetectionAttempts>
    <NapEnabled>true</NapEnabled>
    <NpsUnreachableAction>Restricted</NpsUnreachableAction>
    <ActivatePolicies>true</ActivatePolicies>
    <Classes>
      <Class>
        <Name>Phones &lt;R&amp;D&gt;</Name>
        <Type>Vendor</Type>
        <Data>0x4d53465420352e30</Data>
        <Description />
        <VendorId>311</VendorId>
      </Class>
    </Classes>
    <OptionDefinitions>
      <OptionDefinition>
        <Name>Vendor Info </Name>
        <OptionId>43</OptionId>
        <Type>BinaryData</Type>
        <MultiValued>false</MultiValued>
        <Description />
        <VendorClass />
      </OptionDefinition>
      <OptionDefinition>
        <Name>Router</Name>
        <OptionId>3</OptionId>
        <Type>IPv4Address</Type>
        <MultiValued>true</MultiValued>
        <DefaultValue>0.0.0.0</DefaultValue>
        <Description />
        <VendorClass />
      </OptionDefinition>
    </OptionDefinitions>
    <Policies>
      <Policy>
        <Name>first</Name>
        <ProcessingOrder>1</ProcessingOrder>
        <Enabled>true</Enabled>
        <Condition>OR</Condition>
        <Description />
        <VendorClass>EQ</VendorClass>
        <VendorClass>Phones &lt;R&amp;D&gt;</VendorClass>
        <VendorClass>EQ</VendorClass>
        <MacAddress>NE</MacAddress>
        <MacAddress>00-0D-60*</MacAddress>
        <MacAddress>NE</MacAddress>
        <MacAddress>00-1E-68*</MacAddress>
        <Fqdn>ISL</Fqdn>
        <Fqdn />
        <DnsSuffix>branch.example</DnsSuffix>
      </Policy>
      <Policy>
        <Name>second</Name>
        <ProcessingOrder>2</ProcessingOrder>
        <Enabled>true</Enabled>
        <Condition>OR</Condition>
        <Description />
      </Policy>
    </Policies>
    <OptionValues>
      <OptionValue>
        <OptionId>43</OptionId>
        <Value>0x01</Value>
        <Value>0xff</Value>
        <VendorClass>Phones &lt;R&amp;D&gt;</VendorClass>
        <UserClass />
      </OptionValue>
    </OptionValues>
    <Filters>
      <Allow>true</Allow>
      <Deny>false</Deny>
      <Filter>
        <List>Deny</List>
        <MacAddress>F8-8F-CA-24-*-*</MacAddress>
        <Description />
      </Filter>
    </Filters>
    <Scopes>
      <Scope>
        <ScopeId>10.1.0.0</ScopeId>
        <Name>Büro</Name>
        <SubnetMask>255.255.255.0</SubnetMask>
        <StartRange>10.1.0.10</StartRange>
        <EndRange>10.1.0.99</EndRange>
        <LeaseDuration>12:00:00</LeaseDuration>
        <State>InActive</State>
        <Type>Dhcp</Type>
        <MaxBootpClients>4294967295</MaxBootpClients>
        <NapEnable>false</NapEnable>
        <Delay>0</Delay>
        <Description />
        <SuperScopeName />
        <ExclusionRanges>
          <IPRange>
            <StartRange>10.1.0.30</StartRange>
            <EndRange>10.1.0.30</EndRange>
          </IPRange>
        </ExclusionRanges>
        <Policies>
          <Policy>
            <Name>p</Name>
            <ProcessingOrder>1</ProcessingOrder>
            <Enabled>true</Enabled>
            <Condition>OR</Condition>
            <Description />
            <IPRanges>
              <IPRange>
                <StartRange>10.1.0.40</StartRange>
                <EndRange>10.1.0.49</EndRange>
              </IPRange>
            </IPRanges>
          </Policy>
        </Policies>
        <Reservations>
          <Reservation>
            <Name>printer</Name>
            <IPAddress>10.1.0.15</IPAddress>
            <ClientId>00-15-5d-01-02-03</ClientId>
            <Type>Both</Type>
            <Description />
          </Reservation>
        </Reservations>
        <Leases>
          <Lease>
            <IPAddress>10.1.0.20</IPAddress>
            <ScopeId>10.1.0.0</ScopeId>
            <ClientId>00-15-5d-01-02-03</ClientId>
            <AddressState>Active</AddressState>
            <ClientType>Dhcp</ClientType>
            <NapCapable>false</NapCapable>
            <DnsRR>AandPTR</DnsRR>
            <DnsRegistration>Complete</DnsRegistration>
            <LeaseExpiryTime>2026-11-20 18:00:00Z</LeaseExpiryTime>
            <NapStatus>NoQuarantine</NapStatus>
            <HostName>pc&amp;1</HostName>
            <PolicyName>p</PolicyName>
            <Description>Büro</Description>
          </Lease>
          <Lease>
            <IPAddress>10.1.0.21</IPAddress>
            <ScopeId>10.1.0.0</ScopeId>
            <ClientId>07</ClientId>
            <AddressState>ActiveReservation</AddressState>
            <ClientType>UnSpecified</ClientType>
            <NapCapable>false</NapCapable>
          </Lease>
        </Leases>
      </Scope>
    </Scopes>
  </IPv4>
</DHCPServer>
"""


def test_a_whole_file_as_text() -> None:
    leases = LeaseTable.of_rows(
        [
            replace(
                LEASE,
                expiry_s=1_795_197_600,
                host_name="pc&1",
                description="Büro",
                policy_name="p",
                dns_rr="AandPTR",
                dns_registration="Complete",
                nap_status="NoQuarantine",
            ),
            replace(
                LEASE,
                ip_address=IPv4Address("10.1.0.21"),
                client_id=ClientId(b"\x07"),
                state=LeaseState.ACTIVE_RESERVATION,
                client_type=LeaseClientType.UNSPECIFIED,
            ),
        ]
    )
    assert primary_text(WHOLE_SERVER, leases) == "\ufeff" + WHOLE_TEXT.replace("\n", "\r\n")


def test_what_import_demands_but_no_source_said_is_the_default_of_windows() -> None:
    root = ElementTree.fromstring(primary_text(Server(name="a", scopes=(SCOPE,))))
    assert [root.findtext(path) for path in ("MajorVersion", "MinorVersion")] == ["10", "0"]
    server = {"ConflictDetectionAttempts": "0", "NapEnabled": "false", "NpsUnreachableAction": "Full", "ActivatePolicies": None}
    assert {name: root.findtext(f"IPv4/{name}") for name in server} == server
    scope = scope_of(primary_text(Server(name="a", scopes=(SCOPE,))))
    defaults = {
        "LeaseDuration": "8.00:00:00",
        "MaxBootpClients": "4294967295",
        "NapEnable": "false",
        "Delay": "0",
        "NapProfile": None,
        "ActivatePolicies": None,
        "SuperScopeName": None,
    }
    assert {name: scope.findtext(name) for name in defaults} == defaults


LEASE_TIMES = {
    "both agree": (timedelta(days=1), "86400", "1.00:00:00", ["86400"]),
    "the duration wins": (timedelta(days=1), "691200", "1.00:00:00", ["86400"]),
    "only option 51 (a netsh dump)": (None, "86400", "1.00:00:00", ["86400"]),
    "unlimited": (UNLIMITED, "1", "10675199.02:48:05.4775807", ["4294967295"]),
    "unlimited by option 51": (None, "4294967295", "10675199.02:48:05.4775807", ["4294967295"]),
    "option 51 is not invented": (timedelta(days=1), None, "1.00:00:00", []),
}


@pytest.mark.parametrize(("duration", "option", "expected", "expected_option"), LEASE_TIMES.values(), ids=LEASE_TIMES.keys())
def test_option_51_and_lease_duration_are_one(
    duration: timedelta | None, option: str | None, expected: str, expected_option: list[str]
) -> None:
    values = () if option is None else (OptionValue(option_id=51, values=(option,)),)
    scope = written_scope(lease_duration=duration, option_values=values)
    assert scope.findtext("LeaseDuration") == expected
    assert [element.text for element in scope.findall("OptionValues/OptionValue/Value")] == expected_option


def test_the_lease_time_of_a_user_class_is_left_alone() -> None:
    bootp = OptionValue(option_id=51, values=("2592000",), user_class="Default BOOTP Class")
    scope = written_scope(lease_duration=timedelta(days=1), option_values=(bootp,))
    assert [element.text for element in scope.findall("OptionValues/OptionValue/Value")] == ["2592000"]


@pytest.mark.parametrize(("version", "has_nap"), [((6, 2), True), ((6, 3), True), ((10, 0), False), (None, False)])
def test_nap_is_written_only_for_windows_that_has_it(version: tuple[int, int] | None, has_nap: bool) -> None:
    server = Server(
        name="a",
        version=version,
        settings=(ServerSetting(name="NapEnabled", value="true"),),
        scopes=(replace(SCOPE, nap_enable=True, nap_profile="Guests"),),
    )
    text = primary_text(server)
    assert ElementTree.fromstring(text).findtext("IPv4/NapEnabled") == str(has_nap).lower()
    assert scope_of(text).findtext("NapEnable") == str(has_nap).lower()
    assert scope_of(text).findtext("NapProfile") == ("Guests" if has_nap else None)


def test_gaps_stay_out_of_the_pool() -> None:
    scope = written_scope(
        gaps=(AddressRange.parse("10.1.0.20", "10.1.0.29"),),
        exclusions=(ExclusionRange(range=AddressRange.parse("10.1.0.50", "10.1.0.59")),),
    )
    assert [element.text for element in scope.findall("ExclusionRanges/IPRange/StartRange")] == ["10.1.0.20", "10.1.0.50"]


HOSTILE = {
    "markup": ("</Name><Type>x</Type>&amp;<![CDATA[", "</Name><Type>x</Type>&amp;<![CDATA["),
    "the end of CDATA": ("]]>", "]]>"),
    "quotes": ("\"'’", "\"'’"),
    "line ends and tabs": ("one\r\ntwo\rthree\nfour\t", "one\r\ntwo\rthree\nfour\t"),
    "blanks at either end": ("  x ", "  x "),
    "control characters": ("a\x00b\x1b[31m\x7f", "a\ufffdb\ufffd[31m\x7f"),
    "non-characters": ("\ufffe\uffff", "\ufffd\ufffd"),
    "half a surrogate pair": ("\ud800", "\ufffd"),
    "beyond the basic plane": ("🖨", "🖨"),
}


@pytest.mark.parametrize(("value", "expected"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_names_arrive_as_text(value: str, expected: str) -> None:
    assert written_scope(name=value, description=value).findtext("Name") == expected


@pytest.mark.parametrize(("value", "expected"), [pair for key, pair in HOSTILE.items() if "surrogate" not in key])
def test_hostile_lease_texts_arrive_as_text(value: str, expected: str) -> None:
    rows = [replace(LEASE, ip_address=LEASE.ip_address + n, host_name=name) for n, name in enumerate(["plain", value])]
    leases = LeaseTable.of_rows(replace(row, description=row.host_name, policy_name=row.host_name) for row in rows)
    scope = scope_of(primary_text(Server(name="a", scopes=(SCOPE,)), leases))
    for name in ("HostName", "Description", "PolicyName"):
        assert [element.text for element in scope.findall(f"Leases/Lease/{name}")] == ["plain", expected]


def test_leases_stand_in_their_scopes_however_many() -> None:
    """More than are written at a time, a scope without leases in between, and addresses above 2^31."""
    scope_ids = [IPv4Address(text) for text in ("10.0.0.0", "10.1.0.0", "10.2.0.0", "200.0.0.0")]
    counts = dict(zip(scope_ids, (3, 0, 20_000, 1), strict=True))
    mask = IPv4Address("255.255.0.0")
    scopes = tuple(Scope(scope_id=scope_id, subnet_mask=mask) for scope_id in scope_ids)
    rows = [
        replace(LEASE, scope_id=scope_id, ip_address=scope_id + number)
        for scope_id, count in counts.items()
        for number in range(count)
    ]
    text = primary_text(Server(name="a", scopes=scopes), LeaseTable.of_rows(rows))
    written = ElementTree.fromstring(text).findall("IPv4/Scopes/Scope")
    assert {scope.findtext("ScopeId"): len(scope.findall("Leases/Lease")) for scope in written} == {
        str(scope_id): count for scope_id, count in counts.items()
    }
    for scope in written:
        addresses = [element.text for element in scope.findall("Leases/Lease/IPAddress")]
        start = IPv4Address(scope.findtext("ScopeId") or "")
        assert addresses == [str(start + number) for number in range(len(addresses))]


STRAYS = {
    "a scope that is not in the target": [replace(LEASE, scope_id=IPv4Address("10.9.0.0"))],
    "unsorted": [LEASE, replace(LEASE, scope_id=IPv4Address("10.0.0.0")), LEASE],
}


@pytest.mark.parametrize("rows", STRAYS.values(), ids=STRAYS.keys())
def test_no_lease_is_left_out_in_silence(rows: list[Lease]) -> None:
    stream = io.BytesIO()
    with pytest.raises(ValueError, match="leases are unsorted, or belong to no scope"):
        write_primary_xml(target_of(Server(name="a", scopes=(SCOPE,))), LeaseTable.of_rows(rows), stream)
    assert not stream.closed


def test_the_stream_stays_open_and_every_line_ends_with_cr_lf() -> None:
    stream = io.BytesIO()
    write_secondary_xml(target_of(WHOLE_SERVER), stream)
    octets = stream.getvalue()
    assert octets.startswith(b"\xef\xbb\xbf<?xml")
    assert octets.endswith(b"</DHCPServer>\r\n")
    assert not re.search(rb"[^\r]\n", octets)
