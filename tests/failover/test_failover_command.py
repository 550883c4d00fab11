"""`python -m migrate.failover`: decode | encode gives the same bytes, and a bad line is an answer, not an end."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
from captured import STORIES, all_messages, story
from hypothesis import assume, given
from hypothesis import strategies as st
from message_strategies import messages

from migrate.failover.__main__ import hex_line, json_line, main
from migrate.failover.codec import encode
from migrate.failover.codes import Profile
from migrate.failover.errors import ProtocolError

PROFILES = pytest.mark.parametrize("profile", list(Profile), ids=lambda profile: profile.value)


def run(*arguments: str, stdin: str | bytes) -> tuple[int, list[str]]:
    """In a process of its own."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run([sys.executable, "-m", "migrate.failover", *arguments], input=data, capture_output=True, check=False)
    assert done.stderr == b""
    return done.returncode, done.stdout.decode().splitlines()


@PROFILES
def test_all_captured_messages_through_both_commands(profile: Profile) -> None:
    hexes = [captured.hex for captured in all_messages()]
    status, lines = run("decode", "--profile", profile.value, stdin="\n".join(hexes))
    assert (status, len(lines)) == (0, len(hexes))
    assert run("encode", "--profile", profile.value, stdin="\n".join(lines)) == (0, hexes)


@pytest.mark.parametrize("name", STORIES)
def test_decode_shows_the_fields(name: str) -> None:
    for captured in story(name):
        shown = json.loads(json_line(captured.hex, Profile.ISC))
        assert shown["type"] == captured.type
        assert (shown["time"], shown["xid"], shown["payload_offset"]) == (captured.time, captured.xid, captured.payload_offset)
        assert shown["length"] == len(captured.data)
        assert [[option["code"], option["value"]] for option in shown["options"]] == captured.options


HEADER = {"payload_offset": 12, "time": 1795451267, "xid": 109}
GOLDEN = [
    (
        "names, meanings, unknown options",
        Profile.ISC,
        "001e040c6b0469830000006d000200040a4d0064001500011200630001ff",
        {
            "type": "BNDACK",
            "length": 30,
            **HEADER,
            "options": [
                {"code": 2, "name": "assigned-IP-address", "value": "10.77.0.100"},
                {"code": 21, "name": "reject-reason", "value": 18, "meaning": "hash bucket conflict"},
                {"code": 99, "hex": "ff"},
            ],
        },
    ),
    (
        "a batch behind a longer header",
        Profile.WINDOWS,
        "0040030e6b0469830000006ddead000200040a4d0064000300010100210004ffffff00001f0006680031000000"
        "000200040a4d00650003000102000c00020000",
        {
            "type": "BNDUPD",
            "length": 64,
            **HEADER,
            "payload_offset": 14,
            "extra_header": "dead",
            "options": [
                {"code": 2, "name": "assigned-IP-address", "value": "10.77.0.100"},
                {"code": 3, "name": "binding-status", "value": 1},
                {"code": 33, "name": "MS-client-subnet-mask", "value": "255.255.255.0"},
                {"code": 31, "name": "MS-client-name", "value": "h1"},
                {"code": 2, "name": "assigned-IP-address", "value": "10.77.0.101"},
                {"code": 3, "name": "binding-status", "value": 2},
                {"code": 12, "name": "IP-flags", "value": 0},
            ],
        },
    ),
    ("a type without a name", Profile.ISC, "000cc80c6b0469830000006d", {"type": 200, "length": 12, **HEADER, "options": []}),
    (
        "an option that dhcpd does not read",
        Profile.ISC,
        "0019030c6b0469830000006d000200040a4d006400210001ff",
        {
            "type": "BNDUPD",
            "length": 25,
            **HEADER,
            "options": [
                {"code": 2, "name": "assigned-IP-address", "value": "10.77.0.100"},
                {"code": 33, "name": "MS-client-subnet-mask", "hex": "ff"},
            ],
        },
    ),
]


@pytest.mark.parametrize(("profile", "digits", "shown"), [row[1:] for row in GOLDEN], ids=[row[0] for row in GOLDEN])
def test_golden(profile: Profile, digits: str, shown: dict[str, object]) -> None:
    assert json.loads(json_line(digits, profile)) == shown
    assert hex_line(json.dumps(shown), profile) == digits
    assert list(json.loads(json_line(digits, profile))) == list(shown)


@PROFILES
@given(data=st.data())
def test_encode_undoes_decode(profile: Profile, data: st.DataObject) -> None:
    try:
        digits = encode(data.draw(messages(profile)), profile).hex()
    except ProtocolError:
        assume(False)
    line = json_line(digits, profile)
    assert line.isascii()
    assert "\n" not in line
    assert hex_line(line, profile) == digits


@pytest.mark.parametrize(
    "written",
    ["000c0b0c6b04680e00000007", "000C0B0C6B04680E00000007", "00:0c:0b:0c:6b:04:68:0e:00:00:00:07", " 000c0b0c 6b04680e 00000007 "],
)
def test_hexadecimal_may_be_written_in_groups(written: str) -> None:
    assert run("decode", stdin=written) == (0, [json_line("000c0b0c6b04680e00000007", Profile.ISC)])


CONTACT = '{"type": "CONTACT", "time": 1, "xid": 2, "options": []}'

BAD_LINES = [
    ("decode", b"", "empty line"),
    ("decode", b"000c0b0c6b04680e000000", "11 of the 12 header bytes"),
    ("decode", b"000c0b0c6b04680e0000000", "not pairs of hexadecimal digits"),
    ("decode", b"hello", "'hello', not pairs of hexadecimal digits"),
    ("decode", b"\xff\xfe", "not pairs of hexadecimal digits"),
    ("decode", "\u0660\u0661".encode(), "not pairs of hexadecimal digits"),
    ("decode", b"000c0b086b04680e00000007", "payload offset 8 lies inside"),
    ("decode", b"ff" * 100000, "message length 65535 is more than"),
    ("encode", b"", "not JSON"),
    ("encode", b"[]", "not a JSON object"),
    ("encode", b"[" * 100000, "not JSON"),
    ("encode", b'{"line": 1, "error": "empty line"}', "not a message but an error: empty line"),
    ("encode", b'{"time": 1, "xid": 2, "options": []}', "type is missing"),
    ("encode", b'{"type": "CONTACT", "xid": 2, "options": []}', "time is missing"),
    ("encode", b'{"type": "CONTACT", "time": 1.5, "xid": 2, "options": []}', "time is not of the right type"),
    ("encode", b'{"type": "CONTACT", "time": 1, "xid": "2", "options": []}', "xid is not of the right type"),
    ("encode", b'{"type": "CONTACT", "time": 1, "xid": 2}', "options is missing"),
    ("encode", b'{"type": "CONTACT", "time": 1, "xid": 2, "options": {}}', "options is not of the right type"),
    ("encode", b'{"type": "CONTACT", "time": 1, "xid": 2, "options": [3]}', "an option is not a JSON object"),
    ("encode", b'{"type": "CONTACT", "time": 1, "xid": 2, "options": [{"value": 3}]}', "code is missing"),
    ("encode", b'{"type": "CONTACT", "time": 1, "xid": 2, "options": [{"code": 15}]}', "option 15 has neither value nor hex"),
    ("encode", b'{"type": "CONTACT", "time": 1, "xid": 2, "options": [{"code": 15, "value": "1"}]}', "option 15 (MCLT) is '1'"),
    ("encode", b'{"type": "CONTACT", "time": 1, "xid": 2, "options": [{"code": 15, "hex": "00"}]}', "option 15 (MCLT) is 1 byte"),
    ("encode", b'{"type": "CONTACT", "time": 1, "xid": 2, "options": [{"code": 99, "value": "00"}]}', "option 99 has no kind"),
    ("encode", b'{"type": "CONTACT", "time": 1, "xid": 2, "options": [], "extra_header": 5}', "extra_header is 5, not hexadecimal"),
    ("encode", b'{"type": "BNDUP", "time": 1, "xid": 2, "options": []}', "'BNDUP' is none of POOLREQ, POOLRESP"),
    ("encode", b'{"type": 300, "time": 1, "xid": 2, "options": []}', "message type 300 does not exist"),
    ("encode", b'{"type": "CONTACT", "time": 99999999999, "xid": 2, "options": []}', "time 99999999999"),
]


@pytest.mark.parametrize(("command", "line", "words"), BAD_LINES, ids=[f"{row[0]}-{row[2][:40]}" for row in BAD_LINES])
def test_a_bad_line_is_answered_and_the_rest_goes_on(
    command: str, line: bytes, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = {"decode": b"000c0b0c0000000100000002", "encode": CONTACT.encode()}[command]
    stdin = io.TextIOWrapper(io.BytesIO(b"\n".join([good, line, good, b""])))
    monkeypatch.setattr("sys.stdin", stdin)
    assert main([command]) == 1
    first, bad, last = capsys.readouterr().out.splitlines()
    assert first == last
    assert "error" not in first
    shown = json.loads(bad)
    assert list(shown) == ["line", "error"]
    assert shown["line"] == 2
    assert words in shown["error"]


def test_errors_of_decode_pass_through_encode() -> None:
    digits = "000c0b0c6b04680e00000007"
    status, lines = run("decode", stdin=f"{digits}\nzz\n{digits}\n")
    assert (status, len(lines)) == (1, 3)
    status, back = run("encode", stdin="\n".join(lines))
    assert (status, back[0], back[2]) == (1, digits, digits)
    assert json.loads(back[1])["error"].startswith("not a message but an error: line is 'zz'")


def test_no_input_is_no_error() -> None:
    assert run("decode", stdin="") == (0, [])


@pytest.mark.parametrize("arguments", [[], ["decode", "--profile", "kea"], ["transcode"]])
def test_bad_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: python -m migrate.failover" in capsys.readouterr().err


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["00", "01:02", "NORMAL", "CONTACT"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["htype", "address", "type", "digest", "x"]), inner)
    ),
    max_leaves=5,
)
OPTION_OBJECTS = st.fixed_dictionaries(
    {"code": st.integers(0, 45) | JSON_VALUES}, optional={"value": JSON_VALUES, "hex": JSON_VALUES}
)
MESSAGE_OBJECTS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["CONTACT", "BNDUPD", 3]) | JSON_VALUES,
        "time": st.just(1) | JSON_VALUES,
        "xid": st.just(1) | JSON_VALUES,
        "options": st.lists(OPTION_OBJECTS, max_size=4) | JSON_VALUES,
    },
    optional={"extra_header": JSON_VALUES},
)


@PROFILES
@given(shown=MESSAGE_OBJECTS)
def test_any_json_is_encoded_or_refused(profile: Profile, shown: dict[str, object]) -> None:
    try:
        digits = hex_line(json.dumps(shown), profile)
    except ProtocolError as error:
        assert str(error)
    else:
        assert hex_line(json_line(digits, profile), profile) == digits
