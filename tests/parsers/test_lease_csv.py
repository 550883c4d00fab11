"""Export-Csv and MMC lists: headings, separators, quoting, states, surplus fields, and damaged files."""

import csv
import io
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writers.servers import leases_of, servers, without_places

from migrate.errors import InputError
from migrate.model.leases import NEVER, Lease, LeaseClientType, LeaseState
from migrate.model.server import ObjectKind
from parsers.lease_csv import parse_lease_csv, read_heading
from parsers.result import LeaseListing, ReadOptions

ENGLISH = (
    "Client IP Address,Name,Lease Expiration,Type,Unique ID,Description,"
    "Network Access Protection,Probation Expiration,Filter Profile,Policy"
)
GERMAN = "IP-Adresse des Clients,Name,Leaseablaufdatum,Typ,Eindeutige Kennung,Beschreibung"
GERMAN_ROW = "10.0.0.5,pc5.example.com,30.11.2026 07:19:27,DHCP,00508b65d907,"
EXPIRY = int(datetime(2026, 11, 30, 7, 19, 27, tzinfo=UTC).timestamp())


class Reader:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "leases.csv"

    def __call__(self, *lines: str, encoding: str = "utf-8") -> LeaseListing:
        return self.octets("".join(f"{line}\r\n" for line in lines).encode(encoding))

    def octets(self, octets: bytes) -> LeaseListing:
        self.file.write_bytes(octets)
        return parse_lease_csv(self.file, ReadOptions(time_zone=UTC))

    def rows(self, *lines: str) -> list[Lease]:
        listing = self(*lines)
        assert listing.findings == ()
        return list(listing.leases.rows())


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def rules(listing: LeaseListing) -> list[str]:
    return [finding.rule for finding in listing.findings]


# --- headings and separators ---


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_delimiters_and_quotes(read: Reader, delimiter: str, quote: str) -> None:
    heading = ["ClientId", "HostName", "ipaddress", "Unheard", "SCOPEID", "LeaseExpiryTime", "AddressState", "ClientType"]
    fields = ["00-50-8b-65-d9-07", "pc5", "10.0.0.5", "x", "10.0.0.0", "11/30/2026 7:19:27 AM", "Active", "Dhcp"]
    (lease,) = read.rows(*(delimiter.join(f"{quote}{each}{quote}" for each in row) for row in (heading, fields)))
    assert (str(lease.ip_address), str(lease.scope_id), str(lease.client_id)) == ("10.0.0.5", "10.0.0.0", "00-50-8b-65-d9-07")
    assert (lease.host_name, lease.expiry_s, lease.client_type) == ("pc5", EXPIRY, LeaseClientType.DHCP)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(read: Reader, encoding: str) -> None:
    listing = read("ClientId,IPAddress,HostName", "0011,10.0.0.5,Büro", encoding=encoding)
    assert [lease.host_name for lease in listing.leases.rows()] == ["Büro"]


def test_subset_without_scope_state_or_date(read: Reader) -> None:
    (lease,) = read.rows("IPAddress,ClientId", "10.0.0.5,00508b65d907")
    assert (int(lease.scope_id), lease.state, lease.expiry_s) == (0, LeaseState.ACTIVE, NEVER)


def test_type_line_and_blank_lines(read: Reader) -> None:
    lines = (
        "#TYPE Microsoft.Management.Infrastructure.CimInstance#root/DhcpServerv4Lease",
        '"IPAddress","ClientId"',
        "",
        '"10.0.0.5","00"',
    )
    assert [lease.line for lease in read.rows(*lines)] == [4]


def test_joined_lists_with_other_columns(read: Reader) -> None:
    leases = read.rows("IPAddress,ClientId", "10.0.0.5,0011", "#TYPE X", "ClientId;HostName;IPAddress", "0022;pc6;10.0.0.6")
    assert [(str(lease.ip_address), lease.client_id.octets, lease.host_name) for lease in leases] == [
        ("10.0.0.5", b"\0\x11", ""),
        ("10.0.0.6", b"\0\x22", "pc6"),
    ]


@pytest.mark.parametrize("line", ["IPAddress,HostName", "ClientId", "", "10.0.0.5,0011", "IP Address - Unique ID"])
def test_no_heading(read: Reader, line: str) -> None:
    assert read_heading(line) is None
    with pytest.raises(InputError):
        read(line or "x", "10.0.0.5,0011")


# --- the management console ---


def test_german_list(read: Reader) -> None:
    dated, reserved, idle = read.rows(
        GERMAN,
        GERMAN_ROW,
        "10.0.0.6,ap,Reservierung (aktiv),DHCP,685d4351adcf,AP05",
        "10.0.0.7,ap,Reservierung (inaktiv),DHCP,685d4351adce,",
    )
    assert (dated.expiry_s, dated.state, dated.client_type) == (EXPIRY, LeaseState.ACTIVE, LeaseClientType.DHCP)
    assert (reserved.expiry_s, reserved.state, reserved.description) == (NEVER, LeaseState.ACTIVE_RESERVATION, "AP05")
    assert idle.state is LeaseState.INACTIVE_RESERVATION


def test_english_list(read: Reader) -> None:
    dated, reserved, bad = read.rows(
        ENGLISH,
        "10.0.0.5,pc5,11/30/2026 7:19:27 AM,DHCP,00508b65d907,,Full Access,N/A,None,Phones",
        "10.0.0.6,ap,Reservation (inactive),DHCP,00508b65d908,,Full Access,N/A,None,",
        "10.0.0.7,BAD_ADDRESS,11/30/2026 7:19:27 AM,DHCP,0700000a,This address is already in use,Full Access,N/A,None,",
    )
    assert (dated.expiry_s, dated.policy_name, dated.probation_ends_s) == (EXPIRY, "Phones", NEVER)
    assert reserved.state is LeaseState.INACTIVE_RESERVATION
    assert (bad.state, bad.client_id.octets, bad.description) == (
        LeaseState.DECLINED,
        b"\x07\0\0\x0a",
        "This address is already in use",
    )


def test_comma_in_the_last_column_belongs_to_the_description(read: Reader) -> None:
    (lease,) = read.rows(GERMAN, GERMAN_ROW + "Büro 3, links, Fenster")
    assert lease.description == "Büro 3, links, Fenster"


def test_comma_in_a_middle_column_is_reported(read: Reader) -> None:
    listing = read(ENGLISH, "10.0.0.5,pc5,11/30/2026 7:19:27 AM,DHCP,0050,Room 3, left,Full Access,N/A,None,Phones")
    (lease,) = listing.leases.rows()
    assert (lease.description, lease.policy_name) == ("Room 3, left", "Phones")
    assert rules(listing) == ["surplus-fields"]


def test_comma_before_the_checked_columns_refuses_the_row(read: Reader) -> None:
    listing = read(GERMAN, "10.0.0.5,pc,5,30.11.2026 07:19:27,DHCP,00508b65d907,", GERMAN_ROW)
    assert [each.key for each in listing.not_carried] == ["10.0.0.5"]
    assert rules(listing) == ["unreadable-lease"]


def test_surplus_without_a_description_column_is_dropped_only_when_empty(read: Reader) -> None:
    (lease,) = read.rows("IPAddress,ClientId", "10.0.0.5,0011,,")
    assert lease.client_id.octets == b"\0\x11"
    assert rules(read("IPAddress,ClientId", "10.0.0.5,0011,what")) == ["unreadable-lease"]


def test_short_rows_lack_their_last_columns(read: Reader) -> None:
    (lease,) = read.rows(GERMAN, GERMAN_ROW.rstrip(","))
    assert lease.description == ""


# --- quotes ---


def test_quoted_text_with_separator_quote_and_line_end(read: Reader) -> None:
    leases = read.rows('"Description","IPAddress","ClientId"', '"a, ""b""', 'second line","10.0.0.5","00"', '"","10.0.0.6","01"')
    assert [(lease.description, lease.line) for lease in leases] == [('a, "b"\nsecond line', 2), ("", 4)]


def test_a_quote_without_partner_swallows_no_rows(read: Reader) -> None:
    listing = read(GERMAN, GERMAN_ROW + '"19 inch', GERMAN_ROW.replace("0.5", "0.6"), GERMAN_ROW.replace("0.5", "0.7"))
    assert [str(lease.ip_address) for lease in listing.leases.rows()] == ["10.0.0.5", "10.0.0.6", "10.0.0.7"]
    assert rules(listing) == ["odd-quotes"]


# --- values ---


@pytest.mark.parametrize("state", list(LeaseState))
def test_state_words(read: Reader, state: LeaseState) -> None:
    (lease,) = read.rows("IPAddress,ClientId,AddressState", f"10.0.0.5,00,{state.word}")
    assert lease.state is state


def test_bad_address_is_declined_whatever_its_state(read: Reader) -> None:
    (lease,) = read.rows("IPAddress,ClientId,AddressState,HostName", "10.0.0.5,0500000a,Active,BAD_ADDRESS")
    assert lease.state is LeaseState.DECLINED


@pytest.mark.parametrize(
    ("client", "octets"),
    [
        ("00-50-8b", "00508b"),
        ("00508B", "00508b"),
        ("00:50:8b", "00508b"),
        ("0050.8b", "00508b"),
        ("ab" * 32, "ab" * 32),
        ("07", "07"),
    ],
)
def test_client_ids_of_any_length_and_spelling(read: Reader, client: str, octets: str) -> None:
    (lease,) = read.rows("IPAddress,ClientId", f"10.0.0.5,{client}")
    assert lease.client_id.octets.hex() == octets


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        ("10.0.0.256,00,Active,", "10.0.0.256"),
        ("10.0.5,00,Active,", "10.0.5"),
        ("10.0.0.5,,Active,", "no client id"),
        ("10.0.0.5,001,Active,", "'001'"),
        ("10.0.0.5,pc,Active,", "'pc'"),
        ("10.0.0.5,00,Sleeping,", "'Sleeping'"),
        ("10.0.0.5,00,Active,tomorrow", "tomorrow"),
    ],
)
def test_unreadable_rows_are_refused_and_reported(read: Reader, row: str, detail: str) -> None:
    listing = read("IPAddress,ClientId,AddressState,LeaseExpiryTime", "10.0.0.4,00,Active,30.11.2026 07:19:27", row)
    assert len(listing.leases) == 1
    assert [each.kind for each in listing.not_carried] == [ObjectKind.LEASE]
    (finding,) = listing.findings
    assert (finding.rule, finding.places[0].line) == ("unreadable-lease", 3)
    assert detail in finding.message


def test_many_unreadable_rows_make_one_finding(read: Reader) -> None:
    listing = read("IPAddress,ClientId", *["10.0.0.5,xx"] * 25)
    assert (len(listing.not_carried), len(listing.findings), len(listing.findings[0].places)) == (25, 1, 10)


def test_an_unknown_type_of_client_is_noted(read: Reader) -> None:
    listing = read("IPAddress,ClientId,ClientType", "10.0.0.5,00,Toaster", "10.0.0.6,01,Toaster")
    assert [lease.client_type for lease in listing.leases.rows()] == [LeaseClientType.UNSPECIFIED] * 2
    assert rules(listing) == ["unreadable-value"]


def test_ambiguous_dates_are_refused_unless_a_format_is_given(read: Reader) -> None:
    lines = ("IPAddress,ClientId,LeaseExpiryTime", "10.0.0.5,00,6/7/2026 1:00")
    with pytest.raises(InputError):
        read(*lines)
    listing = parse_lease_csv(read.file, ReadOptions(time_zone=UTC, date_format="%d/%m/%Y %H:%M"))
    assert [lease.expiry_s for lease in listing.leases.rows()] == [int(datetime(2026, 7, 6, 1, tzinfo=UTC).timestamp())]


# --- written and read again ---


PROPERTIES = {
    "IPAddress": "ip_address",
    "ScopeId": "scope_id",
    "AddressState": "state",
    "ClientId": "client_id",
    "ClientType": "client_type",
    "Description": "description",
    "HostName": "host_name",
    "LeaseExpiryTime": "expiry_s",
    "NapCapable": "nap_capable",
    "NapStatus": "nap_status",
    "PolicyName": "policy_name",
    "ProbationEnds": "probation_ends_s",
    "DnsRR": "dns_rr",
    "DnsRegistration": "dns_registration",
}


def exported(leases: list[Lease], delimiter: str) -> str:
    """As Export-Csv writes them: everything quoted, dates of a German session."""
    text = io.StringIO()
    writer = csv.DictWriter(text, PROPERTIES, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for lease in leases:
        writer.writerow({name: _written(getattr(lease, field)) for name, field in PROPERTIES.items()})
    return text.getvalue()


def _written(value: object) -> object:
    if isinstance(value, LeaseState | LeaseClientType):
        return value.word
    return _german(value) if type(value) is int else value


def _german(seconds: int) -> str:
    return "" if seconds == NEVER else f"{datetime.fromtimestamp(seconds, UTC):%d.%m.%Y %H:%M:%S}"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), delimiter=st.sampled_from(",;\t"))
def test_written_and_read_again_is_equal(data: st.DataObject, delimiter: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    leases = without_places(data.draw(leases_of(data.draw(servers()))))
    listing = Reader(tmp_path_factory.mktemp("csv")).octets(exported(leases, delimiter).encode())
    assert without_places(listing.leases) == leases
    assert listing.findings == ()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 9), st.binary(max_size=5)), min_size=1, max_size=9))
def test_damaged_lists_are_read_or_refused(cuts: list[tuple[int, int, bytes]], tmp_path_factory: pytest.TempPathFactory) -> None:
    octets = bytearray("\r\n".join([GERMAN, *(GERMAN_ROW.replace("0.5", f"0.{n}") for n in range(9))]).encode())
    for at, length, replacement in cuts:
        octets[at : at + length] = replacement
    with suppress(InputError):
        listing = Reader(tmp_path_factory.mktemp("csv")).octets(bytes(octets))
        assert len(listing.leases) + len(listing.not_carried) <= 18
