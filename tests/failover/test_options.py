"""Each kind of option value: octets, value and JSON side by side, and what it refuses."""

from __future__ import annotations

import json
import re
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from message_strategies import values

from migrate.failover.codes import BindingState, OptionCode, Profile, RejectReason, ServerState
from migrate.failover.errors import ProtocolError
from migrate.failover.kinds import Ddns, Digest, HardwareAddress
from migrate.failover.options import OPTION_TABLES, OptionSpec

ISC, WINDOWS = OPTION_TABLES[Profile.ISC], OPTION_TABLES[Profile.WINDOWS]

# One row for every code: (profile, code, name, octets, value, JSON)
GOLDEN = [
    (ISC, 1, "addresses-transferred", "00000010", 16, 16),
    (ISC, 2, "assigned-IP-address", "0a4d0064", IPv4Address("10.77.0.100"), "10.77.0.100"),
    (ISC, 3, "binding-status", "07", BindingState.BACKUP, "BACKUP"),
    (ISC, 3, "binding-status", "08", 8, 8),
    (WINDOWS, 3, "binding-status", "21", 0x21, 0x21),
    (ISC, 4, "client-identifier", "01020000000001", b"\x01\x02\0\0\0\0\x01", "01020000000001"),
    (ISC, 4, "client-identifier", "", b"", ""),
    (
        ISC,
        5,
        "client-hardware-address",
        "01020000000001",
        HardwareAddress(1, b"\x02\0\0\0\0\x01"),
        {"htype": 1, "address": "02:00:00:00:00:01"},
    ),
    (ISC, 5, "client-hardware-address", "06", HardwareAddress(6, b""), {"htype": 6, "address": ""}),
    (ISC, 6, "client-last-transaction-time", "ffffffff", 0xFFFFFFFF, 0xFFFFFFFF),
    (ISC, 7, "client-reply-options", "63825363ff", b"\x63\x82\x53\x63\xff", "63825363ff"),
    (ISC, 8, "client-request-options", "63825363", b"\x63\x82\x53\x63", "63825363"),
    (WINDOWS, 9, "DDNS", "000b026177056c6f63616c00", Ddns(11, b"\2aw\5local\0"), {"flags": 11, "name": "026177056c6f63616c00"}),
    (ISC, 9, "DDNS", "", b"", ""),
    (ISC, 10, "delayed-service-parameter", "ff", 255, 255),
    (ISC, 11, "hash-bucket-assignment", "ff" * 16 + "00" * 16, b"\xff" * 16 + bytes(16), "ff" * 16 + "00" * 16),
    (ISC, 12, "IP-flags", "0001", 1, 1),
    (ISC, 13, "lease-expiration-time", "6b0469f9", 1795451385, 1795451385),
    (ISC, 14, "max-unacked-bndupd", "0000000a", 10, 10),
    (ISC, 15, "MCLT", "00000e10", 3600, 3600),
    (ISC, 16, "message", "6c616220c3a4", "lab ä", "lab ä"),
    (ISC, 16, "message", "6cff00", "l\udcff\0", "l\udcff\0"),
    (WINDOWS, 17, "message-digest", "02a0b1", Digest(2, b"\xa0\xb1"), {"type": 2, "digest": "a0b1"}),
    (ISC, 18, "potential-expiration-time", "6b046a49", 1795451465, 1795451465),
    (ISC, 19, "receive-timer", "000000b4", 180, 180),
    (ISC, 20, "protocol-version", "01", 1, 1),
    (ISC, 21, "reject-reason", "12", RejectReason.HASH_BUCKET_CONFLICT, 18),
    (ISC, 21, "reject-reason", "63", 99, 99),
    (ISC, 22, "relationship-name", "6c6162", "lab", "lab"),
    (ISC, 23, "server-flags", "01", 1, 1),
    (ISC, 24, "server-state", "fe", ServerState.RECOVER_WAIT, "RECOVER-WAIT"),
    (ISC, 24, "server-state", "03", ServerState.COMMUNICATIONS_INTERRUPTED, "COMMUNICATIONS-INTERRUPTED"),
    (ISC, 24, "server-state", "0c", 12, 12),
    (ISC, 25, "start-time-of-state", "00000000", 0, 0),
    (ISC, 26, "TLS-reply", "00", 0, 0),
    (ISC, 27, "TLS-request", "02", 2, 2),
    (ISC, 28, "vendor-class-identifier", "6973632d342e342e332d5031", "isc-4.4.3-P1", "isc-4.4.3-P1"),
    (ISC, 29, "vendor-specific-options", "0001", b"\0\x01", "0001"),
    (
        WINDOWS,
        30,
        "MS-scope-id-list",
        "0001a8c00002a8c0",
        (IPv4Address("192.168.1.0"), IPv4Address("192.168.2.0")),
        ["192.168.1.0", "192.168.2.0"],
    ),
    (WINDOWS, 31, "MS-client-name", "680031000000", "h1", "h1"),
    (WINDOWS, 31, "MS-client-name", "3dd800de0000", "\U0001f600", "\U0001f600"),
    (WINDOWS, 31, "MS-client-name", "3dd80000", "\ud83d", "\ud83d"),
    (WINDOWS, 32, "MS-client-description", "0000", "", ""),
    (WINDOWS, 33, "MS-client-subnet-mask", "ffffff00", IPv4Address("255.255.255.0"), "255.255.255.0"),
    (WINDOWS, 34, "MS-server-ip", "0a4d0002", IPv4Address("10.77.0.2"), "10.77.0.2"),
    (WINDOWS, 35, "MS-server-name", "440043000000", "DC", "DC"),
    (WINDOWS, 36, "MS-client-type", "64", 0x64, 0x64),
    (WINDOWS, 37, "MS-client-nap-status", "01", b"\1", "01"),
    (WINDOWS, 37, "MS-client-nap-status", "00000001", b"\0\0\0\1", "00000001"),
    (WINDOWS, 38, "MS-client-nap-probation", "00" * 8, bytes(8), "00" * 8),
    (WINDOWS, 39, "MS-client-nap-capable", "00", 0, 0),
    (WINDOWS, 40, "MS-client-matched-policy", "500000000000", "P\0", "P\0"),
    (WINDOWS, 41, "MS-extended-address-state", "00000001", 1, 1),
]


@pytest.mark.parametrize(
    ("table", "code", "name", "octets", "value", "shown"), GOLDEN, ids=[f"{row[1]}-{row[2]}-{row[3][:16]}" for row in GOLDEN]
)
def test_golden(table, code, name, octets, value, shown) -> None:
    kind = table.specs[code].kind
    assert table.specs[code].name == name
    decoded = table.decode(code, bytes.fromhex(octets))
    assert decoded == value
    assert type(decoded) is type(value)
    assert table.encode(code, value).hex() == octets
    assert kind.to_json(value) == shown
    assert type(kind.to_json(value)) is type(shown)
    from_text = table.value_of_json(code, json.loads(json.dumps(shown)))
    assert from_text == value
    assert type(from_text) is type(value)


def test_golden_rows_cover_every_code() -> None:
    assert {row[1] for row in GOLDEN} == {int(code) for code in OptionCode}


@pytest.mark.parametrize("table", [ISC, WINDOWS], ids=["isc", "windows"])
def test_tables_are_complete_and_cite_their_sections(table) -> None:
    assert sorted(table.specs) == sorted(int(code) for code in OptionCode)
    for code, spec in table.specs.items():
        assert spec.code == code
        assert re.match(rf"D12 12\.{code}\b" if code < 30 else rf"MS-DHCPF 2\.2\.{code - 29}$", spec.section) or spec.section == (
            "MS-DHCPF 3.1.4.2"
        )


def lengths_refused(spec: OptionSpec, longest: int) -> list[int]:
    refused = []
    for length in range(longest + 1):
        try:
            WINDOWS.decode(spec.code, bytes(length))
        except ProtocolError as error:
            assert str(error).startswith(f"option {int(spec.code)} ({spec.name}) ")
            refused.append(length)
    return refused


# Zero bytes are right in content for every kind, so only the length decides.
LENGTHS_ALLOWED = {
    1: (3, 10, 20, 21, 23, 24, 26, 27, 36, 39),
    2: (12,),
    4: (1, 2, 6, 13, 14, 15, 18, 19, 25, 33, 34, 41),
    32: (11,),
}


@pytest.mark.parametrize(("length", "code"), [(length, code) for length, codes in LENGTHS_ALLOWED.items() for code in codes])
def test_one_length_only(length: int, code: int) -> None:
    assert lengths_refused(WINDOWS.specs[code], 40) == [other for other in range(41) if other != length]


def test_other_lengths() -> None:
    assert lengths_refused(WINDOWS.specs[30], 12) == [1, 2, 3, 5, 6, 7, 9, 10, 11]
    assert lengths_refused(WINDOWS.specs[37], 9) == [0, 2, 3, 5, 6, 7, 8, 9]
    assert lengths_refused(WINDOWS.specs[38], 9) == [0, 1, 2, 3, 5, 6, 7, 9]
    assert lengths_refused(WINDOWS.specs[5], 9) == [0]
    assert lengths_refused(WINDOWS.specs[9], 9) == [0, 1]
    assert lengths_refused(WINDOWS.specs[17], 9) == [0]
    for code in (31, 32, 35, 40):
        assert lengths_refused(WINDOWS.specs[code], 6) == [0, 1, 3, 5]
    for code in (4, 7, 8, 16, 22, 28, 29):
        assert lengths_refused(WINDOWS.specs[code], 9) == []


BAD_JSON = [
    (1, "16", "'16', not a whole number"),
    (1, 4294967296, "4294967296, which does not fit into 4 bytes"),
    (1, -1, "-1, which does not fit"),
    (1, 10**5000, "a number of thousands of digits"),
    (2, "10.0.0.256", "10.0.0.256"),
    (2, 167772161, "167772161, not an IPv4 address"),
    (3, "FREED", "'FREED', none of FREE, ACTIVE"),
    (3, 256, "256, which does not fit into 1 byte"),
    (4, "0", "'0', not pairs of hexadecimal digits"),
    (4, "0x01", "not pairs of hexadecimal digits"),
    (5, "01:02", "an object with htype and address"),
    (5, {"htype": 1}, "an object with htype and address"),
    (5, {"htype": "1", "address": "00"}, "'1', not a whole number"),
    (5, {"htype": 1, "address": ["00"]}, "not hexadecimal digits"),
    (11, "00", "is 1 byte long, not 32"),
    (16, 5, "5, not text"),
    (16, "\ud800", "surrogates not allowed"),
    (24, "HAPPY", "'HAPPY', none of STARTUP, NORMAL"),
    (24, None, "None, not a name or a whole number"),
    (30, "192.168.1.0", "not a list of IPv4 addresses"),
    (30, ["192.168.1"], "192.168.1"),
    (99, "00", "has no kind"),
]


@pytest.mark.parametrize(("code", "shown", "words"), BAD_JSON, ids=[f"{row[0]}-{row[2][:20]}" for row in BAD_JSON])
def test_bad_json(code: int, shown: object, words: str) -> None:
    with pytest.raises(ProtocolError, match=rf"^option {code}\b.*{re.escape(words)}"):
        ISC.encode(code, ISC.value_of_json(code, shown))


@pytest.mark.parametrize("table", [ISC, WINDOWS], ids=["isc", "windows"])
@given(data=st.data())
def test_json_shows_the_whole_value(table, data: st.DataObject) -> None:
    spec = data.draw(st.sampled_from(list(table.specs.values())))
    value = data.draw(values(spec.kind))
    assert table.value_of_json(spec.code, json.loads(json.dumps(spec.kind.to_json(value)))) == value


@given(code=st.sampled_from([int(code) for code in OptionCode]), raw=st.binary(max_size=40))
def test_any_octets_survive_or_are_refused(code: int, raw: bytes) -> None:
    for table in (ISC, WINDOWS):
        try:
            value = table.decode(code, raw)
        except ProtocolError:
            continue
        assert table.encode(code, value) == raw
