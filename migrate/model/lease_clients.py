"""Client ids of many rows as one number each, so that a million of them compare as columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from migrate.model.leases import PackedColumn

Keys = npt.NDArray[np.uint64]

_SHORT = 7
"""Octets that fit beside their own count into 64 bits: every MAC address, and `01` + MAC."""
_LONG_MARK = np.uint64(0xFF << 56)


class ClientKeys:
    """Gives equal ids equal numbers and different ids different ones, exactly, over all columns it is asked about.

    An id of up to seven octets is its own number: its length in the top octet, its octets below. A longer one gets the next free
    number under a mark that no length reaches.
    """

    def __init__(self) -> None:
        self._long: dict[bytes, int] = {}

    def of_column(self, column: PackedColumn) -> Keys:
        lengths = column.lengths
        keys = np.zeros(len(lengths), np.uint64)
        for length in range(1, _SHORT + 1):
            rows = np.flatnonzero(lengths == length)
            if len(rows):
                octets = np.zeros((len(rows), 8), np.uint8)
                octets[:, 0] = length
                octets[:, 1 : length + 1] = column.data[column.starts[rows][:, None] + np.arange(length)]
                keys[rows] = octets.view(">u8")[:, 0]
        for row in np.flatnonzero(lengths > _SHORT).tolist():
            keys[row] = self._of_long(column[row])
        return keys

    def of_octets(self, octets: bytes) -> int:
        if len(octets) > _SHORT:
            return int(self._of_long(octets))
        return (len(octets) << 56) | int.from_bytes(octets.ljust(_SHORT, b"\0"))

    def _of_long(self, octets: bytes) -> np.uint64:
        return _LONG_MARK | np.uint64(self._long.setdefault(octets, len(self._long)))
