"""Rows of `show clients 1` in all their forms, whole and cut listings, and damaged ones."""

from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate.errors import InputError
from migrate.model.client_id import ClientId
from migrate.model.finding import Severity
from migrate.model.leases import NEVER, Lease, LeaseClientType, LeaseState
from migrate.model.server import ObjectKind
from parsers.result import LeaseListing, ReadOptions
from parsers.show_clients import parse_show_clients

FRAME = """Changed the current scope context to {scope} scope.

Type : N - NONE, D - DHCP B - BOOTP, U - UNSPECIFIED, R - RESERVATION IP
============================================================================================
IP Address      - Subnet Mask    - Unique ID           - Lease Expires        -Type -Name
============================================================================================

{rows}

No of Clients(version 4): {count} in the Scope : {scope}.

Command completed successfully.
"""
DATED = "10.0.0.5        - 255.255.255.0  - 64-51-06-a1-66-b5   -11/30/2026 7:29:13 AM   -D-  pc5.example.com"


class Reader:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "clients.txt"

    def __call__(self, text: str | bytes) -> LeaseListing:
        self.file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return parse_show_clients(self.file, ReadOptions(time_zone=UTC))

    def row(self, row: str) -> Lease:
        listing = self(row + "\n")
        assert listing.findings == ()
        (lease,) = listing.leases.rows()
        return lease


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def frame(*rows: str, scope: str = "10.0.0.0", count: int | None = None) -> str:
    return FRAME.format(scope=scope, rows="\n".join(rows), count=len(rows) if count is None else count)


def rules(listing: LeaseListing) -> list[str]:
    return [finding.rule for finding in listing.findings]


def test_a_dated_row(read: Reader) -> None:
    assert read.row(DATED) == Lease(
        ip_address=IPv4Address("10.0.0.5"),
        scope_id=IPv4Address("10.0.0.0"),
        client_id=ClientId.parse("64-51-06-a1-66-b5"),
        expiry_s=int(datetime(2026, 11, 30, 7, 29, 13, tzinfo=UTC).timestamp()),
        host_name="pc5.example.com",
        client_type=LeaseClientType.DHCP,
        line=1,
        path=str(read.file),
    )


START = "10.0.1.5  - 255.255.254.0  -"


@pytest.mark.parametrize(
    ("tail", "client", "state", "kind", "name"),
    [
        ("e4-11-5b-ad-a5-da   - NEVER EXPIRES        -U-  srv", "e4115bada5da", "ACTIVE", "UNSPECIFIED", "srv"),
        (" e4-11-5b-ad-a5-da  - NEVER EXPIRES        -D-  srv", "e4115bada5da", "ACTIVE", "DHCP", "srv"),
        ("e4-11-5b-ad-a5-da   - INACTIVE             -D-  srv", "e4115bada5da", "INACTIVE", "DHCP", "srv"),
        ("05-01-00-0a         - INACTIVE             -D-  BAD_ADDRESS", "0501000a", "DECLINED", "DHCP", "BAD_ADDRESS"),
        ("05-01-00-0a         - INACTIVE             -D", "0501000a", "DECLINED", "DHCP", ""),
        ("06-01-00-0a         - INACTIVE             -D", "0601000a", "INACTIVE", "DHCP", ""),
        ("52-41-53-20-d0-a6   - NEVER EXPIRES        -R-  a-D-b", "52415320d0a6", "ACTIVE", "RESERVATION", "a-D-b"),
        ("01                  - NEVER EXPIRES        -B-  x y", "01", "ACTIVE", "BOOTP", "x y"),
        ("0102                - NEVER EXPIRES        -N-", None, "", "", ""),
        (f"{'-'.join(['ab'] * 40)}-NEVER EXPIRES-N-name", "ab" * 40, "ACTIVE", "NONE", "name"),
        ("01-02-              - NEVER EXPIRES        -N-", "0102", "ACTIVE", "NONE", ""),
    ],
)
def test_undated_rows(read: Reader, tail: str, client: str | None, state: str, kind: str, name: str) -> None:
    if client is None:
        assert rules(read(f"{DATED}\n{START}{tail}")) == ["unreadable-lease"]
        return
    lease = read.row(START + tail)
    assert lease.scope_id == IPv4Address("10.0.0.0")
    assert (lease.client_id.octets.hex(), lease.expiry_s, lease.host_name) == (client, NEVER, name)
    assert (lease.state, lease.client_type) == (LeaseState[state], LeaseClientType[kind])


@pytest.mark.parametrize(
    "expiry",
    [
        "30.11.2026 07:29:13",
        "2026-11-30 7:29:13",
        "30-11-2026 7:29:13",
        "30/11/2026 7:29:13 am",
        "11/30/26 7:29:13 AM",
        "30. 11. 2026 7:29:13",
    ],
)
@pytest.mark.parametrize("gap", ["", "   ", "-", "- "])
def test_dates_right_behind_the_client_id(read: Reader, expiry: str, gap: str) -> None:
    lease = read.row(f"10.0.0.5 - 255.255.255.0 - 64-51-06-a1-66-11{gap}-{expiry}-D-pc-N-1")
    assert lease.client_id.octets.hex() == "645106a16611"
    assert (lease.expiry_s, lease.host_name) == (int(datetime(2026, 11, 30, 7, 29, 13, tzinfo=UTC).timestamp()), "pc-N-1")


def test_listings_of_several_scopes_in_one_file(read: Reader) -> None:
    other = "10.0.9.5        - 255.255.255.0  - 64-51-06-a1-66-b6   -11/29/2026 7:29:13 AM   -D-  pc9"
    listing = read((frame(DATED) + frame(other, scope="10.0.9.0") + frame(scope="10.0.8.0")).replace("\n", "\r\n"))
    assert [str(lease.scope_id) for lease in listing.leases.rows()] == ["10.0.0.0", "10.0.9.0"]
    assert listing.findings == ()


def test_localised_frame(read: Reader) -> None:
    text = frame(DATED).replace("Changed the current scope context to 10.0.0.0 scope", "Contexte actuel : étendue 10.0.0.0")
    text = text.replace("No of Clients(version 4): 1 in the Scope :", "Nombre de clients (version 4) : 1 dans l'étendue :")
    assert read(text.encode("cp850")).leases.address.tolist() == [0x0A000005]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(frame(DATED, count=2), "has 1 rows but says that there are 2", id="fewer rows than the total"),
        pytest.param(frame(DATED).partition("No of")[0], "has no total below it", id="cut before the total"),
        pytest.param(frame(DATED).partition("No of")[0] + frame(scope="10.0.8.0"), "has no total below it", id="one of two cut"),
    ],
)
def test_incomplete_listings_are_reported(read: Reader, text: str, problem: str) -> None:
    listing = read(text)
    (finding,) = listing.findings
    assert (finding.rule, finding.severity) == ("incomplete-listing", Severity.ERROR)
    assert problem in finding.message


def test_rows_alone_are_a_listing(read: Reader) -> None:
    assert rules(read(f"{DATED}\n{DATED}\n")) == []


def test_unreadable_rows_are_refused_and_counted_to_the_total(read: Reader) -> None:
    bad = [
        "10.0.0.6  255.255.255.0 cut here",
        "10.0.0.7        - 255.0.255.0    - 64-51-06-a1-66-b5   - NEVER EXPIRES   -D-  mask",
        "10.0.0.300      - 255.255.255.0  - 64-51-06-a1-66-b5   - NEVER EXPIRES   -D-  address",
        "10.0.0.8        - 255.255.255.0  - 64-51-06-a1-66-b5   - LONG AGO        -D-  expiry",
        "10.0.0.9        - 255.255.255.0  - 64-51-06-a1-66-b5   -11/31/2026 7:29:13 AM   -D-  date",
    ]
    listing = read(frame(DATED, *bad))
    assert len(listing.leases) == 1
    assert [(each.kind, each.key) for each in listing.not_carried] == [
        (ObjectKind.LEASE, address) for address in ("10.0.0.6", "10.0.0.7", "10.0.0.300", "10.0.0.8", "10.0.0.9")
    ]
    assert set(rules(listing)) == {"unreadable-lease"}
    assert sorted(place.line for finding in listing.findings for place in finding.places) == [9, 10, 11, 12, 13]


def test_time_zone_guess_is_reported_once(read: Reader) -> None:
    read.file.write_text(f"{DATED}\n{DATED}\n")
    assert rules(parse_show_clients(read.file, ReadOptions())) == ["guessed-time-zone"]


def test_ambiguous_dates_are_refused(read: Reader) -> None:
    with pytest.raises(InputError, match="whether the day"):
        read(DATED.replace("11/30", "11/10"))


@pytest.mark.parametrize(
    "text",
    [
        "prose\n",
        "Dhcp Server \\\\x Scope 10.0.0.0 set state 1\n",
        " 172.24.166.0   - 255.255.255.128-Active        -WLAN   -range\n",
        "    172.29.205.56     -    00-14-4f-40-e9-88-\n",
        "# Scope 10.0.0.0, Server x\n",
    ],
)
def test_other_text_is_refused(read: Reader, text: str) -> None:
    with pytest.raises(InputError):
        read(text)


def test_an_empty_scope_is_a_listing(read: Reader) -> None:
    listing = read(frame())
    assert len(listing.leases) == 0
    assert listing.findings == ()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 9), st.binary(max_size=5)), min_size=1, max_size=9))
def test_damaged_listings_are_read_or_refused(cuts: list[tuple[int, int, bytes]], tmp_path_factory: pytest.TempPathFactory) -> None:
    octets = bytearray(frame(*[DATED.replace("0.0.5 ", f"0.0.{n} ") for n in range(5, 12)]).encode())
    for at, length, replacement in cuts:
        octets[at : at + length] = replacement
    with suppress(InputError):
        listing = Reader(tmp_path_factory.mktemp("clients"))(bytes(octets))
        assert len(listing.leases) + len(listing.not_carried) <= 14


@pytest.mark.parametrize("row", ["10.0.0.5 - 255.255.255.0 - " + "11-" * 20_000, "10.0.0.5 " * 20_000, "1" * 100_000 + " 10.0.0.1"])
def test_hostile_rows_take_linear_time(read: Reader, row: str) -> None:
    assert len(read(f"{DATED}\n{row}\n").leases) == 1
