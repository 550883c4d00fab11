"""What an export says, element by element (formats.md section 1)."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from export_documents import NAME_SPACE, assert_conserved, counted_in, export, parse, rules, scope, scopes

from migrate.model.addresses import AddressRange
from migrate.model.option import OptionType
from migrate.model.policy import PolicyCondition
from migrate.model.scope import ClientKind, ScopeState
from migrate.model.server import ClassKind, ObjectKind
from migrate.model.timespan import UNLIMITED

WHOLE = export(
    """
<ConflictDetectionAttempts>2</ConflictDetectionAttempts><NapEnabled>FALSE</NapEnabled>
<NpsUnreachableAction>Full</NpsUnreachableAction><ActivatePolicies>1</ActivatePolicies>
<Classes>
  <Class><Name>Phones</Name><Type>Vendor</Type><Data>0x70686F6E65</Data><Description>desk</Description></Class>
  <Class><Name>Boot </Name><Type>user</Type><Data>PXE</Data><Description /></Class>
</Classes>
<OptionDefinitions>
  <OptionDefinition><Name>Call server</Name><OptionId>150</OptionId><Type>IPv4Address</Type><MultiValued>true</MultiValued>
    <DefaultValue>0.0.0.0</DefaultValue><Description /><VendorClass /></OptionDefinition>
  <OptionDefinition><Name>Disable Netbios </Name><OptionId>1</OptionId><Type>DWord</Type><MultiValued>false</MultiValued>
    <VendorClass>Phones</VendorClass></OptionDefinition>
</OptionDefinitions>
<Policies>
  <Policy><Name>Lab</Name><ProcessingOrder>1</ProcessingOrder><Enabled>true</Enabled><Condition>or</Condition>
    <VendorClass>EQ</VendorClass><VendorClass>Phones</VendorClass></Policy>
</Policies>
<OptionValues>
  <OptionValue><OptionId>6</OptionId><Value>10.0.0.2</Value><Value>10.0.0.1</Value><VendorClass /><UserClass /></OptionValue>
  <OptionValue><OptionId>1</OptionId><Value>0x2</Value><VendorClass>phones</VendorClass><UserClass>Boot </UserClass></OptionValue>
  <OptionValue><OptionId>43</OptionId><Value>0x0A</Value><Value>0xFf</Value></OptionValue>
</OptionValues>
<Filters><Allow>true</Allow><Deny>false</Deny>
  <Filter><List>deny</List><MacAddress>f8-8f-ca-24-*-*</MacAddress><Description /></Filter>
  <Filter><List>Allow</List><MacAddress>AABBCCDDEEFF</MacAddress><Description>x</Description></Filter>
</Filters>
<Scopes>
  <Scope>
    <Leases />
    <OptionValues><OptionValue><Value>0x0000000000d7</Value><OptionId>81</OptionId></OptionValue></OptionValues>
    <Reservations>
      <Reservation><Name>printer </Name><IPAddress>10.1.0.9</IPAddress><ClientId>00-01-E6-4C-BC-BC</ClientId><Type>BOTH</Type>
        <OptionValues><OptionValue><OptionId>15</OptionId><Value>lab.example</Value></OptionValue></OptionValues></Reservation>
      <Reservation><IPAddress>10.1.0.8</IPAddress><ClientId>00-00-00-00-20-72-43</ClientId></Reservation>
    </Reservations>
    <ExclusionRanges>
      <IPRange><EndRange>10.1.0.99</EndRange><StartRange>10.1.0.50</StartRange></IPRange>
      <IPRange><StartRange>10.1.0.10</StartRange><EndRange>10.1.0.19</EndRange></IPRange>
    </ExclusionRanges>
    <Policies>
      <Policy><Name>B</Name><ProcessingOrder>2</ProcessingOrder><Enabled>0</Enabled><Condition>AND</Condition>
        <MacAddress>NE</MacAddress><MacAddress>00-0D-*</MacAddress><Fqdn>ISL</Fqdn><Fqdn /><MacAddress>EQ</MacAddress>
        <MacAddress>00-1E-*</MacAddress><DnsSuffix>lab.example</DnsSuffix>
        <OptionValues><OptionValue><OptionId>51</OptionId><Value>600</Value></OptionValue></OptionValues>
        <IPRanges><IPRange><StartRange>10.1.0.110</StartRange><EndRange>10.1.0.120</EndRange></IPRange></IPRanges></Policy>
      <Policy><Name>A</Name><ProcessingOrder>1</ProcessingOrder><Enabled>true</Enabled><Condition>OR</Condition></Policy>
    </Policies>
    <SuperScopeName>Campus</SuperScopeName><ActivatePolicies>true</ActivatePolicies><Description /><NapProfile />
    <Delay>1000</Delay><NapEnable>false</NapEnable><MaxBootpClients>4294967295</MaxBootpClients><Type>BootP</Type>
    <State>Inactive</State><LeaseDuration>08:30:00</LeaseDuration><EndRange>10.1.0.250</EndRange>
    <StartRange>10.1.0.10</StartRange><SubnetMask>255.255.255.0</SubnetMask><Name>Lab &amp; &#x201C;Büro&#x201D; </Name>
    <ScopeId>10.1.0.0</ScopeId>
  </Scope>
</Scopes>""",
    tail="""<IPv6 xmlns=""><Classes><Class><Name>Microsoft Options</Name></Class></Classes>
<OptionDefinitions><OptionDefinition><Name>SIP</Name><OptionId>21</OptionId></OptionDefinition></OptionDefinitions>
<StatelessStore><Enabled>false</Enabled><PurgeInterval>720.00:00:00</PurgeInterval></StatelessStore>
<Scopes><Scope><Prefix>2001:db8::</Prefix><T1>1</T1><Reservations><Reservation><IPAddress>2001:db8::1</IPAddress></Reservation>
</Reservations><Leases><Lease><IPAddress>2001:db8::7</IPAddress></Lease></Leases></Scope></Scopes></IPv6>""",
)


@pytest.fixture
def whole(tmp_path: Path):
    return parse(tmp_path, WHOLE)


def test_nothing_is_remarked_or_refused_in_a_sound_export(whole):
    assert whole.findings == ()
    assert {each.kind for each in whole.not_carried} == {ObjectKind.IPV6}
    assert whole.has_leases


def test_server_level(whole):
    server = whole.server
    assert (server.name, server.version) == ("dhcp", (6, 3))
    assert [(each.name, each.value) for each in server.settings] == [
        ("ActivatePolicies", "true"),
        ("ConflictDetectionAttempts", "2"),
        ("NapEnabled", "false"),
        ("NpsUnreachableAction", "Full"),
    ]
    assert [(each.name, each.kind, each.data) for each in server.classes] == [
        ("Boot ", ClassKind.USER, b"PXE"),
        ("Phones", ClassKind.VENDOR, b"phone"),
    ]
    assert [(each.option_id, each.name, each.type, each.multi_valued) for each in server.option_definitions] == [
        (1, "Disable Netbios ", OptionType.DWORD, False),
        (150, "Call server", OptionType.IPV4_ADDRESS, True),
    ]
    assert server.filters.allow_enabled and not server.filters.deny_enabled
    assert [(each.list, each.mac_address) for each in server.filters.entries] == [
        ("Allow", "AA-BB-CC-DD-EE-FF"),
        ("Deny", "F8-8F-CA-24-*-*"),
    ]


def test_option_values_take_the_normal_form_of_their_definition(whole):
    assert [(each.option_id, each.vendor_class, each.user_class, each.values) for each in whole.server.option_values] == [
        (1, "phones", "Boot ", ("2",)),
        (6, "", "", ("10.0.0.2", "10.0.0.1")),
        (43, "", "", ("0x0a", "0xff")),
    ]
    assert whole.server.scopes[0].option_values[0].values == ("215",)


def test_scope_is_read_whatever_the_order_of_its_children(whole):
    (lab,) = whole.server.scopes
    assert (lab.scope_id, lab.subnet_mask) == (IPv4Address("10.1.0.0"), IPv4Address("255.255.255.0"))
    assert lab.name == "Lab & “Büro” "
    assert (lab.state, lab.type, lab.superscope) == (ScopeState.INACTIVE, ClientKind.BOOTP, "Campus")
    assert lab.lease_duration == timedelta(hours=8, minutes=30)
    assert (lab.delay_ms, lab.max_bootp_clients, lab.nap_enable, lab.nap_profile) == (1000, 4294967295, False, None)
    assert lab.activate_policies is True
    assert lab.range == AddressRange.parse("10.1.0.10", "10.1.0.250")
    assert [str(each.range) for each in lab.exclusions] == ["10.1.0.10 - 10.1.0.19", "10.1.0.50 - 10.1.0.99"]
    assert [(str(each.ip_address), each.name, each.type) for each in lab.reservations] == [
        ("10.1.0.8", "", ClientKind.BOTH),
        ("10.1.0.9", "printer ", ClientKind.BOTH),
    ]
    assert lab.reservations[1].option_values[0].values == ("lab.example",)


def test_policies_are_in_processing_order_with_conditions_by_field(whole):
    first, second = whole.server.scopes[0].policies
    assert (first.name, second.name, second.enabled, second.condition) == ("A", "B", False, "AND")
    assert second.conditions == (
        PolicyCondition(field="MacAddress", operator="NE", values=("00-0D-*",)),
        PolicyCondition(field="MacAddress", operator="EQ", values=("00-1E-*",)),
        PolicyCondition(field="Fqdn", operator="ISL", values=("",)),
    )
    assert (second.dns_suffix, second.ip_ranges) == ("lab.example", (AddressRange.parse("10.1.0.110", "10.1.0.120"),))


def test_every_object_is_counted_once(whole):
    counted = counted_in(WHOLE)
    counted[ObjectKind.IPV6] = 6
    assert whole.objects_read == dict(counted)
    assert_conserved(whole)


def test_ipv6_objects_are_listed_with_a_telling_key(whole):
    assert [each.key for each in whole.not_carried] == [
        "Class Microsoft Options",
        "OptionDefinition 21 SIP",
        "StatelessStore false",
        "Reservation 2001:db8::1",
        "Lease 2001:db8::7",
        "Scope 2001:db8::",
    ]
    assert all(each.unsupported for each in whole.not_carried)


def test_origins_give_the_line(whole):
    lines = WHOLE.split("\n")
    (lab,) = whole.server.scopes
    assert "<Scope>" in lines[lab.origin.line - 1]
    assert "printer" in lines[lab.reservations[1].origin.line - 1]
    assert "<Name>Lab</Name>" in lines[whole.server.policies[0].origin.line - 1]


@pytest.mark.parametrize(
    "root",
    [
        '<DHCPServer xmlns="http://schemas.microsoft.com/dhcp/2011/08">',
        "<DHCPServer>",
        f'<d:DHCPServer xmlns:d="{NAME_SPACE}">',
    ],
    ids=["other name space on all", "none", "prefix"],
)
def test_name_spaces_do_not_matter(tmp_path, whole, root):
    document = WHOLE.replace(f'<DHCPServer xmlns="{NAME_SPACE}">', root).replace(' xmlns=""', "")
    if root.startswith("<d:"):
        document = document.replace("</DHCPServer>", "</d:DHCPServer>")
    assert parse(tmp_path, document).server == whole.server


@pytest.mark.parametrize("text", ["10675199.02:48:05.4775807", "10675199", "20000000.00:00:00"])
def test_unlimited_lease_duration(tmp_path, text):
    assert parse(tmp_path, scopes(scope(LeaseDuration=text))).server.scopes[0].lease_duration == UNLIMITED


def test_missing_groups_mean_that_there_is_nothing(tmp_path):
    result = parse(tmp_path, export(""))
    assert result.server.policies == () and result.server.scopes == () and result.server.filters.entries == ()
    assert not result.has_leases and len(result.leases) == 0 and result.objects_read == {}


def condition_elements(*texts: str) -> str:
    return "".join(f"<UserClass>{text}</UserClass>" for text in texts)


def policy(conditions: str) -> str:
    return scope(
        "<Policies><Policy><Name>p</Name><ProcessingOrder>1</ProcessingOrder><Condition>OR</Condition>"
        f"{conditions}<OptionValues><OptionValue><OptionId>3</OptionId><Value>10.1.0.1</Value></OptionValue></OptionValues>"
        "</Policy></Policies>"
    )


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("EQ", "a", "b"), [("EQ", "a", "b")]),
        (("EQ", "a", "ne", "b"), [("EQ", "a"), ("NE", "b")]),
        (("EQ", "EQ"), [("EQ", "EQ")]),
        (("EQ", "NE", "a"), [("EQ", "NE", "a")]),
        (("EQ", "a", "NE"), [("EQ", "a", "NE")]),
        (("EQ", "a", "EQ", "NE", "b"), [("EQ", "a"), ("EQ", "NE", "b")]),
        (("INSL", "EQ", "a"), [("INSL",), ("EQ", "a")]),
    ],
    ids=["or-ed values", "two operators", "class EQ", "class NE first", "class NE last", "class NE after second", "no value"],
)
def test_operators_and_values_are_siblings(tmp_path, texts, expected):
    (found,) = parse(tmp_path, scopes(policy(condition_elements(*texts)))).server.scopes[0].policies
    assert [(each.operator, *each.values) for each in found.conditions] == expected


@pytest.mark.parametrize("texts", [("a",), ("a", "EQ"), ("EQ",)])
def test_policy_with_unreadable_conditions_is_refused_with_its_options(tmp_path, texts):
    result = parse(tmp_path, scopes(policy(condition_elements(*texts))))
    assert result.server.scopes[0].policies == ()
    assert [(each.kind, each.scope_id) for each in result.not_carried] == [
        (ObjectKind.POLICY, IPv4Address("10.1.0.0")),
        (ObjectKind.OPTION_VALUE, IPv4Address("10.1.0.0")),
    ]
    assert rules(result) == ["unreadable-value"]
    assert_conserved(result)


def test_definitions_hold_for_values_that_come_before_them(tmp_path):
    value = "<OptionValues><OptionValue><OptionId>200</OptionId><Value>0x0A</Value></OptionValue></OptionValues>"
    definition = (
        "<OptionDefinitions><OptionDefinition><Name>n</Name><OptionId>200</OptionId><Type>Word</Type></OptionDefinition>"
        "</OptionDefinitions>"
    )
    before = parse(tmp_path, export(value + definition))
    after = parse(tmp_path, export(definition + value))
    assert before.server == after.server
    assert before.server.option_values[0].values == ("10",)


@pytest.mark.parametrize(
    ("option", "rule"),
    [
        ("<OptionId>3</OptionId><Value>router</Value>", "unreadable-value"),
        ("<OptionId>200</OptionId><Value>x</Value>", "option-without-definition"),
        ("<OptionId>3</OptionId><Value>1</Value><VendorClass>Phones</VendorClass>", "option-without-definition"),
    ],
)
def test_value_that_cannot_be_normal_is_kept_as_written(tmp_path, option, rule):
    result = parse(tmp_path, export(f"<OptionValues><OptionValue>{option}</OptionValue></OptionValues>"))
    assert rules(result) == [rule]
    assert len(result.server.option_values) == 1
    assert f"<Value>{result.server.option_values[0].values[0]}</Value>" in option
