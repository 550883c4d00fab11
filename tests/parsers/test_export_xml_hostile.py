"""Damaged, strange and hostile exports: a result with findings, or one clear refusal, and never anything else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from export_documents import (
    assert_conserved,
    counted_in,
    everything,
    export,
    kept_in,
    lease,
    leases,
    parse,
    places,
    rules,
    scope,
    scopes,
)
from test_export_xml import WHOLE

from migrate.errors import InputError
from migrate.model.server import ObjectKind
from parsers.export_xml import parse_export_xml, source
from parsers.result import ReadOptions

BAD = Path(__file__).parent.parent / "bad"
RESERVATION = "<Reservation><IPAddress>{}</IPAddress><ClientId>{}</ClientId>{}</Reservation>"
OPTION = "<OptionValues><OptionValue><OptionId>15</OptionId><Value>x</Value></OptionValue></OptionValues>"


@pytest.mark.parametrize("path", sorted(BAD.glob("*.xml")), ids=lambda path: path.stem)
def test_bad_files_are_refused_with_the_expected_words(path):
    """The .problem file holds the reference, the line, and words of the message."""
    reference, line, words = path.with_suffix(".problem").read_text(encoding="utf-8").strip().split("\n")
    with pytest.raises(InputError) as refused:
        parse_export_xml(path, ReadOptions(), name="dhcp")
    assert refused.value.reference == reference
    assert [place.line for place in refused.value.places] == [int(line)]
    assert words in refused.value.message
    assert refused.value.hint


def mutated(rng: random.Random, octets: bytes) -> bytes:
    damaged = bytearray(octets)
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(len(damaged))
        what = rng.randrange(7)
        if what == 0:
            del damaged[at:]
        elif what == 1:
            del damaged[at : at + rng.randrange(1, 40)]
        elif what == 2:
            damaged[at] = rng.randrange(256)
        elif what == 3:
            start = rng.randrange(len(damaged))
            damaged[at:at] = damaged[start : start + rng.randrange(200)]
        elif what == 4:
            damaged[at:at] = rng.choice(
                [b"<", b">", b"&", b"\0", b"<!--", b"]]>", b"<![CDATA[", b"</Lease>", b"</Leases>", b"<Leases>"]
            )
        elif what == 5:
            damaged[at:at] = rng.choice([b"&#0;", b"&foo;", b"&#xD800;", b"\xff\xfe", b"<?x?>", b"<!DOCTYPE a>", b"\xef\xbf\xbf"])
        else:
            digits = [position for position, octet in enumerate(damaged) if 48 <= octet <= 57] or [0]
            damaged[rng.choice(digits)] = rng.choice(b"0129x")
        if not damaged:
            break
    return bytes(damaged)


ROWS = leases(lease("10.1.0.20"), lease("10.1.0.21", HostName="R&amp;D"), lease("10.1.0.22", HostName="ü"))
FULL = WHOLE.replace("<Leases />", ROWS)


@pytest.mark.parametrize("seed", range(300))
def test_mutated_documents_give_a_result_or_a_refusal(tmp_path, monkeypatch, seed):
    rng = random.Random(seed)
    monkeypatch.setattr(source, "CHUNK_OCTETS", rng.choice([64, 1000, 1 << 20]))
    try:
        result = parse(tmp_path, mutated(rng, FULL.encode(rng.choice(["utf-8", "utf-8", "utf-16"]))))
    except InputError as refused:
        assert refused.places and refused.hint
    else:
        assert_conserved(result)


def test_every_truncation_is_refused(tmp_path):
    octets = FULL.encode()
    whole = len(octets.rstrip()) - 1
    for length in [*range(1, whole, 37), whole]:
        with pytest.raises(InputError):
            parse(tmp_path, octets[:length])


@pytest.mark.parametrize("cut", ["  <HostName>pc", "</Lease>\n<Lease>", "</Leases>"])
def test_truncation_names_the_last_line(tmp_path, cut):
    document = FULL[: FULL.index(cut)]
    with pytest.raises(InputError) as refused:
        parse(tmp_path, document)
    assert refused.value.reference == "truncated-input"
    assert refused.value.places[0].line == document.count("\n") + 1


@pytest.mark.parametrize(
    "octets",
    [
        FULL.encode("utf-8-sig"),
        FULL.encode("utf-16"),
        b"\xfe\xff" + FULL.encode("utf-16-be"),
        FULL.encode("utf-16-le"),
        FULL.replace("utf-8", "utf-16").encode("utf-16"),
        FULL.replace("utf-8", "utf-16").encode(),
        FULL.replace("\n", "\r\n").encode(),
        FULL.replace("utf-8", "windows-1252").replace("&#x201C;", "“").encode("cp1252"),
        FULL.split("\n", 1)[1].encode(),
    ],
    ids=[
        "BOM",
        "UTF-16",
        "UTF-16 BE",
        "UTF-16 no BOM",
        "UTF-16 declared",
        "UTF-16 declared only",
        "CRLF",
        "cp1252",
        "no declaration",
    ],
)
@pytest.mark.parametrize("chunk", [101, 1 << 20])
def test_encodings_and_line_ends_do_not_matter(tmp_path, monkeypatch, octets, chunk):
    expected = parse(tmp_path, FULL)
    monkeypatch.setattr(source, "CHUNK_OCTETS", chunk)
    found = parse(tmp_path, octets)
    assert found.server == expected.server
    assert kept_in(found) == kept_in(expected)
    if octets.lstrip(b"\xef\xbb\xbf").startswith(b"<?xml"):
        assert everything(found)[1:] == everything(expected)[1:]


@pytest.mark.parametrize("forbidden", ["\x00", "\x0b", "\x1f", "&#0;", "&#x1F;", "&#xD800;", "\uffff", "&#xFFFE;", "&#x110000;"])
@pytest.mark.parametrize("place", ["name", "lease"])
def test_forbidden_characters_are_replaced_and_reported(tmp_path, forbidden, place):
    if place == "name":
        document = scopes(scope(Name=f"Off{forbidden}ice"))
    else:
        document = scopes(scope(leases(lease("10.1.0.20"), lease("10.1.0.21", HostName=f"Off{forbidden}ice"))))
    result = parse(tmp_path, document)
    text = result.server.scopes[0].name if place == "name" else result.leases.row(1).host_name
    assert text == "Off\ufffdice"
    assert rules(result) == ["control-character"]
    assert places(result, "control-character") == [document.split(f"Off{forbidden}")[0].count("\n") + 1]


def test_allowed_references_are_decoded(tmp_path):
    assert parse(tmp_path, scopes(scope(Name="&#9;&#x20AC;&#x10FFFF;&amp;#0;"))).server.scopes[0].name == "\t€\U0010ffff&#0;"


REFUSED = {
    "reservation without an address": ("<Reservations>" + RESERVATION.format("", "00-01", OPTION) + "</Reservations>", 2),
    "reservation with a bad client id": ("<Reservations>" + RESERVATION.format("10.1.0.9", "zz", OPTION) + "</Reservations>", 2),
    "reservation twice": ("<Reservations>" + RESERVATION.format("10.1.0.9", "00", OPTION) * 2 + "</Reservations>", 2),
    "exclusion reversed": (
        "<ExclusionRanges><IPRange><StartRange>10.1.0.9</StartRange><EndRange>10.1.0.1</EndRange></IPRange></ExclusionRanges>",
        1,
    ),
    "option without an id": ("<OptionValues><OptionValue><Value>1</Value></OptionValue></OptionValues>", 1),
    "option twice": (OPTION * 2, 1),
    "option id too great": ("<OptionValues><OptionValue><OptionId>256</OptionId></OptionValue></OptionValues>", 1),
    "option of a reservation": (
        "<Reservations>"
        + RESERVATION.format("10.1.0.9", "00", "<OptionValues><OptionValue><Value>1</Value></OptionValue></OptionValues>")
        + "</Reservations>",
        1,
    ),
    "policy without an order": (f"<Policies><Policy><Name>p</Name><Condition>OR</Condition>{OPTION}</Policy></Policies>", 2),
}


@pytest.mark.parametrize(("contents", "refused"), REFUSED.values(), ids=REFUSED)
def test_unusable_object_is_refused_with_what_it_holds(tmp_path, contents, refused):
    document = scopes(scope(contents))
    result = parse(tmp_path, document)
    assert len(result.not_carried) == refused
    assert {str(each.scope_id) for each in result.not_carried} == {"10.1.0.0"}
    assert all(each.origin.line for each in result.not_carried)
    assert len(result.findings) == 1
    assert result.objects_read == dict(counted_in(document))
    assert_conserved(result)


@pytest.mark.parametrize(
    "broken",
    [
        {"scope_id": "10.1.0.7"},
        {"scope_id": ""},
        {"mask": "255.255.0.255"},
        {"mask": ""},
        {"mask": "0.0.0.0"},
    ],
    ids=["id no network", "no id", "mask with holes", "no mask", "mask of zeros"],
)
def test_scope_that_is_no_subnet_is_refused_with_all_it_holds(tmp_path, broken):
    contents = (
        ROWS
        + OPTION
        + f"<Reservations>{RESERVATION.format('10.1.0.9', '00', OPTION)}</Reservations><SuperScopeName>Campus</SuperScopeName>"
        "<ExclusionRanges><IPRange><StartRange>10.1.0.1</StartRange><EndRange>10.1.0.9</EndRange></IPRange></ExclusionRanges>"
    )
    document = scopes(scope(contents, **broken))
    result = parse(tmp_path, document)
    assert result.server.scopes == () and len(result.leases) == 0
    assert result.objects_read == dict(counted_in(document))
    assert_conserved(result)


def test_second_scope_of_an_id_is_refused(tmp_path):
    document = scopes(scope(ROWS + OPTION), scope(ROWS + OPTION, Name="again"))
    result = parse(tmp_path, document)
    assert [each.name for each in result.server.scopes] == ["Office"]
    assert [each.kind for each in result.not_carried] == [ObjectKind.SCOPE, ObjectKind.OPTION_VALUE, *[ObjectKind.LEASE] * 3]
    assert_conserved(result)


@pytest.mark.parametrize(
    ("changed", "attribute", "value"),
    [
        ({"LeaseDuration": "eight days"}, "lease_duration", None),
        ({"State": "Asleep"}, "state", "Active"),
        ({"Type": "Dhcpv6"}, "type", "Dhcp"),
        ({"StartRange": "10.1.0.999"}, "range", None),
        ({"EndRange": "10.1.0.1"}, "range", None),
        ({"Delay": "-1"}, "delay_ms", None),
        ({"NapEnable": "maybe"}, "nap_enable", None),
    ],
)
def test_scope_can_do_without_an_unreadable_value(tmp_path, changed, attribute, value):
    result = parse(tmp_path, scopes(scope(**changed)))
    assert getattr(result.server.scopes[0], attribute) == value
    assert rules(result) == ["unreadable-value"]
    assert_conserved(result)


def test_unknown_elements_are_reported_once_a_name_and_place(tmp_path):
    document = export(
        "<FailoverRelationships><Relationship/></FailoverRelationships><MulticastScopes><Scope /></MulticastScopes><Scopes>\n"
        + scope("<Colour>red</Colour><Leases><Stray/></Leases>")
        + "\n"
        + scope("<Colour>blue</Colour>", scope_id="10.2.0.0")
        + "</Scopes>",
        tail="<Extra/>",
    )
    result = parse(tmp_path, document)
    assert [finding.object for finding in result.findings] == [
        "DHCPServer/Extra",
        "IPv4/FailoverRelationships",
        "IPv4/MulticastScopes",
        "Leases/Stray",
        "Scope/Colour",
    ]
    lines = document.split("\n")
    assert ["Colour" in lines[place.line - 1] for place in result.findings[-1].places] == [True, True]
    assert result.objects_read[ObjectKind.UNKNOWN] == 4 and result.objects_read[ObjectKind.MULTICAST] == 1
    assert all(each.unsupported for each in result.not_carried)
    assert_conserved(result)


@pytest.mark.parametrize(
    "ipv4",
    [
        "<Scopes><Junk><Scope><ScopeId>10.1.0.0</ScopeId></Scope></Junk></Scopes>",
        "<Junk><Scopes>" + scope(ROWS) + "</Scopes></Junk>",
        "<Scopes><Scopes>" + scope(ROWS) + "</Scopes></Scopes>",
    ],
)
def test_objects_inside_unknown_elements_are_not_read(tmp_path, ipv4):
    result = parse(tmp_path, export(ipv4))
    assert result.server.scopes == () and len(result.leases) == 0
    assert result.objects_read == {ObjectKind.UNKNOWN: 1}


def test_attributes_are_reported(tmp_path):
    result = parse(
        tmp_path, scopes(scope(ROWS.replace("<Lease>", '<Lease kind="x">'), Name="n")).replace("<Name>", '<Name lang="de">')
    )
    assert [finding.object for finding in result.findings] == ["Lease/attribute kind", "Name/attribute lang"]
    assert len(result.leases) == 3


@pytest.mark.parametrize("text", ["a&foo;b", "&foo;"])
@pytest.mark.parametrize("where", ["name", "holder", "lease"])
def test_undefined_entity_is_refused(tmp_path, text, where):
    documents = {
        "name": scopes(scope(Name=text)),
        "holder": scopes(text, scope()),
        "lease": scopes(scope(leases(lease(HostName=text), lease("10.1.0.21")))),
    }
    with pytest.raises(InputError) as refused:
        parse(tmp_path, documents[where])
    assert refused.value.reference == "not-well-formed"


def test_depth_is_bounded(tmp_path):
    with pytest.raises(InputError):
        parse(tmp_path, export("<Scopes>" * 10000))


def test_repeated_value_is_reported_and_the_first_used(tmp_path):
    result = parse(tmp_path, scopes(scope("<Name>second</Name>")))
    assert result.server.scopes[0].name == "Office"
    assert rules(result) == ["duplicate-object"]


def test_setting_twice(tmp_path):
    result = parse(tmp_path, export("<NapEnabled>true</NapEnabled><NapEnabled>false</NapEnabled><ActivatePolicies />"))
    assert [(each.name, each.value) for each in result.server.settings] == [("NapEnabled", "true")]
    assert_conserved(result)
