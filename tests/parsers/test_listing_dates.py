"""Dates of every culture against datetime, the order of day and month, time zones, and what is no date."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.errors import InputError
from migrate.model.leases import NEVER
from parsers.listing_dates import UNREADABLE, read_instants
from parsers.result import ReadOptions

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(lambda instant: instant.replace(microsecond=0))
CULTURES = {
    "en-US": lambda t: f"{t.month}/{t.day}/{t.year} {t.hour % 12 or 12}:{t:%M:%S} {'AM' if t.hour < 12 else 'PM'}",
    "en-GB": lambda t: f"{t:%d/%m/%Y %H:%M:%S}",
    "en-AU": lambda t: f"{t.day}/{t:%m/%Y} {t.hour % 12 or 12}:{t:%M:%S} {'am' if t.hour < 12 else 'pm'}",
    "de-DE": lambda t: f"{t:%d.%m.%Y %H:%M:%S}",
    "de-DE short year": lambda t: f"{t:%d.%m.%y %H:%M:%S}",
    "cs-CZ": lambda t: f"{t.day}. {t.month}. {t.year} {t.hour}:{t:%M:%S}",
    "nl-NL": lambda t: f"{t.day}-{t.month}-{t.year} {t:%H:%M:%S}",
    "sv-SE": lambda t: f"{t:%Y-%m-%d %H:%M:%S}",
    "ja-JP": lambda t: f"{t:%Y/%m/%d} {t.hour}:{t:%M:%S}",
    "hu-HU": lambda t: f"{t:%Y. %m. %d.} {t.hour}:{t:%M:%S}",
    "it-IT old": lambda t: f"{t:%d/%m/%Y %H.%M.%S}",
    "recent Windows": lambda t: (
        f"{t.month}/{t.day}/{t.year}\u00a0{t.hour % 12 or 12}:{t:%M:%S}\u202f{'AM' if t.hour < 12 else 'PM'}"
    ),
    "es-MX": lambda t: f"{t:%d/%m/%Y} {t.hour % 12 or 12}:{t:%M:%S} {'a. m.' if t.hour < 12 else 'p. m.'}",
    "sortable": lambda t: f"{t:%Y-%m-%dT%H:%M:%S}",
    "round trip": lambda t: f"{t:%Y-%m-%dT%H:%M:%S}.0000000Z",
    "offset": lambda t: f"{t:%Y-%m-%dT%H:%M:%S}+00:00",
}


def seconds_of(texts: list[str], **options: object) -> list[int]:
    return read_instants(texts, ReadOptions(**options), Path("leases.csv")).seconds.tolist()  # type: ignore[arg-type]


def epoch(instant: datetime) -> int:
    return int(instant.replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize("culture", CULTURES)
@given(instants=st.lists(INSTANTS, max_size=5))
def test_dates_of_a_culture(culture: str, instants: list[datetime]) -> None:
    instants = [*instants, datetime(2026, 11, 30, 18, 45, 15)]
    assert seconds_of(list(map(CULTURES[culture], instants))) == list(map(epoch, instants))


@pytest.mark.parametrize("text", ["6/7/2026 7:29", "12/11/2026 1:00:00 PM", "1-2-2026 7:29"])
def test_day_and_month_that_cannot_be_told_apart(text: str) -> None:
    with pytest.raises(InputError) as raised:
        seconds_of([text, "5/5/2026 1:00"])
    assert raised.value.reference == "ambiguous-dates"
    assert text.split()[0] in raised.value.message
    assert "--date-format" in raised.value.hint


def test_one_date_settles_the_order_for_all() -> None:
    assert seconds_of(["6/7/2026 0:00", "13/7/2026 0:00"])[0] == epoch(datetime(2026, 7, 6))
    assert seconds_of(["6/7/2026 0:00", "7/13/2026 0:00"])[0] == epoch(datetime(2026, 6, 7))


def test_equal_day_and_month_need_no_order() -> None:
    assert seconds_of(["7/7/2026 0:00"]) == [epoch(datetime(2026, 7, 7))]


def test_two_orders_in_one_file_are_refused() -> None:
    with pytest.raises(InputError, match="two orders"):
        seconds_of(["13/7/2026 0:00", "7/13/2026 0:00"])


def test_nonsense_settles_nothing() -> None:
    with pytest.raises(InputError, match="whether the day"):
        seconds_of(["6/7/2026 0:00", "99/1/2026 0:00", "13/13/2026 0:00"])


@pytest.mark.parametrize(
    ("date_format", "text"),
    [
        ("%d/%m/%Y %I:%M:%S %p", "6/7/2026 7:29:13\u202fPM"),
        ("%m/%d/%Y %H:%M:%S", "7/6/2026 19:29:13"),
        ("%d %b %Y %H:%M:%S", "06 Jul 2026 19:29:13"),
        ("%Y%m%dT%H%M%S", "20260706T192913"),
        ("%d.%m.%y %H:%M:%S %z", "06.07.26 21:29:13 +0200"),
    ],
)
def test_written_format(date_format: str, text: str) -> None:
    assert seconds_of([text, "something else"], date_format=date_format) == [epoch(datetime(2026, 7, 6, 19, 29, 13)), UNREADABLE]


@pytest.mark.parametrize("date_format", ["%Q", "%H:%M", "no codes", "%d %d", "%d.%m %H"])
def test_a_format_that_holds_no_date_is_refused(date_format: str) -> None:
    with pytest.raises(InputError):
        seconds_of(["6/7/2026 7:29"], date_format=date_format)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "31.02.2026 1:00", "0.1.2026 1:00", "1.1.2026 25:00", "1.1.2026 1:60", "1.1.2026 13:00 PM", "1.1.2026 1:00 XM",
     "1.1.2026 1", "1.1", "1.1.2026.1 1:00", "12345.1.2026 1:00", "１.1.2026 1:00", "1.1.2026 1:00\n2", "1.1.2026 1:00 +9"],
)  # fmt: skip
def test_no_date(text: str) -> None:
    assert seconds_of([text, "31.12.2026 0:00"]) == [UNREADABLE, epoch(datetime(2026, 12, 31))]


def test_a_date_without_time_is_midnight() -> None:
    assert seconds_of(["31.12.2026"]) == [epoch(datetime(2026, 12, 31))]


def test_the_greatest_dates_mean_never() -> None:
    assert seconds_of(["9999-12-31 23:59:59", "12/31/9999 11:59:59 PM"]) == [NEVER, NEVER]
    assert seconds_of(["31/12/9999 23:59"], date_format="%d/%m/%Y %H:%M") == [NEVER]


def test_times_of_a_zone_against_datetime() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    local = [datetime(2026, 1, 1, 3), datetime(2026, 7, 1, 3), datetime(2026, 3, 29, 1, 59), datetime(2050, 7, 1)]
    expected = [int(instant.replace(tzinfo=berlin).timestamp()) for instant in local]
    assert seconds_of([f"{t:%d.%m.%Y %H:%M:%S}" for t in local], time_zone=berlin) == expected


def test_a_time_that_comes_twice_is_the_later_one() -> None:
    assert seconds_of(["25.10.2026 02:30:00"], time_zone=ZoneInfo("Europe/Berlin")) == [epoch(datetime(2026, 10, 25, 1, 30))]


def test_a_time_that_names_its_zone_is_not_moved() -> None:
    zone = timezone(timedelta(hours=5))
    texts = ["2026-07-06T12:00:00Z", "2026-07-06T12:00:00+02:00", "2026-07-06T12:00:00"]
    hours = [12, 10, 7]
    assert seconds_of(texts, time_zone=zone) == [epoch(datetime(2026, 7, 6, hour)) for hour in hours]


@pytest.mark.parametrize(
    ("texts", "time_zone", "expected"),
    [
        (["31.12.2026 1:00"], None, True),
        (["31.12.2026 1:00"], UTC, False),
        (["2026-12-31T01:00:00Z"], None, False),
        (["nothing"], None, False),
        ([], None, False),
    ],
)
def test_who_took_local_times_as_utc(texts: list[str], time_zone: timezone | None, expected: bool) -> None:
    assert read_instants(texts, ReadOptions(time_zone=time_zone), Path("x")).takes_local_as_utc is expected
