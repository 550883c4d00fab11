"""IPv4 address ranges and sets: the arithmetic behind pools, exclusions and what a server serves.

Outside, ranges are inclusive and made of `IPv4Address`, as Windows shows them. Inside a set they are half-open integer
spans. Nothing here knows what a scope is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network


@dataclass(frozen=True, slots=True, order=True)
class AddressRange:
    """All addresses from `first` to `last`, both included. Raises ValueError when `last` lies before `first`."""

    first: IPv4Address
    last: IPv4Address

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"range ends before it starts: {self.first} - {self.last}")

    @classmethod
    def parse(cls, first: str, last: str) -> AddressRange:
        return cls(IPv4Address(first), IPv4Address(last))

    @property
    def address_count(self) -> int:
        return int(self.last) - int(self.first) + 1

    def __contains__(self, address: IPv4Address) -> bool:
        return self.first <= address <= self.last

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} - {self.last}"


Span = tuple[int, int]
"""Half-open: the first address, and the one after the last."""


class AddressSet:
    """An immutable set of IPv4 addresses.

    Invariant on `spans`, which every method relies on: sorted, not empty, and no two of them overlap or touch. Two sets are
    equal exactly when their spans are. A set has no truth value and no `len`: say `is_empty` or `address_count`.
    """

    __slots__ = ("spans",)
    spans: tuple[Span, ...]

    def __init__(self, ranges: Iterable[AddressRange] = ()) -> None:
        self.spans = _normal((int(r.first), int(r.last) + 1) for r in ranges)

    @classmethod
    def of_spans(cls, spans: Iterable[Span]) -> AddressSet:
        """From half-open spans in any order; they may overlap, empty ones are ignored."""
        return cls._of_normal(_normal(spans))

    @classmethod
    def _of_normal(cls, spans: tuple[Span, ...]) -> AddressSet:
        """From spans that keep the invariant already, as the pieces of an intersection or a difference do."""
        made = cls.__new__(cls)
        made.spans = spans
        return made

    @classmethod
    def of_addresses(cls, addresses: Iterable[IPv4Address]) -> AddressSet:
        return cls.of_spans((int(address), int(address) + 1) for address in addresses)

    @classmethod
    def of_network(cls, network: IPv4Network) -> AddressSet:
        """Every address of the subnet, its network and broadcast address included."""
        return cls.of_spans([(int(network.network_address), int(network.broadcast_address) + 1)])

    @property
    def ranges(self) -> tuple[AddressRange, ...]:
        """The set as maximal inclusive ranges, in order."""
        return tuple(AddressRange(IPv4Address(start), IPv4Address(stop - 1)) for start, stop in self.spans)

    @property
    def address_count(self) -> int:
        return sum(stop - start for start, stop in self.spans)

    @property
    def is_empty(self) -> bool:
        return not self.spans

    @property
    def hull(self) -> AddressRange | None:
        """The smallest range that holds the set; None when the set is empty."""
        if not self.spans:
            return None
        return AddressRange(IPv4Address(self.spans[0][0]), IPv4Address(self.spans[-1][1] - 1))

    def __or__(self, other: AddressSet) -> AddressSet:
        return AddressSet.of_spans((*self.spans, *other.spans))

    def __and__(self, other: AddressSet) -> AddressSet:
        mine, theirs, common = self.spans, other.spans, []
        i = j = 0
        while i < len(mine) and j < len(theirs):
            start = max(mine[i][0], theirs[j][0])
            stop = min(mine[i][1], theirs[j][1])
            if start < stop:
                common.append((start, stop))
            if mine[i][1] < theirs[j][1]:
                i += 1
            else:
                j += 1
        return AddressSet._of_normal(tuple(common))

    def __sub__(self, other: AddressSet) -> AddressSet:
        left: list[Span] = []
        holes, j = other.spans, 0
        for start, stop in self.spans:
            while j < len(holes) and holes[j][1] <= start:
                j += 1
            k = j
            while k < len(holes) and holes[k][0] < stop:
                if start < holes[k][0]:
                    left.append((start, holes[k][0]))
                start = holes[k][1]
                k += 1
            if start < stop:
                left.append((start, stop))
        return AddressSet._of_normal(tuple(left))

    def __contains__(self, address: IPv4Address) -> bool:
        number = int(address)
        return any(start <= number < stop for start, stop in self.spans)

    def covers(self, other: AddressSet) -> bool:
        return (other - self).is_empty

    def is_disjoint(self, other: AddressSet) -> bool:
        return (self & other).is_empty

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AddressSet) and self.spans == other.spans

    def __hash__(self) -> int:
        return hash(self.spans)

    def __bool__(self) -> bool:
        raise TypeError("an AddressSet has no truth value: ask is_empty or compare with another set")

    def __str__(self) -> str:
        return ", ".join(str(r) for r in self.ranges) or "(none)"

    def __repr__(self) -> str:
        return f"AddressSet({self})"


def _normal(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, stop in sorted(spans):
        if start >= stop:
            continue
        if merged and start <= merged[-1][1]:
            if stop > merged[-1][1]:
                merged[-1] = (merged[-1][0], stop)
        else:
            merged.append((start, stop))
    return tuple(merged)


EMPTY = AddressSet()
