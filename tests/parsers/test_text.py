"""Octets to characters, and single values."""

from __future__ import annotations

import pytest

from migrate.errors import InputError
from parsers.fields import check_network, parse_address, parse_filter_mac, parse_flag, parse_hex, parse_mask, parse_number
from parsers.result import ReadOptions
from parsers.text import decode_text, detect_unicode

TEXT = "Dhcp Server 192.0.2.1\r\nBüro\r\n"


@pytest.mark.parametrize(
    ("octets", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_unicode_is_found_out(tmp_path, octets, encoding):
    path = tmp_path / "dump.txt"
    path.write_bytes(octets)
    decoded = decode_text(path, ReadOptions())
    assert (decoded.text, decoded.encoding, decoded.findings) == (TEXT, encoding, ())


def test_code_page_is_guessed_with_a_finding(tmp_path):
    path = tmp_path / "dump.txt"
    path.write_bytes(TEXT.encode("cp850"))
    decoded = decode_text(path, ReadOptions())
    assert decoded.text == TEXT
    assert [(finding.rule, finding.places[0].line) for finding in decoded.findings] == [("guessed-encoding", 2)]


def test_given_encoding_is_used_without_a_finding(tmp_path):
    path = tmp_path / "dump.txt"
    path.write_bytes(TEXT.encode("cp1252"))
    decoded = decode_text(path, ReadOptions(encoding="cp1252"))
    assert (decoded.text, decoded.findings) == (TEXT, ())


@pytest.mark.parametrize(
    ("octets", "encoding", "reference", "line"),
    [
        (b"a\nb\nc\xff\n", "utf-8", "wrong-encoding", 3),
        (b"a", "no-such", "unknown-encoding", 0),
        (b"a", "rot13", "unknown-encoding", 0),
        (b"\xff\xfea\0\n\0b", None, "wrong-encoding", 2),
    ],
    ids=["not UTF-8", "no such encoding", "no text encoding", "UTF-16 cut off"],
)
def test_text_that_does_not_fit_is_refused(tmp_path, octets, encoding, reference, line):
    path = tmp_path / "dump.txt"
    path.write_bytes(octets)
    with pytest.raises(InputError) as refused:
        decode_text(path, ReadOptions(encoding=encoding))
    assert (refused.value.reference, refused.value.places[0].line) == (reference, line)


@pytest.mark.parametrize("octets", [b"", b"a", b"\0", b"\0\0\0\0", bytes(range(256)), "日本語".encode("utf-16-le")])
def test_other_octets_are_not_taken_for_utf_16(octets):
    assert detect_unicode(octets) == (None, 0)


@pytest.mark.parametrize(
    ("parse", "text", "expected"),
    [
        (parse_address, " 10.0.0.1\n", "10.0.0.1"),
        (parse_mask, "255.255.240.0", "255.255.240.0"),
        (parse_mask, "255.255.255.255", "255.255.255.255"),
        (parse_flag, "TRUE", "True"),
        (parse_flag, " 0 ", "False"),
        (parse_hex, "0x0aFf", str(b"\n\xff")),
        (parse_hex, "", str(b"")),
        (parse_filter_mac, "f8:8f:ca:24:*:*", "F8-8F-CA-24-*-*"),
        (parse_filter_mac, "001122334455", "00-11-22-33-44-55"),
    ],
)
def test_values(parse, text, expected):
    assert str(parse(text)) == expected


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_address, "10.0.0"),
        (parse_address, "10.0.0.01"),
        (parse_address, ""),
        (parse_mask, "255.0.255.0"),
        (parse_mask, "0.0.0.0"),
        (parse_mask, "0.0.0.255"),
        (parse_flag, "yes"),
        (parse_hex, "0x0"),
        (parse_hex, "xx"),
        (parse_filter_mac, "00-11-2"),
        (parse_filter_mac, ""),
    ],
)
def test_values_that_are_none(parse, text):
    with pytest.raises(ValueError, match=r".+"):
        parse(text)


@pytest.mark.parametrize("text", ["-1", "6", "1_0", "٣", "1.0", "", "99999999999999999999"])
def test_numbers_outside_their_bounds(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_number(text, 0, 5)


def test_network_of_a_mask():
    check_network(parse_address("10.1.2.0"), parse_mask("255.255.254.0"))
    with pytest.raises(ValueError, match="network address"):
        check_network(parse_address("10.1.3.0"), parse_mask("255.255.254.0"))
