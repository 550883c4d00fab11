"""leases.csv holds the merged leases, and gives them back."""

from __future__ import annotations

import io
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writers.servers import leases_of, servers, without_places

from migrate.emit import leases_csv
from migrate.emit.leases_csv import COLUMNS, read_leases_csv, write_leases_csv
from migrate.errors import InputError
from migrate.model.client_id import ClientId
from migrate.model.leases import NEVER, Lease, LeaseState, LeaseTable, WordColumn

SCOPE_ID = IPv4Address("10.1.0.0")
LEASE = Lease(
    ip_address=IPv4Address("10.1.0.20"),
    scope_id=SCOPE_ID,
    client_id=ClientId.parse("00155d010203"),
    expiry_s=1_795_197_600,
    host_name="pc1",
)
HEADER = "ip_address,scope_id,client_id,host_name,state,lease_expiry_utc,client_type,description,source,reserved"


def written(leases: LeaseTable, source: list[str] | None = None, reserved: list[bool] | None = None) -> str:
    stream = io.StringIO(newline="")
    words = WordColumn.of_values(["primary"] * len(leases) if source is None else source)
    write_leases_csv(leases, words, np.array([False] * len(leases) if reserved is None else reserved, np.bool_), stream)
    return stream.getvalue()


def as_kept(row: Lease) -> Lease:
    """What of a lease the file keeps."""
    return replace(row, policy_name="", dns_rr="", dns_registration="", nap_capable=False, nap_status="", probation_ends_s=NEVER)


def test_a_file_as_text() -> None:
    leases = LeaseTable.of_rows(
        [
            LEASE,
            replace(
                LEASE,
                ip_address=IPv4Address("10.1.0.21"),
                client_id=ClientId(b"\x07\x0a"),
                state=LeaseState.ACTIVE_RESERVATION,
                expiry_s=NEVER,
                host_name='a "b", c',
                description="one\ntwo",
            ),
        ]
    )
    assert written(leases, ["primary", "both"], [False, True]) == (
        f"{HEADER}\r\n"
        "10.1.0.20,10.1.0.0,00-15-5d-01-02-03,pc1,Active,2026-11-20T18:00:00Z,Dhcp,,primary,false\r\n"
        '10.1.0.21,10.1.0.0,07-0a,"a ""b"", c",ActiveReservation,,Dhcp,"one\ntwo",both,true\r\n'
    )


def test_no_leases_are_a_header() -> None:
    assert written(LeaseTable.empty()) == HEADER + "\r\n"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.data())
def test_leases_are_read_back(tmp_path: Path, data: st.DataObject) -> None:
    leases = data.draw(leases_of(data.draw(servers())))
    path = tmp_path / "leases.csv"
    path.write_text(written(leases), "utf-8", newline="")
    assert without_places(read_leases_csv(path)) == [as_kept(row) for row in without_places(leases)]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "\x00\x1b", "\r", '"', ",", " x ", "🖨", "a\r\nb"])
def test_hostile_texts_are_kept_as_they_are(tmp_path: Path, name: str) -> None:
    path = tmp_path / "leases.csv"
    path.write_text(written(LeaseTable.of_rows([replace(LEASE, host_name=name, description=name)])), "utf-8", newline="")
    (row,) = read_leases_csv(path).rows()
    assert (row.host_name, row.description) == (name, name)


def test_rows_are_kept_in_order_however_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases_csv, "_ROWS_AT_A_TIME", 3)
    rows = [replace(LEASE, ip_address=SCOPE_ID + number, host_name=f"pc{number}") for number in range(10)]
    path = tmp_path / "leases.csv"
    path.write_text(written(LeaseTable.of_rows(rows)), "utf-8", newline="")
    read = read_leases_csv(path)
    assert without_places(read) == rows
    assert read.line.tolist() == list(range(2, 12))
    assert set(read.path.values()) == {str(path)}


ROW = "10.1.0.20,10.1.0.0,00-15-5d-01-02-03,pc1,Active,2026-11-20T18:00:00Z,Dhcp,,primary,false"
WRONG = {
    "empty": ("", 1, "the header is not"),
    "another header": ("IPAddress,ScopeId\r\n", 1, "the header is not"),
    "a short row": (f"{HEADER}\r\n{ROW}\r\n10.1.0.21,10.1.0.0\r\n", 3, "2 fields, not 10"),
    "a long row": (f"{HEADER}\r\n{ROW},x\r\n", 2, "11 fields, not 10"),
    "no address": (f"{HEADER}\r\n{ROW}\r\n{ROW.replace('10.1.0.20', '10.1.0.256')}\r\n", 3, "ip_address '10.1.0.256'"),
    "a short address": (f"{HEADER}\r\n{ROW.replace('10.1.0.0', '10.1')}\r\n", 2, "scope_id '10.1'"),
    "a leading zero": (f"{HEADER}\r\n{ROW.replace('10.1.0.20', '10.1.0.020')}\r\n", 2, "ip_address '10.1.0.020'"),
    "an odd client id": (f"{HEADER}\r\n{ROW.replace('00-15', '0-15')}\r\n", 2, "client_id '0-15-5d-01-02-03'"),
    "an unknown state": (f"{HEADER}\r\n{ROW.replace('Active', 'Alive')}\r\n", 2, "state 'Alive'"),
    "an unknown client type": (f"{HEADER}\r\n{ROW.replace('Dhcp', 'Ntp')}\r\n", 2, "client_type 'Ntp'"),
    "local time": (f"{HEADER}\r\n{ROW.replace('18:00:00Z', '18:00:00')}\r\n", 2, "lease_expiry_utc '2026-11-20T18:00:00'"),
    "an open quote": (f"{HEADER}\r\n{ROW.replace('pc1', chr(34) + 'pc1')}\r\n", 2, "unexpected end of data"),
}


@pytest.mark.parametrize(("text", "line", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_leases_csv_is_refused_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = tmp_path / "leases.csv"
    path.write_text(text, "utf-8", newline="")
    with pytest.raises(InputError) as refused:
        read_leases_csv(path)
    assert message in refused.value.message
    assert refused.value.places[0].line == line


def test_another_encoding_or_no_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "leases.csv"
    path.write_bytes(HEADER.encode("utf-16"))
    with pytest.raises(InputError, match="it is not UTF-8"):
        read_leases_csv(path)
    with pytest.raises(InputError, match="No such file"):
        read_leases_csv(tmp_path / "other.csv")


def test_the_columns_are_those_of_the_contract() -> None:
    assert ",".join(COLUMNS) == HEADER
