"""Lease durations as .NET time spans, the way Windows writes them: `[d.]hh:mm:ss[.fffffff]`."""

from __future__ import annotations

import re
from datetime import timedelta

UNLIMITED = timedelta(days=10675199, hours=2, minutes=48, seconds=5)
"""A lease that never ends. Windows writes the greatest TimeSpan; every duration of ten million days or more reads as this."""

UNLIMITED_TEXT = "10675199.02:48:05.4775807"
UNLIMITED_SECONDS = 0xFFFFFFFF
"""The same in option 51."""

_TIMESPAN = re.compile(r"(?:(?P<days>\d{1,9})[.,])?(?P<hours>\d{1,2}):(?P<minutes>\d{1,2})(?::(?P<seconds>\d{1,2})(?:[.,]\d+)?)?")
_DAYS = re.compile(r"\d{1,9}")


def parse_timespan(text: str) -> timedelta:
    """From `8.00:00:00`, `08:00:00`, `1.0:0:0`, `8,03:14:12` or bare days (formats.md 1.8); fractions of a second are cut.

    Raises ValueError for anything else.
    """
    text = text.strip()
    if _DAYS.fullmatch(text):
        return _limited(timedelta(days=int(text)))
    match = _TIMESPAN.fullmatch(text)
    if not match:
        raise ValueError(f"not a duration of the form d.hh:mm:ss: {text!r}")
    days, hours, minutes, seconds = (int(match[name] or 0) for name in ("days", "hours", "minutes", "seconds"))
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(f"not a duration of the form d.hh:mm:ss: {text!r}")
    return _limited(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))


def timespan_of_seconds(seconds: int) -> timedelta:
    """From option 51, where 4294967295 stands for unlimited."""
    return UNLIMITED if seconds >= UNLIMITED_SECONDS else timedelta(seconds=seconds)


def seconds_of_timespan(duration: timedelta) -> int:
    return UNLIMITED_SECONDS if duration >= UNLIMITED else int(duration.total_seconds())


def format_timespan(duration: timedelta) -> str:
    """`d.hh:mm:ss`, without the day part below one day, as .NET does."""
    if duration >= UNLIMITED:
        return UNLIMITED_TEXT
    hours, rest = divmod(duration.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    clock = f"{hours:02}:{minutes:02}:{seconds:02}"
    return f"{duration.days}.{clock}" if duration.days else clock


def _limited(duration: timedelta) -> timedelta:
    return UNLIMITED if duration >= timedelta(days=10_000_000) else duration
