"""Reads the waivers file: an array of tables `[[waiver]]` in TOML.

[[waiver]]
rule = "offer-delay"
object = "10.20.0.0"
scope_id = "10.20.0.0"      # optional: only in this scope
reason = "agreed in change 4711"
until = 2026-12-31          # the last day on which it holds
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import Any

from migrate.checks.waivers import Waiver
from migrate.errors import InputError
from migrate.model.origin import Origin

_KEYS = ("rule", "object", "scope_id", "reason", "until")
_HEADER = re.compile(r"\s*\[\[\s*waiver\s*\]\]")


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """In the order of the file. Raises InputError for a file that is not a waivers file, or a waiver without a reason or an end."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _unreadable(f"The waivers file cannot be read: {error}", Origin(str(path))) from error
    tables = document.pop("waiver", [])
    if document or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise _unreadable("A waivers file holds `[[waiver]]` tables and nothing else.", Origin(str(path)))
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _HEADER.match(line)]
    origins = [Origin(str(path), line) for line in lines] if len(lines) == len(tables) else [Origin(str(path))] * len(tables)
    return tuple(_waiver(table, origin) for table, origin in zip(tables, origins, strict=True))


def _waiver(table: dict[str, Any], origin: Origin) -> Waiver:
    unknown = [key for key in table if key not in _KEYS]
    if unknown:
        raise _unreadable(f"A waiver has no key {unknown[0]!r}; it has {', '.join(_KEYS)}.", origin)
    return Waiver(
        rule=_text(table, "rule", origin),
        object=_text(table, "object", origin),
        reason=_text(table, "reason", origin),
        until=_date(table.get("until"), origin),
        scope_id=_scope_id(table.get("scope_id"), origin),
        origin=origin,
    )


def _text(table: dict[str, Any], key: str, origin: Origin) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _unreadable(f"A waiver needs a text for `{key}`.", origin)
    return value.strip()


def _date(value: object, origin: Origin) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise _unreadable("A waiver needs a date for `until`, such as 2026-12-31.", origin) from None


def _scope_id(value: object, origin: Origin) -> IPv4Address | None:
    if value in (None, ""):
        return None
    try:
        return IPv4Address(value if isinstance(value, str) else "")
    except AddressValueError:
        raise _unreadable(f"`scope_id` of a waiver is {value!r}; it is written like 10.20.0.0.", origin) from None


def _unreadable(message: str, origin: Origin) -> InputError:
    return InputError("unreadable-waivers", message, hint="findings.json has the rule and object of each.", places=(origin,))
