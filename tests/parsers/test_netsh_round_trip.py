"""A server written as a netsh dump and read again is the server, however the dump is encoded; and no octets crash the parser."""

from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writers.netsh_writer import as_dump_can_say, netsh_dump
from writers.servers import servers

from migrate.errors import InputError
from migrate.model.server import ObjectKind, Server
from parsers.netsh import parse_netsh_dump
from parsers.result import ParseResult, ReadOptions

FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def read(path: Path, data: bytes, **options: str) -> ParseResult:
    file = path / "dump.txt"
    file.write_bytes(data)
    return parse_netsh_dump(file, ReadOptions(**options))


def objects_kept(server: Server) -> Counter[ObjectKind]:
    """The naive count of everything in the model, by the kinds of the ledger."""
    kept = Counter(
        {
            ObjectKind.SERVER_SETTING: len(server.settings),
            ObjectKind.CLASS: len(server.classes),
            ObjectKind.OPTION_DEFINITION: len(server.option_definitions),
            ObjectKind.OPTION_VALUE: len(server.option_values),
            ObjectKind.FILTER: len(server.filters.entries) if server.filters else 0,
            ObjectKind.SUPERSCOPE: len({scope.superscope for scope in server.scopes if scope.superscope}),
            ObjectKind.SCOPE: len(server.scopes),
        }
    )
    for scope in server.scopes:
        kept[ObjectKind.EXCLUSION_RANGE] += len(scope.exclusions)
        kept[ObjectKind.RESERVATION] += len(scope.reservations)
        kept[ObjectKind.OPTION_VALUE] += len(scope.option_values)
        kept[ObjectKind.OPTION_VALUE] += sum(len(reservation.option_values) for reservation in scope.reservations)
    return +kept


def assert_conserved(result: ParseResult) -> None:
    """Every object that was met is in the model or listed with the reason why not."""
    accounted = objects_kept(result.server) + Counter(each.kind for each in result.not_carried)
    assert accounted == +Counter(result.objects_read)


@FEW
@given(server=servers())
def test_written_and_read_again_is_equal(server: Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    result = read(tmp_path_factory.mktemp("dump"), netsh_dump(server).encode())
    assert result.server == as_dump_can_say(server)
    assert [finding.rule for finding in result.findings] == ["lossy-dump"]
    assert result.not_carried == ()
    assert_conserved(result)


@FEW
@given(server=servers(), encoding=st.sampled_from(["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]))
def test_unicode_encodings_give_the_same_server(server: Server, encoding: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    result = read(tmp_path_factory.mktemp("dump"), netsh_dump(server).encode(encoding))
    assert result.server == as_dump_can_say(server)


LINES = st.sampled_from(
    [
        'add scope 10.0.0.0 255.255.255.0 "one" "first"',
        'add scope 10.0.0.0 255.255.255.0 "two"',
        "add scope 10.0.1.5 255.255.255.0",
        "add scope 10.0.1.0 255.0.255.0",
        "Scope 10.0.0.0 set state 1",
        "Scope 10.0.0.0 set state x",
        "Scope 10.0.0.0 Add iprange 10.0.0.1 10.0.0.100 BOTH",
        "Scope 10.0.0.0 Add iprange 10.0.0.150 10.0.0.200",
        "Scope 10.0.0.0 Add iprange 10.0.0.9 10.0.0.1",
        "Scope 10.0.0.0 add excluderange 10.0.0.5 10.0.0.9",
        "Scope 10.0.0.0 add excluderange 10.0.0.5",
        "Scope 10.9.0.0 add excluderange 10.9.0.5 10.9.0.9",
        'Scope 10.0.0.0 set optionvalue 51 DWORD "600"',
        'Scope 10.0.0.0 set optionvalue 51 DWORD user="B" "700"',
        'Scope 10.0.0.0 set optionvalue 51 DWORD "x"',
        'Scope 10.0.0.0 set optionvalue 43 BINARY "0g"',
        'Scope 10.0.0.0 set optionvalue 6 HEXAGON "1"',
        'Scope 10.0.0.0 Add reservedip 10.0.0.7 001122334455 "r" "" "BOTH"',
        'Scope 10.0.0.0 Add reservedip 10.0.0.7 001122334466 "other"',
        'Scope 10.0.0.0 Add reservedip 10.0.0.8 00112 "odd"',
        'Scope 10.0.0.0 set reservedoptionvalue 10.0.0.7 3 IPADDRESS "10.0.0.1"',
        'Scope 10.0.0.0 set reservedoptionvalue 10.0.0.77 3 IPADDRESS "10.0.0.1"',
        'scope 10.0.0.0 set superscope "S" 1',
        'scope 10.0.9.0 set superscope "T"',
        'Scope x.y set superscope "T"',
        'Scope x.y set optionvalue 3 IPADDRESS "10.0.0.1"',
        'Add Class "C" "" 4d 1 b',
        'Add Class "D" "" 4d5 0 b',
        'Add Class "E"',
        'Add Optiondef 200 "O" STRING 0 comment="" ""',
        'Add Optiondef 200 "O" NOTHING 0',
        "Set DetectConflictRetry 2",
        "Set DetectConflictRetry 9",
        'Set AuditLog path = "C:\\x" maxsize = 70',
        "v4 add filter deny 00-11-22-33-44-55",
        "v4 add filter sometimes 00-11-22-33-44-55",
        "v4 set filter EnforceAllowList=1",
        "v4 Scope 10.0.0.0 Set NameProtection enable= 1",
        "set dnsconfig 1 0",
        "v6 Set t1 345600",
        'add mscope "M" 224.0.0.1',
        "mscope M set state 1",
        "frobnicate 1",
        "",
        '"',
    ]
)


@FEW
@given(commands=st.lists(LINES, min_size=1, max_size=40))
def test_every_object_is_accounted_for_in_any_order(commands: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    text = "".join(f"Dhcp Server \\\\s {command}\r\n" for command in commands)
    assert_conserved(read(tmp_path_factory.mktemp("dump"), text.encode()))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(server=servers(), data=st.data())
def test_damaged_dumps_are_read_or_refused(server: Server, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    octets = bytearray(netsh_dump(server).encode())
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, len(octets)))
        octets[at : at + data.draw(st.integers(0, 9))] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b'"', b"\n", b" ", b"="])
        )
    with suppress(InputError):
        assert_conserved(read(tmp_path_factory.mktemp("dump"), bytes(octets)))


@FEW
@given(data=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_garbage_is_read_or_refused(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    for prefix in (b"", b"Dhcp Server x "):
        try:
            assert_conserved(read(tmp_path_factory.mktemp("dump"), prefix + data))
        except InputError:
            assert not prefix or b"\0" in data
