"""What verify and diff print: literal text for small cases, and nothing from the inputs that could move the cursor."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from writers.sources import source_of

from migrate.compare.exports import diff
from migrate.compare.verification import verify
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.leases import Lease, LeaseTable
from migrate.model.option import OptionValue
from migrate.model.scope import Reservation, Scope
from migrate.model.server import Filters, Role, Server, ServerSetting
from migrate.model.target import Strategy, Target
from reports.comparison import Compared, write_difference, write_verification
from reports.text import plain_console

AS_OF = 1_763_661_600  # 2025-11-20T18:00:00Z
SCOPE_ID = IPv4Address("10.20.0.0")
SCOPE = Scope(
    scope_id=SCOPE_ID,
    subnet_mask=IPv4Address("255.255.255.0"),
    name="Office",
    range=AddressRange.parse("10.20.0.10", "10.20.0.200"),
    option_values=(OptionValue(option_id=3, values=("10.20.0.1",)),),
    policies=(),
)
SERVER = Server(
    name="dhcp01",
    settings=(ServerSetting(name="ConflictDetectionAttempts", value="1"),),
    policies=(),
    filters=Filters(),
    scopes=(SCOPE,),
)
ADDED = Reservation(ip_address=IPv4Address("10.20.0.8"), client_id=ClientId.parse("00-11-22-33-44-77"), name="copier")


def lease(number: int, client: int) -> Lease:
    return Lease(
        ip_address=SCOPE_ID + number, scope_id=SCOPE_ID, client_id=ClientId(bytes([0, 0, 0, 0, 0, client])), expiry_s=AS_OF + 3600
    )


def shown(primary: Server, secondary: Server, *, planned: tuple[Lease, ...] = (), fresh: tuple[Lease, ...] = ()) -> str:
    target = Target(as_of_s=AS_OF, strategy=Strategy.IN_PLACE, sources=(), relationships=(), server=SERVER, leased={})
    table = LeaseTable.of_rows(fresh)
    sources = {
        Role.PRIMARY: source_of(primary, table),
        Role.SECONDARY: source_of(replace(secondary, name="dhcp02"), table),
    }
    verification = verify(target, LeaseTable.of_rows(planned), sources, as_of_s=AS_OF)
    stream = io.StringIO()
    write_verification(plain_console(stream), verification, Compared(sources=sources))
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def part(text: str, title: str) -> str:
    """A table with its lead, from its title up to the empty line after it."""
    return text[text.index(title) :].split("\n\n")[0]


def test_counts_of_a_clean_pair() -> None:
    assert (
        shown(SERVER, SERVER)
        == """\
Objects
As the worse of the two partners has them.
Kind             Planned  As planned  Differ  Missing  Extra
Server settings        1           1       0        0      0
Option values          1           1       0        0      0
Filters                2           2       0        0      0
Scopes                 1           1       0        0      0

Leases
lost                    0
in use for two clients  0
new                     0

Clean: everything planned stands on both partners, and every lease moved on or is still there."""
    )


def test_deviations_and_the_way_to_replicate() -> None:
    changed = replace(
        SERVER,
        settings=(ServerSetting(name="ConflictDetectionAttempts", value="2"),),
        scopes=(replace(SCOPE, name="Offices", reservations=(ADDED,), option_values=()),),
    )
    text = shown(SERVER, changed)
    assert (
        part(text, "Not as planned")
        == """\
Not as planned
Scope         Kind            Object                     Setting  Planned      dhcp01       dhcp02
server level  server setting  ConflictDetectionAttempts  value    1            as planned   2
10.20.0.0     scope           10.20.0.0                  name     Office       as planned   Offices
10.20.0.0     option value    option 3                            10.20.0.1    as planned   (not there)
10.20.0.0     reservation     10.20.0.8                           (not there)  (not there)  00-11-22-33-44-77 copier"""
    )
    assert (
        part(text, "Replication")
        == """\
Replication
Towards the plan. Replication overwrites the other copy as a whole; to keep a change that was made since, turn it round.
Scope      Replicate from  Overwrites  Deletes, added since  With
10.20.0.0  dhcp01                   3  10.20.0.8             on dhcp01: Invoke-DhcpServerv4FailoverReplication -ScopeId 10.20.0.0"""
    )
    assert text.splitlines()[-2:] == [
        "Mismatch: 1 object missing, 2 settings not as planned, 1 object not in the plan.",
        "Failover replicates no server level and no superscope: set these on each partner by hand.",
    ]


def test_a_lost_lease_says_who_has_the_address_and_where_the_client_is() -> None:
    text = shown(SERVER, SERVER, planned=(lease(30, 1),), fresh=(lease(30, 2), lease(44, 1)))
    holder = "00-00-00-00-00-02 Active until 2025-11-20T19:00:00Z"
    row = part(text, "Leases that are wrong").splitlines()[-1]
    assert re.split(r" {2,}", row) == [
        "10.20.0.30", "10.20.0.0", "00-00-00-00-00-01", "2025-11-20T19:00:00Z", "lost", holder, holder, "10.20.0.44",
    ]  # fmt: skip
    assert "Mismatch: 1 lease lost." in text
    assert "--as-of" in text


@pytest.mark.parametrize("name", ["a\x1b[2Jb", "a\nb", "a\u202eb", "[red]a[/red]"], ids=["escape", "line-feed", "turned", "markup"])
def test_text_from_the_inputs_is_only_text(name: str) -> None:
    plain = shown(SERVER, replace(SERVER, scopes=(replace(SCOPE, name="ab"),)))
    hostile = shown(SERVER, replace(SERVER, scopes=(replace(SCOPE, name=name),)))
    assert len(hostile.splitlines()) == len(plain.splitlines())
    assert not {"\x1b", "\u202e"} & set(hostile)
    assert "[red]" not in name or name in hostile


def test_two_exports_side_by_side() -> None:
    first, second = source_of(SERVER), source_of(replace(SERVER, name="dhcp02", scopes=(replace(SCOPE, name="Offices"),)))
    sources = {Role.PRIMARY: first, Role.SECONDARY: second}
    stream = io.StringIO()
    write_difference(plain_console(stream), diff(first, second, as_of_s=AS_OF), Compared(sources=sources))
    text = "\n".join(line.rstrip() for line in stream.getvalue().splitlines())
    assert (
        part(text, "Differences")
        == """\
Differences
Scope      Kind   Object     Setting  dhcp01  dhcp02
10.20.0.0  scope  10.20.0.0  name     Office  Offices"""
    )
    assert text.splitlines()[-1] == "Not the same: 1 difference."


def test_a_scope_on_one_side_is_one_row() -> None:
    first, second = source_of(SERVER), source_of(replace(SERVER, name="dhcp02", scopes=()))
    for sources in ((first, second), (second, first)):
        stream = io.StringIO()
        compared = Compared(sources=dict(zip(Role, sources, strict=True)))
        write_difference(plain_console(stream), diff(*sources, as_of_s=AS_OF), compared)
        (row,) = part(stream.getvalue(), "Differences").splitlines()[2:]
        assert "10.20.0.0 and 1 object in it" in row


def test_two_dates_of_one_server_go_by_their_files() -> None:
    sources = {role: source_of(SERVER, path=path) for role, path in zip(Role, ("october.xml", "november.xml"), strict=True)}
    assert list(Compared(sources=sources).names.values()) == ["october.xml", "november.xml"]
