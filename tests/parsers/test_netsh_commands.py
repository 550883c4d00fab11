"""Commands of a dump, one by one: what each puts into the model, and what is said about those that cannot be read."""

from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from migrate.errors import InputError
from migrate.model.addresses import AddressRange, AddressSet
from migrate.model.client_id import ClientId
from migrate.model.finding import Severity
from migrate.model.option import OptionType
from migrate.model.scope import ClientKind, Scope, ScopeState
from migrate.model.server import ClassKind, Filters, MacFilter, ObjectKind, ServerSetting
from migrate.model.timespan import UNLIMITED
from parsers.netsh import parse_netsh_dump
from parsers.result import ParseResult, ReadOptions

SCOPE = 'add scope 10.0.0.0 255.255.255.0 "Office" "First floor"'


class Reader:
    """Reads commands, each on a line of its own, or a whole text."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "dump.txt"

    def __call__(self, *commands: str, token: str = "\\\\dhcp01 ") -> ParseResult:
        return self.text("".join(f"Dhcp Server {token}{command}\r\n" for command in commands))

    def text(self, text: str | bytes, encoding: str | None = None) -> ParseResult:
        self.file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return parse_netsh_dump(self.file, ReadOptions(encoding=encoding))


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def rules(result: ParseResult) -> list[str]:
    return [finding.rule for finding in result.findings if finding.rule != "lossy-dump"]


def only_scope(result: ParseResult) -> Scope:
    (scope,) = result.server.scopes
    return scope


# --- the server's name ---


@pytest.mark.parametrize(
    ("token", "name"),
    [
        ("\\\\winboot ", "winboot"),
        ("192.0.2.54 ", "192.0.2.54"),
        ("\\\\DHCP.test.example ", "DHCP.test.example"),
        ("\\\\192.0.2.1 ", "192.0.2.1"),
        ("scope ", "scope"),
        ("v4host ", "v4host"),
        ("", "dump"),
    ],
)
def test_server_token(read: Reader, token: str, name: str) -> None:
    result = read(SCOPE, "v4 set filter EnforceAllowList=1 EnforceDenyList=0", token=token)
    assert result.server.name == name
    assert [scope.name for scope in result.server.scopes] == ["Office"]
    assert rules(result) == []


def test_name_given_by_the_caller_goes_first(tmp_path: Path) -> None:
    (tmp_path / "d").write_text(f"Dhcp Server x {SCOPE}")
    assert parse_netsh_dump(tmp_path / "d", ReadOptions(), name="primary").server.name == "primary"


def test_dumps_of_two_servers_in_one_file_are_reported(read: Reader) -> None:
    result = read.text(f"Dhcp Server \\\\a {SCOPE}\n\nDhcp Server \\\\b Scope 10.0.0.0 set state 1\n")
    assert rules(result) == ["several-servers"]


def test_a_name_with_and_without_domain_is_one_server(read: Reader) -> None:
    result = read.text(f"Dhcp Server \\\\a {SCOPE}\nDhcp Server A.example Scope 10.0.0.0 set state 1\n")
    assert rules(result) == []


# --- server level ---


def test_classes(read: Reader) -> None:
    result = read(
        'Add Class "Default BOOTP Class" "User class" 424f4f5450 0 b',
        'Add Class "Phones" "" 70686f6e65 1 b',
        'Add Class "No comment" 41 1 b',
        'Add Class "Text" "" abc 0 a',
    )
    assert [(c.name, c.kind, c.data, c.description) for c in result.server.classes] == [
        ("Default BOOTP Class", ClassKind.USER, b"BOOTP", "User class"),
        ("Text", ClassKind.USER, b"abc", ""),
        ("No comment", ClassKind.VENDOR, b"A", ""),
        ("Phones", ClassKind.VENDOR, b"phone", ""),
    ]


def test_class_data_of_odd_length_is_left_out_and_reported(read: Reader) -> None:
    result = read('Add Class "AP" "Access points" 4d5 1 b')
    (known,) = result.server.classes
    assert (known.name, known.description, known.data) == ("AP", "Access points", b"")
    assert rules(result) == ["unreadable-value"]
    assert "'4d5'" in result.findings[0].message


def test_option_definitions(read: Reader) -> None:
    result = read(
        'Add Optiondef 3 "Router" IPADDRESS 1 comment="Routers, by preference" 0.0.0.0',
        'Add Optiondef 43 "Vendor Info" BINARY 0 comment="Embedded" ',
        'Add Optiondef 60 "PXEClient" STRING 0 comment="" "PXEClient"',
        'Add Optiondef 1 "Disable Netbios " DWORD 0 vendor="Microsoft Options" comment="On or off" 1',
        'Add Optiondef 12 "Host Name" STRING 0 comment="x" ""',
    )
    assert [
        (d.option_id, d.name, d.type, d.multi_valued, d.vendor_class, d.default_values, d.description)
        for d in result.server.option_definitions
    ] == [
        (1, "Disable Netbios ", OptionType.DWORD, False, "Microsoft Options", ("1",), "On or off"),
        (3, "Router", OptionType.IPV4_ADDRESS, True, "", ("0.0.0.0",), "Routers, by preference"),
        (12, "Host Name", OptionType.STRING, False, "", ("",), "x"),
        (43, "Vendor Info", OptionType.BINARY, False, "", (), "Embedded"),
        (60, "PXEClient", OptionType.STRING, False, "", ("PXEClient",), ""),
    ]


@pytest.mark.parametrize(
    ("command", "values"),
    [
        pytest.param('6 IPADDRESS "10.1.1.1" "10.1.1.2" ', ("10.1.1.1", "10.1.1.2"), id="addresses in order"),
        pytest.param('15 STRING "foo.bar " ', ("foo.bar ",), id="text untouched"),
        pytest.param('46 BYTE "8" ', ("8",), id="byte"),
        pytest.param('119 BYTE "0" "9" "255" ', ("0", "9", "255"), id="list of bytes in decimal"),
        pytest.param('43 BINARY "0104c0a80001" ', ("0x01", "0x04", "0xc0", "0xa8", "0x00", "0x01"), id="one run of hex"),
        pytest.param('43 BINARY "0x0104" ', ("0x01", "0x04"), id="one run with prefix"),
        pytest.param('43 BINARY "01" "0x4" "FF" ', ("0x01", "0x04", "0xff"), id="an octet a token"),
        pytest.param('200 DWORDDWORD "18446744073709551615" ', ("18446744073709551615",), id="64 bits"),
    ],
)
def test_option_values(read: Reader, command: str, values: tuple[str, ...]) -> None:
    result = read(f"set optionvalue {command}")
    assert [value.values for value in result.server.option_values] == [values]
    assert rules(result) == []


@pytest.mark.parametrize("order", ['vendor="V" user="U"', 'user="U" vendor="V"'])
def test_option_value_of_classes(read: Reader, order: str) -> None:
    (value,) = read(f'set optionvalue 241 IPADDRESS {order} "10.1.1.1" ').server.option_values
    assert (value.vendor_class, value.user_class, value.values) == ("V", "U", ("10.1.1.1",))


def test_option_value_of_an_unknown_type_is_kept_as_it_is(read: Reader) -> None:
    result = read('set optionvalue 200 TRISTATE "maybe"')
    assert [value.values for value in result.server.option_values] == [("maybe",)]
    assert rules(result) == ["unreadable-value"]


def test_settings(read: Reader) -> None:
    result = read(
        "Set DetectConflictRetry 2",
        'Set AuditLog path = "C:\\dhcp" maxsize = 70 mode = ENABLE',
        'Set Bindings interface = "LAN 1" mode = ENABLE',
        'Set Bindings interface = "LAN 2" mode = DISABLE',
        "Set DatabaseBackupInterval 60",
        'Set DatabaseName "dhcp.mdb"',
        "set dnscredentials user domain secret",
    )
    assert result.server.settings == (
        ServerSetting(name="AuditLog", value="path=C:\\dhcp maxsize=70 mode=ENABLE", carried=False),
        ServerSetting(name="Bindings LAN 1", value="mode=ENABLE", carried=False),
        ServerSetting(name="Bindings LAN 2", value="mode=DISABLE", carried=False),
        ServerSetting(name="ConflictDetectionAttempts", value="2"),
        ServerSetting(name="DatabaseBackupInterval", value="60", carried=False),
        ServerSetting(name="DatabaseName", value="dhcp.mdb", carried=False),
        ServerSetting(name="DnsCredentials", value="(not shown)", carried=False),
    )
    assert "secret" not in str(result)


def test_filters(read: Reader) -> None:
    result = read(
        'v4 add filter allow 001122334455 "Printer"',
        "v4 add filter Deny F8-8F-CA-24-*-*",
        "v4 set filter EnforceAllowList = 0 EnforceDenyList=1",
    )
    assert result.server.filters == Filters(
        deny_enabled=True,
        entries=(
            MacFilter(list="Allow", mac_address="00-11-22-33-44-55", description="Printer"),
            MacFilter(list="Deny", mac_address="F8-8F-CA-24-*-*"),
        ),
    )


def test_what_a_dump_cannot_say_is_none(read: Reader) -> None:
    server = read(SCOPE).server
    assert (server.version, server.policies, server.filters) == (None, None, None)
    scope = server.scopes[0]
    assert (scope.policies, scope.lease_duration, scope.delay_ms, scope.range, scope.superscope) == (None,) * 5


# --- scopes ---


@pytest.mark.parametrize(
    ("tail", "name", "description"),
    [
        ('"BYOD" "all"', "BYOD", "all"),
        ('"BYOD" ""', "BYOD", ""),
        ('"BYOD" ', "BYOD", ""),
        ("", "", ""),
        ('"5" disk" "x"', '5" disk', "x"),
    ],
)
def test_scope_texts(read: Reader, tail: str, name: str, description: str) -> None:
    scope = only_scope(read(f"add scope 10.0.0.0 255.255.240.0 {tail}"))
    assert (scope.name, scope.description, scope.subnet_mask) == (name, description, IPv4Address("255.255.240.0"))


@pytest.mark.parametrize(
    ("tail", "kind", "limit"),
    [
        ("", ClientKind.DHCP, None),
        (" BOTH", ClientKind.BOTH, None),
        (" dhcp", ClientKind.DHCP, None),
        (" BOOTP 50", ClientKind.BOOTP, 50),
    ],
)
def test_ip_range(read: Reader, tail: str, kind: ClientKind, limit: int | None) -> None:
    scope = only_scope(read(SCOPE, f"Scope 10.0.0.0 Add iprange 10.0.0.1 10.0.0.254{tail}"))
    assert (scope.range, scope.type, scope.max_bootp_clients) == (AddressRange.parse("10.0.0.1", "10.0.0.254"), kind, limit)


def test_several_ranges_become_one_that_serves_no_more(read: Reader) -> None:
    result = read(
        SCOPE,
        "Scope 10.0.0.0 Add iprange 10.0.0.100 10.0.0.120 BOOTP",
        "Scope 10.0.0.0 Add iprange 10.0.0.10 10.0.0.50 DHCP",
        "Scope 10.0.0.0 Add iprange 10.0.0.51 10.0.0.60 DHCP",
        "Scope 10.0.0.0 add excluderange 10.0.0.20 10.0.0.29",
    )
    scope = only_scope(result)
    ranges = [AddressRange.parse(first, last) for first, last in [("10.0.0.10", "10.0.0.60"), ("10.0.0.100", "10.0.0.120")]]
    assert scope.range == AddressRange.parse("10.0.0.10", "10.0.0.120")
    assert scope.serves == AddressSet(ranges) - AddressSet([AddressRange.parse("10.0.0.20", "10.0.0.29")])
    assert scope.type is ClientKind.BOTH
    assert rules(result) == ["several-ranges"]
    assert result.objects_read[ObjectKind.EXCLUSION_RANGE] == len(scope.exclusions) == 1


@pytest.mark.parametrize(
    ("seconds", "duration"),
    [("691200", timedelta(days=8)), ("4294967295", UNLIMITED), ("900", timedelta(minutes=15))],
)
def test_lease_time(read: Reader, seconds: str, duration: timedelta) -> None:
    scope = only_scope(
        read(
            SCOPE,
            f'Scope 10.0.0.0 set optionvalue 51 DWORD "{seconds}" ',
            'Scope 10.0.0.0 set optionvalue 51 DWORD user="Default BOOTP Class" "2592000" ',
        )
    )
    assert scope.lease_duration == duration
    assert [(value.label, value.values) for value in scope.option_values] == [
        ("option 51", (seconds,)),
        ("option 51 (user class Default BOOTP Class)", ("2592000",)),
    ]


@pytest.mark.parametrize(
    ("tail", "name", "description", "kind"),
    [
        ('"agent1" "desk" "BOOTP"', "agent1", "desk", ClientKind.BOOTP),
        ('"" "win3" "DHCP"', "", "win3", ClientKind.DHCP),
        ('"agent1" "desk"', "agent1", "desk", ClientKind.BOTH),
        ('"agent1" "DHCP"', "agent1", "", ClientKind.DHCP),
        ('"DHCP"', "DHCP", "", ClientKind.BOTH),
        ("", "", "", ClientKind.BOTH),
        ('"a" "b" DHCP', "a", "b", ClientKind.DHCP),
    ],
)
def test_reservation(read: Reader, tail: str, name: str, description: str, kind: ClientKind) -> None:
    (reservation,) = only_scope(read(SCOPE, f"Scope 10.0.0.0 Add reservedip 10.0.0.9 001b78116561 {tail}")).reservations
    assert (reservation.name, reservation.description, reservation.type) == (name, description, kind)
    assert reservation.client_id == ClientId(bytes.fromhex("001b78116561"))


def test_options_of_a_reservation_may_come_before_it(read: Reader) -> None:
    result = read(
        SCOPE,
        'Scope 10.0.0.0 set reservedoptionvalue 10.0.0.9 66 STRING "boot" ',
        'Scope 10.0.0.0 Add reservedip 10.0.0.9 0011 "x" "" "BOTH"',
    )
    (reservation,) = only_scope(result).reservations
    assert [(value.option_id, value.values) for value in reservation.option_values] == [(66, ("boot",))]


def test_options_without_their_reservation_are_reported(read: Reader) -> None:
    result = read(SCOPE, 'Scope 10.0.0.0 set reservedoptionvalue 10.0.0.9 66 STRING "boot" ')
    assert rules(result) == ["misplaced-element"]
    assert [(each.kind, each.key, each.unsupported) for each in result.not_carried] == [
        (ObjectKind.OPTION_VALUE, "10.0.0.9 option 66", False)
    ]


@pytest.mark.parametrize(
    ("command", "field", "value"),
    [
        ("Scope 10.0.0.0 set state 0", "state", ScopeState.INACTIVE),
        ("Scope 10.0.0.0 set state 1", "state", ScopeState.ACTIVE),
        ("SCOPE 10.0.0.0 SET NAPSTATE Off", "nap_enable", False),
        ("scope 10.0.0.0 set napstate On", "nap_enable", True),
        ("Scope 10.0.0.0 set delayoffer 1000", "delay_ms", 1000),
        ('scope 10.0.0.0 set superscope "Site 1" 1', "superscope", "Site 1"),
        ('v4 scope 10.0.0.0 set superscope "Site 1"', "superscope", "Site 1"),
    ],
)
def test_scope_property(read: Reader, command: str, field: str, value: object) -> None:
    result = read(SCOPE, command)
    assert getattr(only_scope(result), field) == value
    assert rules(result) == []


def test_states_for_switched_networks_are_reported(read: Reader) -> None:
    result = read(SCOPE, "Scope 10.0.0.0 set state 2")
    assert rules(result) == ["unreadable-value"]
    assert result.findings[0].severity is Severity.ERROR


def test_a_scope_without_its_add_line_is_left_out_with_all_it_holds(read: Reader) -> None:
    result = read(
        "Scope 10.0.0.0 Add iprange 10.0.0.1 10.0.0.9",
        "Scope 10.0.0.0 add excluderange 10.0.0.1 10.0.0.2",
        'Scope 10.0.0.0 Add reservedip 10.0.0.9 0011 "x" "" "BOTH"',
        'Scope 10.0.0.0 set reservedoptionvalue 10.0.0.9 66 STRING "boot" ',
        'scope 10.0.0.0 set superscope "Site"',
    )
    assert result.server.scopes == ()
    assert rules(result) == ["misplaced-element"]
    assert {each.kind for each in result.not_carried} == {
        ObjectKind.EXCLUSION_RANGE,
        ObjectKind.RESERVATION,
        ObjectKind.OPTION_VALUE,
        ObjectKind.SUPERSCOPE,
    }


# --- repetition ---


def test_the_first_add_and_the_last_set_hold(read: Reader) -> None:
    result = read(
        SCOPE,
        'add scope 10.0.0.0 255.255.0.0 "Again"',
        'Scope 10.0.0.0 set optionvalue 3 IPADDRESS "10.0.0.1"',
        'Scope 10.0.0.0 set optionvalue 3 IPADDRESS "10.0.0.2"',
    )
    scope = only_scope(result)
    assert (scope.name, [value.values for value in scope.option_values]) == ("Office", [("10.0.0.2",)])
    assert rules(result) == ["duplicate-object"] * 2
    assert [(each.key, each.origin.line) for each in result.not_carried if each.origin] == [("scope 10.0.0.0", 2), ("option 3", 3)]


def test_a_dump_joined_to_itself_says_so_and_changes_nothing(read: Reader) -> None:
    commands = [SCOPE, "Scope 10.0.0.0 add excluderange 10.0.0.1 10.0.0.2", "Set DetectConflictRetry 1"]
    once, twice = read(*commands), read(*commands, *commands)
    assert twice.server == once.server
    assert [(finding.rule, finding.severity) for finding in twice.findings if finding.rule != "lossy-dump"] == [
        ("duplicate-object", Severity.INFO)
    ] * 3


# --- what is not carried, and what is not known ---


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ('v6 Add Class "W" "" 4d53 1 b 311', ObjectKind.IPV6),
        ("v6 Set preferredlifetime 86400 IATA ", ObjectKind.IPV6),
        ('add mscope "M" 224.0.0.1', ObjectKind.MULTICAST),
        ('mscope "M" set state 1', ObjectKind.MULTICAST),
        ("Scope 10.0.0.0 set dnsconfig 1 0 1", ObjectKind.SERVER_SETTING),
        ("v4 Scope 10.0.0.0 Set NameProtection enable= 0", ObjectKind.SERVER_SETTING),
    ],
)
def test_not_carried(read: Reader, command: str, kind: ObjectKind) -> None:
    result = read(SCOPE, command)
    assert [(each.kind, each.unsupported) for each in result.not_carried] == [(kind, True)]
    assert result.objects_read[kind] == 1


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("v4 Scope 10.0.0.0 Set NameProtection enable= 0", []),
        ("v4 Scope 10.0.0.0 Set NameProtection enable= 1", ["dns-settings-not-read"]),
        ("v4 Set NameProtection enable=1", ["dns-settings-not-read"]),
        ("Scope 10.0.0.0 set dnsconfig 1 0 1", ["dns-settings-not-read"]),
    ],
)
def test_dns_settings_are_reported_when_they_say_something(read: Reader, command: str, expected: list[str]) -> None:
    assert rules(read(SCOPE, command)) == expected


@pytest.mark.parametrize("command", ["set colour blue", "Scope 10.0.0.0 add rainbow", "frobnicate", 'scope "x"'])
def test_unknown_commands_are_found_with_their_line(read: Reader, command: str) -> None:
    result = read(SCOPE, command)
    (finding,) = [each for each in result.findings if each.rule == "unknown-command"]
    assert command in finding.message
    assert finding.places[0].line == 2
    assert [(each.kind, each.unsupported) for each in result.not_carried] == [(ObjectKind.UNKNOWN, False)]


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("add scope 10.1.0.5 255.255.0.0", ObjectKind.SCOPE),
        ("add scope 10.1.0.0 0.0.255.255", ObjectKind.SCOPE),
        ('Scope 10.0.0.0 Add reservedip 10.0.0.9 0011f "x"', ObjectKind.RESERVATION),
        ('Scope 10.0.0.0 Add reservedip 10.0.0.9 "x" "" "BOTH"', ObjectKind.RESERVATION),
        ("Scope 10.0.0.0 add excluderange 10.0.0.9 10.0.0.1", ObjectKind.EXCLUSION_RANGE),
        ("Scope 10.0.0.0 add excluderange 10.0.0.9", ObjectKind.EXCLUSION_RANGE),
        ('set optionvalue 3 IPADDRESS "10.0.0.300"', ObjectKind.OPTION_VALUE),
        ('set optionvalue 3 "10.0.0.3"', ObjectKind.OPTION_VALUE),
        ('set optionvalue 300 BYTE "1"', ObjectKind.OPTION_VALUE),
        ('Add Optiondef 200 "O" NUMBER 0', ObjectKind.OPTION_DEFINITION),
        ("v4 add filter allow xx", ObjectKind.FILTER),
        ("Set DetectConflictRetry 6", ObjectKind.SERVER_SETTING),
    ],
)
def test_unreadable_objects_are_refused_and_reported(read: Reader, command: str, kind: ObjectKind) -> None:
    result = read(SCOPE, command)
    assert rules(result) == ["unreadable-value"]
    assert [(each.kind, each.unsupported) for each in result.not_carried] == [(kind, False)]


def test_odd_quotes_are_reported_with_their_line(read: Reader) -> None:
    result = read(SCOPE, 'Scope 10.0.0.0 Add reservedip 10.0.0.9 0011 "19" rack" "" "BOTH"')
    assert rules(result) == ["odd-quotes"]
    assert only_scope(result).reservations[0].name == '19" rack'


# --- the text around the commands ---


def test_scope_dump_with_its_status_lines(read: Reader) -> None:
    result = read.text(
        "\nChanged the current scope context to 10.0.0.0 scope.\n\n"
        f"Dhcp Server \\\\x {SCOPE}\n\nCommand completed successfully.\n\n"
        "Bereichskontext wurde zu 10.0.1.0 gewechselt.\n\n"
        'Dhcp Server \\\\x add scope 10.0.1.0 255.255.255.0 "Two"\n'
    )
    assert [scope.name for scope in result.server.scopes] == ["Office", "Two"]
    assert rules(result) == []


@pytest.mark.parametrize("line", ["scope 10.0.0.0 set state 0", "netsh dhcp server x scope 10.0.0.0 set state 0", "some prose"])
def test_other_lines_are_never_skipped_in_silence(read: Reader, line: str) -> None:
    assert rules(read.text(f"Dhcp Server x {SCOPE}\n\n{line}\n")) == ["unknown-command"]


def test_wrapped_lines_are_joined_and_reported(read: Reader) -> None:
    result = read.text(f"Dhcp Server x {SCOPE[:40]}\n{SCOPE[40:]}\n")
    assert rules(result) == ["wrapped-lines"]


def test_code_page_can_be_forced(read: Reader) -> None:
    data = 'Dhcp Server x add scope 10.0.0.0 255.0.0.0 "Büro"'.encode("cp437")
    assert only_scope(read.text(data, encoding="cp437")).name == "Büro"
    guessed = read.text(data)
    assert only_scope(guessed).name == "Büro"
    assert rules(guessed) == ["guessed-encoding"]


def test_control_characters_are_replaced_and_reported(read: Reader) -> None:
    result = read('add scope 10.0.0.0 255.255.255.0 "a\x01b" "c\x07"')
    assert only_scope(result).name == "a\ufffdb"
    assert rules(result) == ["control-character"]


@pytest.mark.parametrize("text", ["no dump at all\n", "# only a banner\n", "\x00\x01\x02\x03binary", "netsh>"])
def test_other_files_are_refused(read: Reader, text: str) -> None:
    with pytest.raises(InputError):
        read.text(text)
