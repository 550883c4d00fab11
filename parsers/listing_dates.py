"""Dates as lease listings print them: in the culture and, unless they say otherwise, the time zone of some Windows session.

All dates of a file are judged together, because one that is out of the question as a month settles the order of day and month for
the rest. Distinct days and distinct clock times are few, so each is read once and a million dates cost little more than a lookup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from enum import Enum
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from migrate.errors import InputError
from migrate.model.leases import NEVER, WordColumn
from migrate.model.origin import Origin
from parsers.instants import NEVER_YEAR
from parsers.result import ReadOptions

UNREADABLE = -(1 << 62)
"""Stands for the instant of a text that is no date."""

_ANY_TIME = datetime(2026, 11, 30, 18, 45, 15, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_NEVER_DAY = -(1 << 40)
_BAD = -(1 << 41)

_SPLIT = re.compile(r"(\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}\.?)(?:$|(?:[T,]|,? )\s*(.*))", re.ASCII)
_DATE = re.compile(r"(\d{1,4})([./-]) ?(\d{1,2})[./-] ?(\d{1,4})\.?", re.ASCII)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    r"(?: ?(?P<half>[AaPp])\.? ?[Mm]\.?)?(?: ?(?P<zone>[Zz]|[+-]\d\d:?\d\d))?",
    re.ASCII,
)
_UNUSUAL_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200e": None, "\u200f": None})


class DayOrder(Enum):
    DAY_FIRST = "%d/%m/%Y %H:%M:%S"
    MONTH_FIRST = "%m/%d/%Y %I:%M:%S %p"


@dataclass(frozen=True, slots=True)
class Instants:
    """`seconds` since 1970 UTC for each text, NEVER for the greatest dates there are, or UNREADABLE. `takes_local_as_utc` when
    one of them named no zone and the options name none either."""

    seconds: npt.NDArray[np.int64]
    takes_local_as_utc: bool


def read_instants(texts: Sequence[str], options: ReadOptions, path: Path) -> Instants:
    """Raises InputError when day and month cannot be told apart, unless `options.date_format` tells."""
    written = options.date_format and WrittenFormat(options.date_format)
    split = written.split if written else _split
    days, clocks = _columns(split(text) for text in texts)
    if written:
        day_of, clock_of = written.day, written.clock
    else:
        day_of, clock_of = partial(_usual_day, order=_order_of(days.words, path)), _usual_clock
    day_numbers = _table(map(day_of, days.words))
    clock_readings = [clock_of(word) for word in clocks.words]
    clock_seconds = _table(seconds for seconds, _ in clock_readings)
    is_local = _table(local for _, local in clock_readings).astype(np.bool_)
    day, clock = day_numbers[days.codes], clock_seconds[clocks.codes]
    seconds = np.where((day == _BAD) | (clock == _BAD), UNREADABLE, day * 86_400 + clock)
    seconds[(day == _NEVER_DAY) & (clock != _BAD)] = NEVER
    return _to_utc(seconds, is_local[clocks.codes], options.time_zone)


class WrittenFormat:
    """A strptime format, cut before its clock time so that both parts can be read once for all texts that share them."""

    def __init__(self, text: str) -> None:
        try:
            if datetime.strptime(_ANY_TIME.strftime(text), text).date() != _ANY_TIME.date():
                raise ValueError("it does not hold day, month and year")
        except (ValueError, re.error) as error:
            raise InputError(
                "bad-date-format",
                f"{text!r} is no date format: {error}.",
                hint=f'Use strptime codes, for example "{DayOrder.MONTH_FIRST.value}".',
            ) from None
        day, cut, clock = re.sub(r" +(?=%[HI])", "\n", text.strip(), count=1).partition("\n")
        self._day = day
        self._clock = clock if cut else day
        self._words_of_day = day.count(" ") + 1 if cut else None
        """None: day and clock time are not apart, and both are read from the whole text."""

    def split(self, text: str) -> tuple[str, str]:
        plain = _plain(text)
        if self._words_of_day is None:
            return plain, plain
        words = plain.split(" ")
        return " ".join(words[: self._words_of_day]), " ".join(words[self._words_of_day :]).strip()

    def day(self, text: str) -> int:
        try:
            instant = datetime.strptime(text, self._day)
        except ValueError:
            return _BAD
        return _day_number(instant.year, instant.month, instant.day)

    def clock(self, text: str) -> tuple[int, bool]:
        try:
            instant = datetime.strptime(text, self._clock)
        except ValueError:
            return _BAD, True
        offset = instant.utcoffset()
        seconds = instant.hour * 3600 + instant.minute * 60 + instant.second
        return (seconds, True) if offset is None else (seconds - int(offset.total_seconds()), False)


def _plain(text: str) -> str:
    return text.translate(_UNUSUAL_BLANKS).strip()


def _split(text: str) -> tuple[str, str]:
    """The text as day and clock time; a text that is no date has neither."""
    match = _SPLIT.fullmatch(text) or _SPLIT.fullmatch(_plain(text))
    return (match[1], match[2] or "") if match else ("", "")


def _columns(pairs: Iterable[tuple[str, str]]) -> tuple[WordColumn, WordColumn]:
    days, clocks = [], []
    for day, clock in pairs:
        days.append(day)
        clocks.append(clock)
    return WordColumn.of_values(days), WordColumn.of_values(clocks)


def _table(numbers: Iterable[int]) -> npt.NDArray[np.int64]:
    return np.fromiter(numbers, np.int64)


def _order_of(days: Iterable[str], path: Path) -> DayOrder:
    """The order of day and month in dates with slashes or dashes; dates with points, or with the year first, are clear."""
    numbers = [(int(match[1]), int(match[3]), match[0]) for day in days if (match := _DATE.fullmatch(day)) and _is_open(match)]
    day_first = next((text for one, two, text in numbers if two <= 12 < one <= 31), None)
    month_first = next((text for one, two, text in numbers if one <= 12 < two <= 31), None)
    if day_first and month_first:
        raise InputError(
            "mixed-date-formats",
            f"{path} has dates in two orders: {day_first} can only begin with the day, {month_first} only with the month.",
            hint="Export the list again in one session, or give the order that is right with --date-format.",
            places=[Origin(str(path))],
        )
    if not day_first and not month_first and (doubtful := next((text for one, two, text in numbers if one != two), None)):
        raise InputError(
            "ambiguous-dates",
            f"{path} has no date that shows whether the day or the month comes first, for example {doubtful}.",
            hint=f'Say it with --date-format "{DayOrder.DAY_FIRST.value}" or --date-format "{DayOrder.MONTH_FIRST.value}".',
            places=[Origin(str(path))],
        )
    return DayOrder.DAY_FIRST if day_first else DayOrder.MONTH_FIRST


def _is_open(match: re.Match[str]) -> bool:
    return match[2] != "." and len(match[1]) <= 2


def _usual_day(text: str, order: DayOrder) -> int:
    match = _DATE.fullmatch(text)
    if not match:
        return _BAD
    first, second, third = int(match[1]), int(match[3]), int(match[4])
    if len(match[1]) > 2:
        return _day_number(first, second, third)
    if _is_open(match) and order is DayOrder.MONTH_FIRST:
        return _day_number(third, first, second)
    return _day_number(third, second, first)


def _day_number(year: int, month: int, day: int) -> int:
    """Days since 1970, _NEVER_DAY from the year 9999 on, or _BAD; a year of two digits is of this century."""
    if year >= NEVER_YEAR:
        return _NEVER_DAY
    try:
        return date(year + 2000 if year < 100 else year, month, day).toordinal() - _EPOCH_DAY
    except ValueError:
        return _BAD


def _usual_clock(text: str) -> tuple[int, bool]:
    """Seconds from midnight to the clock time, in UTC where it names its zone, and whether it names none. No text is midnight."""
    if not text:
        return 0, True
    match = _CLOCK.fullmatch(text)
    if not match:
        return _BAD, True
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return _BAD, True
        hour = hour % 12 + (12 if match["half"] in "Pp" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return _BAD, True
    return hour * 3600 + minute * 60 + second - _offset_seconds(match["zone"]), match["zone"] is None


def _offset_seconds(zone: str | None) -> int:
    if zone is None or zone in "Zz":
        return 0
    offset = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return offset if zone[0] == "+" else -offset


def _to_utc(seconds: npt.NDArray[np.int64], is_local: npt.NDArray[np.bool_], time_zone: tzinfo | None) -> Instants:
    """Where the clock was set back and a time came twice, the later instant is meant: a lease must not end before its time."""
    open_rows = is_local & (seconds != UNREADABLE) & (seconds != NEVER)
    if time_zone is not None and open_rows.any():
        local = pd.DatetimeIndex(seconds[open_rows].astype("datetime64[s]"))
        is_summer_time = np.zeros(len(local), np.bool_)
        placed = local.tz_localize(time_zone, ambiguous=is_summer_time, nonexistent="shift_forward")
        seconds = seconds.copy()
        seconds[open_rows] = placed.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]").astype(np.int64)
    return Instants(seconds, takes_local_as_utc=time_zone is None and bool(open_rows.any()))
