"""Lease durations: every spelling met in files, and the one that is written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.model.timespan import (
    UNLIMITED,
    UNLIMITED_SECONDS,
    UNLIMITED_TEXT,
    format_timespan,
    parse_timespan,
    seconds_of_timespan,
    timespan_of_seconds,
)

DURATIONS = st.integers(0, 9_999_999 * 86_400).map(lambda seconds: timedelta(seconds=seconds)) | st.just(UNLIMITED)


@given(DURATIONS)
def test_what_is_written_reads_back(duration: timedelta) -> None:
    assert parse_timespan(format_timespan(duration)) == duration


@given(st.integers(0, UNLIMITED_SECONDS))
def test_option_51_goes_there_and_back(seconds: int) -> None:
    assert seconds_of_timespan(timespan_of_seconds(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        pytest.param("8.00:00:00", timedelta(days=8), id="eight days"),
        pytest.param("08:00:00", timedelta(hours=8), id="no day part under a day"),
        pytest.param("1.0:0:0", timedelta(days=1), id="unpadded"),
        pytest.param("0.1:0:0", timedelta(hours=1), id="unpadded, no days"),
        pytest.param("3", timedelta(days=3), id="bare days"),
        pytest.param("8,03:14:12", timedelta(days=8, hours=3, minutes=14, seconds=12), id="comma"),
        pytest.param("00:00:30.9999999", timedelta(seconds=30), id="fraction is cut"),
        pytest.param(" 8.00:00 ", timedelta(days=8), id="no seconds, blanks around"),
        pytest.param(UNLIMITED_TEXT, UNLIMITED, id="greatest TimeSpan"),
        pytest.param("10000000.00:00:00", UNLIMITED, id="ten million days are for ever"),
        pytest.param("9999999.23:59:59", timedelta(days=9_999_999, hours=23, minutes=59, seconds=59), id="one second less"),
        pytest.param("999999999", UNLIMITED, id="a day count without sense"),
    ],
)
def test_spellings_met_in_the_field(text: str, duration: timedelta) -> None:
    assert parse_timespan(text) == duration


@pytest.mark.parametrize(
    "text", ["", "8 days", "24:00:00", "1.00:60:00", "00:00:60", "-1.00:00:00", "8.00", "1:2:3:4", "9999999999"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_timespan(text)


def test_unlimited_is_one_value_in_both_forms() -> None:
    assert seconds_of_timespan(UNLIMITED) == UNLIMITED_SECONDS == 4_294_967_295
    assert timespan_of_seconds(UNLIMITED_SECONDS) == UNLIMITED
    assert format_timespan(UNLIMITED) == UNLIMITED_TEXT
