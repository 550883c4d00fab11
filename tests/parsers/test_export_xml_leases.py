"""Leases: what a row says, and that columns and rows say the same.

The parser has two ways to read leases. Taking the fast one away must change nothing, lines included, in any document.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from export_documents import assert_conserved, everything, lease, leases, parse, places, rules, scope, scopes

from migrate.model.leases import NEVER, LeaseClientType, LeaseState
from migrate.model.server import ObjectKind
from parsers.export_xml import lease_blocks, source
from parsers.export_xml.lease_tags import LeaseTagReader
from parsers.result import ReadOptions


def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LeaseTagReader, "read", lambda self, pieces: None)


@pytest.fixture(params=["columns", "rows"])
def way(request, monkeypatch):
    if request.param == "rows":
        slowly(monkeypatch)


def one(folder: Path, element: str, options: ReadOptions | None = None):
    result = parse(folder, scopes(scope(leases(element))), options)
    assert_conserved(result)
    return result


@pytest.mark.usefixtures("way")
def test_every_field(tmp_path):
    result = one(
        tmp_path,
        lease(
            "10.1.0.21",
            ClientId="01-00-15-5D-01-02-03-ff",
            HostName="R&amp;D &#xfc;ber ",
            Description="größer &lt;1",
            AddressState="ActiveReservation",
            ClientType="BootP",
            NapCapable="True",
            NapStatus="NoQuarInfo",
            ProbationEnds="2026-11-21 00:00:00Z",
            PolicyName="Lab",
            DnsRR="AandPTR",
            DnsRegistration="Pending",
        ),
    )
    (row,) = result.leases.rows()
    assert (str(row.ip_address), str(row.scope_id), str(row.client_id)) == ("10.1.0.21", "10.1.0.0", "01-00-15-5d-01-02-03-ff")
    assert (row.host_name, row.description) == ("R&D über ", "größer <1")
    assert (row.state, row.client_type, row.nap_capable) == (LeaseState.ACTIVE_RESERVATION, LeaseClientType.BOOTP, True)
    assert (row.nap_status, row.policy_name, row.dns_rr, row.dns_registration) == ("NoQuarInfo", "Lab", "AandPTR", "Pending")
    assert row.expiry_s == datetime(2026, 11, 20, 18, tzinfo=UTC).timestamp()
    assert row.probation_ends_s == datetime(2026, 11, 21, tzinfo=UTC).timestamp()
    assert row.path == str(tmp_path / "dhcp.xml")


INSTANTS = [
    ("2026-11-20 18:00:00Z", datetime(2026, 11, 20, 18, tzinfo=UTC)),
    ("2026-11-20T18:00:00Z", datetime(2026, 11, 20, 18, tzinfo=UTC)),
    ("2026-11-20T18:00:00+02:00", datetime(2026, 11, 20, 16, tzinfo=UTC)),
    ("2026-11-20 18:00:00 +0200", datetime(2026, 11, 20, 16, tzinfo=UTC)),
    ("2026-11-20T18:00:00.1234567Z", datetime(2026, 11, 20, 18, tzinfo=UTC)),
    ("2024-02-29 23:59:59Z", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
    ("2000-02-29 00:00:00Z", datetime(2000, 2, 29, tzinfo=UTC)),
    ("1969-12-31 23:59:58Z", datetime(1969, 12, 31, 23, 59, 58, tzinfo=UTC)),
    ("0001-01-01 00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    (" 2026-11-20 18:00:00Z ", datetime(2026, 11, 20, 18, tzinfo=UTC)),
    ("9999-12-31 23:59:59Z", None),
    ("9999-12-31T23:59:59.9999999", None),
    ("", None),
]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(("text", "expected"), INSTANTS, ids=[text.strip() or "empty" for text, _ in INSTANTS])
def test_instants(tmp_path, text, expected):
    result = one(tmp_path, lease(LeaseExpiryTime=text))
    assert int(result.leases.expiry_s[0]) == (
        int((expected - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) if expected else NEVER
    )
    assert rules(result) == []


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("zone", "hour", "expected_rules"),
    [(None, 18, ["guessed-time-zone"]), (timezone(timedelta(hours=1)), 17, [])],
    ids=["UTC by guess", "given zone"],
)
def test_instants_without_a_zone(tmp_path, zone, hour, expected_rules):
    rows = [
        lease("10.1.0.20"),
        lease("10.1.0.21", LeaseExpiryTime="2026-11-20 18:00:00"),
        lease("10.1.0.22", LeaseExpiryTime="2026-11-20T18:00:00"),
    ]
    result = parse(tmp_path, scopes(scope(leases(*rows))), ReadOptions(time_zone=zone))
    assert result.leases.expiry_s[1:].tolist() == [datetime(2026, 11, 20, hour, tzinfo=UTC).timestamp()] * 2
    assert rules(result) == expected_rules
    assert places(result, "guessed-time-zone") == list(result.leases.line[1:2])[: len(expected_rules)]


UNREADABLE = {
    "address missing": {"IPAddress": ""},
    "address of three parts": {"IPAddress": "10.1.0"},
    "address with a leading zero": {"IPAddress": "10.1.0.020"},
    "address beyond 255": {"IPAddress": "10.1.0.256"},
    "address of five parts": {"IPAddress": "10.1.0.2.1"},
    "address with an empty part": {"IPAddress": "10..0.21"},
    "scope id": {"ScopeId": "office"},
    "client id missing": {"ClientId": None},
    "client id with an odd digit": {"ClientId": "00-15-5"},
    "client id not hexadecimal": {"ClientId": "00-15-5g"},
    "state unknown": {"AddressState": "Sleeping"},
    "state missing": {"AddressState": None},
    "client type": {"ClientType": "Dhcpv6"},
    "flag": {"NapCapable": "perhaps"},
    "instant of a locale": {"LeaseExpiryTime": "11/20/2026 6:00 PM"},
    "no such day": {"LeaseExpiryTime": "2026-02-29 00:00:00Z"},
    "no such hour": {"LeaseExpiryTime": "2026-02-28 24:00:00Z"},
    "probation": {"ProbationEnds": "soon"},
}


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("changed", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable_row_is_refused_and_the_run_goes_on(tmp_path, changed):
    rows = [lease("10.1.0.20"), lease(**({"address": "10.1.0.21"} | changed)), lease("10.1.0.22")]
    result = parse(tmp_path, scopes(scope(leases(*rows))))
    assert [str(row.ip_address) for row in result.leases.rows()] == ["10.1.0.20", "10.1.0.22"]
    (refused,) = result.not_carried
    assert (refused.kind, refused.unsupported, str(refused.scope_id)) == (ObjectKind.LEASE, False, "10.1.0.0")
    assert rules(result) == ["unreadable-lease"]
    assert places(result, "unreadable-lease") == [refused.origin.line]
    assert_conserved(result)


@pytest.mark.usefixtures("way")
def test_scope_of_a_lease(tmp_path):
    rows = [
        lease("10.1.0.20"),
        lease("10.1.0.21", ScopeId=None),
        lease("10.1.0.22", ScopeId="10.9.0.0"),
        lease("10.9.0.23", ScopeId="10.9.0.0"),
        lease("10.9.0.24"),
    ]
    result = parse(tmp_path, scopes(scope(leases(*rows))))
    assert [(str(row.ip_address), str(row.scope_id)) for row in result.leases.rows()] == [
        ("10.1.0.20", "10.1.0.0"),
        ("10.1.0.21", "10.1.0.0"),
        ("10.1.0.22", "10.1.0.0"),
        ("10.9.0.24", "10.1.0.0"),
    ]
    assert [each.key for each in result.not_carried] == ["10.9.0.23"]
    assert rules(result) == ["misplaced-element"]
    assert len(places(result, "misplaced-element")) == 2
    assert_conserved(result)


@pytest.mark.usefixtures("way")
def test_leases_of_a_refused_scope_go_with_it(tmp_path):
    bad = scope(leases(lease("10.1.0.20"), lease("10.1.0.21")), mask="255.0.255.0")
    result = parse(tmp_path, scopes(bad, scope(leases(lease("10.1.0.22")))))
    assert [str(row.ip_address) for row in result.leases.rows()] == ["10.1.0.22"]
    assert [each.kind for each in result.not_carried] == [ObjectKind.SCOPE, ObjectKind.LEASE, ObjectKind.LEASE]
    assert_conserved(result)


@pytest.mark.usefixtures("way")
def test_unknown_field_is_reported_once_with_a_count(tmp_path):
    rows = [lease(f"10.1.0.{number}", ServerIP="10.0.0.1" if number > 20 else None) for number in range(20, 30)]
    result = parse(tmp_path, scopes(scope(leases(*rows))))
    assert len(result.leases) == 10
    (finding,) = result.findings
    assert finding.rule == "unknown-element" and finding.object == "Lease/ServerIP" and " 9 times" in finding.message
    assert result.objects_read[ObjectKind.UNKNOWN] == 1
    assert_conserved(result)


@pytest.mark.parametrize("place", ["before", "inside a lease", "between leases", "cdata", "hidden end"])
def test_comments_do_not_hide_or_make_leases(tmp_path, place):
    fake = "<!-- <Leases><Lease></Lease></Leases> -->"
    first, second = lease("10.1.0.20"), lease("10.1.0.21")
    documents = {
        "before": scope(fake + leases(first, second)),
        "inside a lease": scope(leases(first.replace("</HostName>", f"{fake}</HostName>"), second)),
        "between leases": scope(leases(first, fake, second)),
        "cdata": scope(leases(lease("10.1.0.20", HostName="<![CDATA[</Leases><Lease>]]>"), second)),
        "hidden end": scope(leases(first, "<!-- </Lease></Leases> -->", second)),
    }
    result = parse(tmp_path, scopes(documents[place]))
    assert [str(row.ip_address) for row in result.leases.rows()] == ["10.1.0.20", "10.1.0.21"]
    assert result.objects_read[ObjectKind.LEASE] == 2
    assert result.leases.row(0).host_name == ("</Leases><Lease>" if place == "cdata" else "pc-20")


def test_leases_elsewhere_are_no_leases(tmp_path):
    result = parse(tmp_path, scopes(leases(lease()), f"<Old>{scope(leases(lease()))}</Old>", scope(leases(lease("10.1.0.30")))))
    assert [str(row.ip_address) for row in result.leases.rows()] == ["10.1.0.30"]
    assert result.objects_read[ObjectKind.UNKNOWN] == 2
    assert_conserved(result)


HOST_NAMES = ["", "pc", "R&D <x>", "Büro 7", "名前", "a" * 70, "trailing ", "tab\tin", "𝔘", '"quoted"', "%3d", "\u0085", "]]"]
STATES = ["Active", "active", "Declined", "Expired", "Offered", "InactiveReservation", "Inactive", "Sleeping"]
TIMES = ["2026-11-20 18:00:00Z", "2026-11-21T01:02:03Z", "2026-12-01 00:00:00", "2026-11-20T18:00:00.5+01:00", "", "later"]
IDS = ["00-15-5d-01-02-03", "00155d010203", "01-00-15-5D-01-02-03", "52-41-53-20", "ff-" * 19 + "ff", "", "0g", "00:15:5d:01:02:03"]


def random_text(rng: random.Random, text: str) -> str:
    written = escape(text)
    if rng.random() < 0.1 and written:
        written += f"&#{rng.choice([65, 8364, 0x1F600, 9])};"
    if rng.random() < 0.02:
        written += "<![CDATA[<&]]>"
    if rng.random() < 0.02:
        written += "<!-- > -->"
    return written


def random_lease(rng: random.Random, address: str, indent: str) -> str:
    values = {
        "IPAddress": address,
        "ScopeId": rng.choice(["10.1.0.0"] * 9 + ["", "10.1.0.7 ", "x"]),
        "ClientId": rng.choice(IDS),
        "HostName": rng.choice(HOST_NAMES),
        "Description": rng.choice(HOST_NAMES),
        "AddressState": rng.choice(STATES),
        "ClientType": rng.choice(["Dhcp", "BootP", "bootp", "UnSpecified", "None", ""]),
        "LeaseExpiryTime": rng.choice(TIMES),
        "NapCapable": rng.choice(["true", "false", "False", "1", "0", "", "no"]),
        "NapStatus": rng.choice(["", "NoQuarInfo"]),
        "ProbationEnds": rng.choice(TIMES),
        "PolicyName": rng.choice(HOST_NAMES),
        "DnsRR": rng.choice(["", "A", "PTR"]),
        "DnsRegistration": rng.choice(["", "Complete"]),
        "ServerIP": "10.0.0.1",
    }
    names = [name for name in values if rng.random() < 0.9 and (name != "ServerIP" or rng.random() < 0.2)]
    if rng.random() < 0.1:
        rng.shuffle(names)
    if rng.random() < 0.03 and names:
        names.append(rng.choice(names))
    lines = []
    for name in names:
        text = random_text(rng, values[name])
        empty = rng.choice([f"<{name} />", f"<{name}/>", f"<{name}></{name}>"])
        lines.append(f"<{name}>{text}</{name}>" if text else empty)
    inner = "".join(f"{indent}  {line}" for line in lines)
    return f"{indent}<Lease>{inner}{indent}</Lease>"


def random_document(seed: int) -> str:
    rng = random.Random(seed)
    indent = rng.choice(["", "\n    ", "\n\t", "\r\n      "])
    is_plain = rng.random() < 0.5
    blocks = []
    for _ in range(rng.randrange(1, 5)):
        rows = []
        for _ in range(rng.randrange(0, 30)):
            address = f"10.1.{rng.randrange(2)}.{rng.randrange(256)}"
            row = lease(address, HostName=escape(rng.choice(HOST_NAMES[:7]))) if is_plain else random_lease(rng, address, indent)
            rows.append(row)
        if rng.random() < 0.2:
            rows.append(
                rng.choice(["<!-- </Leases> -->", "<?x </Lease>?>", "<Extra><Lease><IPAddress>1.2.3.4</IPAddress></Lease></Extra>"])
            )
            rng.shuffle(rows)
        blocks.append(scope(f"<Leases>{''.join(rows)}{indent}</Leases>", mask=rng.choice(["255.255.255.0", "255.255.0.0"])))
    blocks = [
        block.replace("10.1.0.0</ScopeId>\n<Name>", f"10.{number}.0.0</ScopeId>\n<Name>") for number, block in enumerate(blocks, 1)
    ]
    return scopes(*blocks)


@pytest.mark.parametrize("seed", range(60))
def test_fast_and_slow_way_agree(tmp_path, monkeypatch, seed):
    document = random_document(seed)
    rng = random.Random(f"sizes {seed}")
    monkeypatch.setattr(source, "CHUNK_OCTETS", rng.choice([50, 700, 5000, 1 << 20]))
    monkeypatch.setattr(lease_blocks, "PIECE_OCTETS", rng.choice([1, 400, 3000, 1 << 20]))
    fast = parse(tmp_path, document)
    assert_conserved(fast)
    slowly(monkeypatch)
    assert everything(parse(tmp_path, document)) == everything(fast)


def test_the_fast_way_is_taken(tmp_path, monkeypatch):
    """Else the test above would compare the slow way with itself."""
    document = scopes(scope(leases(*(lease(f"10.1.0.{number}", HostName="R&amp;D ü") for number in range(1, 200)))))
    fed: list[bytes] = []
    feed = lease_blocks.XmlFeed.feed
    monkeypatch.setattr(lease_blocks.XmlFeed, "feed", lambda self, octets: (fed.append(octets), feed(self, octets))[1])
    assert len(parse(tmp_path, document).leases) == 199
    assert b"IPAddress" not in b"".join(fed)


@pytest.mark.usefixtures("way")
def test_lines_stay_true_after_leases(tmp_path):
    rows = [lease(f"10.1.{number >> 8}.{number & 255}") for number in range(1, 9000)]
    reservation = "<Reservations><Reservation><IPAddress>10.1.0.7</IPAddress><ClientId>00</ClientId></Reservation></Reservations>"
    document = scopes(scope(leases(*rows) + reservation, mask="255.255.0.0"), scope(leases(lease()), scope_id="10.3.0.0"))
    result = parse(tmp_path, document)
    lines = document.split("\n")
    first, second = result.server.scopes
    assert "<Scope>" in lines[first.origin.line - 1] and "<Scope>" in lines[second.origin.line - 1]
    assert "<Reservation>" in lines[first.reservations[0].origin.line - 1]
    for row in (0, 1, 4000, 8998):
        found = result.leases.row(row)
        assert str(found.ip_address) in lines[found.line]
