"""Columns of leases as text, many rows at a time: addresses, client ids, instants.

A million rows take about a second for all three; row by row through `ipaddress` and `datetime` it would be five. Callers
work in chunks, so that the text of a whole estate never stands in memory. Nothing here quotes or escapes: that is the
business of the format being written.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from migrate.model.leases import NEVER, PackedColumn

_LAST_OCTETS = tuple(map(str, range(256)))
_MINUTES = tuple(f"{minute // 60:02}:{minute % 60:02}:" for minute in range(24 * 60))
_SECONDS = tuple(f"{second:02}Z" for second in range(60))
"""Two small tables stay in the processor's cache; one of all seconds of a day does not, and is four times slower."""
_DAY_S = 24 * 60 * 60
_LATEST_S = int(np.datetime64("9999-12-31T23:59:59", "s").astype(np.int64))
_EARLIEST_S = int(np.datetime64("0001-01-01T00:00:00", "s").astype(np.int64))


def dotted_quads(addresses: npt.NDArray[np.uint32]) -> list[str]:
    networks: dict[int, str] = {}
    for network in np.unique(addresses >> 8).tolist():
        networks[network] = f"{network >> 16}.{network >> 8 & 255}.{network & 255}."
    return [networks[address >> 8] + _LAST_OCTETS[address & 255] for address in addresses.tolist()]


def hex_ids(column: PackedColumn, first: int = 0, last: int | None = None) -> list[str]:
    """The rows from `first` up to, not including, `last`, spelled as `ClientId` spells them: `00-15-5d-01-02-03`."""
    starts = column.starts[first : (len(column) if last is None else last) + 1]
    digits = "-" + column.data[int(starts[0]) : int(starts[-1])].tobytes().hex("-")
    bounds = ((starts - starts[0]) * 3).tolist()
    return [digits[start + 1 : stop] for start, stop in pairwise(bounds)]


def utc_texts(epoch_s: npt.NDArray[np.int64], separator: str = "T") -> list[str]:
    """`2026-11-20T18:00:00Z`, with `separator` between date and time; empty for NEVER.

    An instant outside the years 1 to 9999 is shown as the nearest one inside.
    """
    days, seconds = np.divmod(np.clip(epoch_s, _EARLIEST_S, _LATEST_S), _DAY_S)
    known_days = np.unique(days)
    written = np.datetime_as_string(known_days.astype("datetime64[D]")).tolist()
    dates = {day: date + separator for day, date in zip(known_days.tolist(), written, strict=True)}
    texts = [
        dates[day] + _MINUTES[second // 60] + _SECONDS[second % 60]
        for day, second in zip(days.tolist(), seconds.tolist(), strict=True)
    ]
    for row in np.flatnonzero(epoch_s == NEVER).tolist():
        texts[row] = ""
    return texts


def utc_text(epoch_s: int) -> str:
    """One instant for people; `no end` for NEVER."""
    return utc_texts(np.array([epoch_s], np.int64))[0] or "no end"
