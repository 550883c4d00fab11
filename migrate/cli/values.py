"""Option values of the command line that click has no type for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from ipaddress import AddressValueError, IPv4Address
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from migrate.model.timespan import parse_timespan

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")


class Duration(click.ParamType[timedelta]):
    """`90m`, `1h`, `2d`, `3600s`, or `d.hh:mm:ss` as Windows writes it. A bare number has no unit and is refused."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        if match := re.fullmatch(r"(\d{1,7})([smhd])", value.strip().lower()):
            return timedelta(seconds=int(match[1]) * _UNITS[match[2]])
        try:
            return parse_timespan(value if ":" in value else "")
        except ValueError:
            self.fail(f"{value!r} is no duration; write 60m, 1h or 01:00:00.", param, ctx)


class Instant(click.ParamType[int]):
    """An instant in ISO 8601, as seconds since 1970 UTC; without an offset it is UTC."""

    name = "timestamp"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            self.fail(f"{value!r} is no timestamp; write 2026-11-20T18:00:00Z.", param, ctx)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


class Zone(click.ParamType[tzinfo]):
    """A time zone by name (Europe/Berlin) or as an offset (+01:00)."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tzinfo:
        if isinstance(value, tzinfo):
            return value
        if value.upper() in ("UTC", "Z"):
            return UTC
        if match := _OFFSET.fullmatch(value):
            minutes = int(match[2]) * 60 + int(match[3])
            if minutes < 24 * 60:
                return timezone(timedelta(minutes=minutes if match[1] == "+" else -minutes))
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"{value!r} is no time zone; write Europe/Berlin or +01:00.", param, ctx)


class ScopeId(click.ParamType[IPv4Address]):
    name = "scope"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> IPv4Address:
        try:
            return IPv4Address(value)
        except AddressValueError:
            self.fail(f"{value!r} is no scope id; write its network address, such as 10.20.0.0.", param, ctx)
