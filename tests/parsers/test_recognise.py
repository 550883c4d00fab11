"""What a file is, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commands import without_privileges

from migrate.errors import InputError
from parsers.recognise import HEAD_OCTETS, InputKind, recognise
from parsers.result import ReadOptions

DUMP = (
    "\r\n# ===\r\n#  Configuration Information for Server 192.0.2.1\r\n\r\n"
    'Dhcp Server 192.0.2.1 add scope 10.1.0.0 255.255.255.0 "x"\r\n'
)
CLIENTS = """
Changed the current scope context to 10.1.0.0 scope.

Type : N - NONE, D - DHCP B - BOOTP, U - UNSPECIFIED, R - RESERVATION IP
============================================================================================
IP Address      - Subnet Mask    - Unique ID           - Lease Expires        -Type -Name
============================================================================================

10.1.0.20       - 255.255.255.0  - 00-15-5d-01-02-03   -6/13/2026 7:29:13 AM  -D-  pc-20
"""

KINDS = {
    "export": ('<?xml version="1.0"?>\n<!-- <a> -->\n<DHCPServer xmlns="x">', InputKind.EXPORT_XML),
    "export without declaration": ("\n  <DHCPServer>", InputKind.EXPORT_XML),
    "export with a prefix": ("<d:DHCPServer xmlns:d='x'>", InputKind.EXPORT_XML),
    "dump": (DUMP, InputKind.NETSH_DUMP),
    "dump in capitals": ("DHCP SERVER \\\\dhcp01 add scope", InputKind.NETSH_DUMP),
    "dump of a scope": (
        "Changed the current scope context to 10.1.0.0 scope.\nDhcp Server \\\\d Scope 10.1.0.0 set state 1",
        InputKind.NETSH_DUMP,
    ),
    "show clients": (CLIENTS, InputKind.SHOW_CLIENTS),
    "show clients with other headings": (CLIENTS.split("====\n")[-1], InputKind.SHOW_CLIENTS),
    "Export-Csv": ('#TYPE CimInstance\n"IPAddress","ScopeId","ClientId"\n"10.1.0.20","10.1.0.0","00"\n', InputKind.LEASE_CSV),
    "Export-Csv with semicolons": ("ClientId;IPAddress\n00;10.1.0.20\n", InputKind.LEASE_CSV),
    "console list": ("Client IP Address,Name,Lease Expiration,Type,Unique ID\n", InputKind.MMC_LIST),
    "console list in German": ("IP-Adresse des Clients\tName\tEindeutige Kennung\n", InputKind.MMC_LIST),
    "audit log": (
        "\t\tMicrosoft DHCP Service Activity Log\n\n10 A new IP address\n\nID,Date,Time,Description,IP Address\n",
        InputKind.AUDIT_LOG,
    ),
    "audit log without head": ("30,09/20/21,09:16:15,DNS Update Request,192.0.2.1,pc,,\n", InputKind.AUDIT_LOG),
}


@pytest.mark.parametrize(("text", "kind"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_kinds(tmp_path, text, kind, encoding):
    path = tmp_path / "input.txt"
    path.write_bytes(text.encode(encoding))
    assert recognise(path, ReadOptions()) is kind


def test_code_page_text_is_recognised(tmp_path):
    path = tmp_path / "dump"
    path.write_bytes(DUMP.replace('"x"', '"Büro"').encode("cp850"))
    assert recognise(path, ReadOptions()) is InputKind.NETSH_DUMP


REFUSALS = {
    "empty": (b"", "input-empty", "is empty"),
    "blank": (b" \r\n\r\n", "input-empty", "white space"),
    "look-alike": (b"<DhcpServerExport>", "not-an-export", "DhcpServerExport"),
    "fragment": (b"<Scope><ScopeId>", "not-an-export", "part of an export"),
    "web page": (b"<html><DHCPServer>", "not-an-export", "html"),
    "other case": (b"<dhcpserver>", "not-an-export", "dhcpserver"),
    "doctype": (b"<?xml version='1.0'?>\n<!DOCTYPE x>\n<DHCPServer>", "document-type", "document type"),
    "html doctype": (b"<!DOCTYPE html><html>", "document-type", "document type"),
    "comment without end": (b"<!-- <DHCPServer>", "not-an-export", "no element"),
    "tag cut off": (b"<", "not-an-export", "no element"),
    "database": (b"\x12\x34\x56\x78\xef\xcd\xab\x89" + bytes(99), "binary-input", "dhcp.mdb"),
    "netsh export": (b"DHCP\x00\x03\x01\xff" * 40, "binary-input", "netsh dhcp server export"),
    "zip": (b"PK\x03\x04abc", "binary-input", "zip"),
    "interfaces": (
        b"# ----\n# IPv4 Configuration\n# ----\npushd interface ipv4\n\nreset\n",
        "another-netsh-context",
        "not of a DHCP server",
    ),
    "show scope": (
        b" Scope Address  - Subnet Mask    - State\n 10.1.0.0 - 255.255.255.0 -Active\n",
        "unknown-input",
        "none of the files",
    ),
    "prose": (b"Dear colleague, the DHCP server is down.", "unknown-input", "none of the files"),
    "other csv": (b"Name,Address\na,b\n", "unknown-input", "none of the files"),
}


@pytest.mark.parametrize(("octets", "reference", "words"), REFUSALS.values(), ids=REFUSALS)
def test_refusals(tmp_path, octets, reference, words):
    path = tmp_path / "input"
    path.write_bytes(octets)
    with pytest.raises(InputError) as refused:
        recognise(path, ReadOptions())
    assert (refused.value.reference, refused.value.exit_status) == (reference, 2)
    assert words in refused.value.message and str(path) in refused.value.message
    assert refused.value.hint and refused.value.places[0].path == str(path)


def test_refusal_names_the_line(tmp_path):
    path = tmp_path / "input"
    path.write_text("<?xml version='1.0'?>\n<!-- a\nb -->\n<Other/>")
    with pytest.raises(InputError) as refused:
        recognise(path, ReadOptions())
    assert refused.value.places[0].line == 4


def test_file_system_refusals(tmp_path):
    for path, reference in (
        (tmp_path, "input-is-directory"),
        (tmp_path / "none.xml", "input-missing"),
        (tmp_path / "a\0b", "input-unreadable"),
    ):
        with pytest.raises(InputError) as refused:
            recognise(path, ReadOptions())
        assert refused.value.reference == reference


def test_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError) as refused:
        recognise(tmp_path / "pipe", ReadOptions())
    assert refused.value.reference == "input-not-a-file"


def test_file_without_permission_is_refused(open_folder):
    path = open_folder / "secret.xml"
    path.write_text("<DHCPServer/>")
    path.chmod(0)
    with without_privileges(), pytest.raises(InputError) as refused:
        recognise(path, ReadOptions())
    assert refused.value.reference == "input-unreadable"


def test_size_limit_counts_octets(tmp_path):
    path = tmp_path / "dhcp.xml"
    path.write_text("<DHCPServer/>")
    assert recognise(path, ReadOptions(max_input_size=13)) is InputKind.EXPORT_XML
    with pytest.raises(InputError) as refused:
        recognise(path, ReadOptions(max_input_size=12))
    assert refused.value.reference == "input-too-large"


def test_only_the_head_is_read(tmp_path):
    path: Path = tmp_path / "large"
    path.write_bytes(b"#\n" * HEAD_OCTETS + DUMP.encode())
    with pytest.raises(InputError):
        recognise(path, ReadOptions())
