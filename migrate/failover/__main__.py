"""`python -m migrate.failover decode` and `encode`: messages as hexadecimal, one a line, to JSON, one object a line, and back.

`decode | encode` gives the same bytes for every valid message. A line that cannot be read becomes an object with `error` and
`line`, the rest goes on, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from migrate.failover.codec import decode, encode
from migrate.failover.codes import HEADER_SIZE, MessageType, Profile, RejectReason
from migrate.failover.errors import ProtocolError
from migrate.failover.kinds import ANY_OCTETS, octets_of_hex
from migrate.failover.messages import Message, Option
from migrate.failover.options import OPTION_TABLES, OptionTable


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    profile = Profile(options.profile)
    convert: Callable[[str, Profile], str] = {"decode": json_line, "encode": hex_line}[options.command]
    status = 0
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        try:
            print(convert(raw.decode("utf-8", "replace").strip(), profile))
        except ProtocolError as error:
            print(json.dumps({"line": number, "error": str(error)}))
            status = 1
    return status


def json_line(line: str, profile: Profile) -> str:
    """One message in hexadecimal as a JSON object. Its `length`, `payload_offset`, `name` and `meaning` are for the reader only."""
    if not line:
        raise ProtocolError("empty line")
    try:
        data = octets_of_hex(line)
    except ValueError as error:
        raise ProtocolError(f"line {error}") from None
    message = decode(data, profile)
    shown: dict[str, object] = {
        "type": message.type.name if isinstance(message.type, MessageType) else message.type,
        "length": len(data),
        "payload_offset": HEADER_SIZE + len(message.extra_header),
        "time": message.time_s,
        "xid": message.xid,
    }
    if message.extra_header:
        shown["extra_header"] = message.extra_header.hex()
    shown["options"] = [_json_option(option, OPTION_TABLES[profile]) for option in message.options]
    return json.dumps(shown)


def hex_line(line: str, profile: Profile) -> str:
    """The message that a JSON object describes, in hexadecimal."""
    try:
        shown = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"not JSON: {error}") from None
    if not isinstance(shown, dict):
        raise ProtocolError("not a JSON object")
    if "error" in shown:
        raise ProtocolError(f"not a message but an error: {shown['error']}")
    message = Message(
        type=_message_type(_field(shown, "type", (str, int))),
        xid=_field(shown, "xid", int),
        time_s=_field(shown, "time", int),
        options=tuple(_option(item, OPTION_TABLES[profile]) for item in _field(shown, "options", list)),
        extra_header=_hex_field(shown, "extra_header") if "extra_header" in shown else b"",
    )
    return encode(message, profile).hex()


def _json_option(option: Option, table: OptionTable) -> dict[str, object]:
    spec = table.specs.get(option.code)
    shown: dict[str, object] = {"code": int(option.code)}
    if spec:
        shown["name"] = spec.name
    if spec is None or table.is_senseless(option.code, option.value):
        shown["hex"] = ANY_OCTETS.to_json(option.value)
    else:
        shown["value"] = spec.kind.to_json(option.value)
    if isinstance(option.value, RejectReason):
        shown["meaning"] = option.value.name.lower().replace("_", " ")
    return shown


def _option(item: object, table: OptionTable) -> Option:
    if not isinstance(item, dict):
        raise ProtocolError("an option is not a JSON object")
    code = _field(item, "code", int)
    if "hex" in item:
        return Option(code, table.decode(code, _hex_field(item, "hex")))
    if "value" not in item:
        raise ProtocolError(f"option {code} has neither value nor hex")
    return Option(code, table.value_of_json(code, item["value"]))


def _message_type(shown: str | int) -> MessageType | int:
    if isinstance(shown, int):
        return shown
    if shown not in MessageType.__members__:
        raise ProtocolError(f"type {shown!r} is none of {', '.join(MessageType.__members__)}")
    return MessageType[shown]


def _field(shown: Mapping[str, object], name: str, wanted: type | tuple[type, ...]) -> Any:
    if name not in shown:
        raise ProtocolError(f"{name} is missing")
    if not isinstance(shown[name], wanted):
        raise ProtocolError(f"{name} is not of the right type")
    return shown[name]


def _hex_field(shown: Mapping[str, object], name: str) -> bytes:
    try:
        return octets_of_hex(shown[name])
    except ValueError as error:
        raise ProtocolError(f"{name} {error}") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m migrate.failover", description="DHCPv4 failover messages, one a line on stdin."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (("decode", "hexadecimal to JSON"), ("encode", "JSON to hexadecimal")):
        command = commands.add_parser(name, help=words, description=words)
        command.add_argument(
            "--profile",
            choices=[profile.value for profile in Profile],
            default=Profile.ISC.value,
            help="whose rules apply: dhcpd's (the default) or Windows'",
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
