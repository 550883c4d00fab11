"""Records as JSON objects and back, from one table of keys a record.

A `Codec` turns a value into what the json module writes, and what it reads into the value. Reading is strict: an unknown or
missing key, a wrong type and a value that the record itself refuses all raise Misfit, which names the place. Keys whose value
is None are left out; on reading, absent and null are both None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple

_SURROGATE = re.compile("[\ud800-\udfff]")


class Misfit(Exception):
    """`place` is a path such as `scopes[3].reservations[0].client_id`."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")


@dataclass(frozen=True, slots=True)
class Codec:
    to_json: Callable[[Any], Any]
    from_json: Callable[[Any, str], Any]
    """Takes the JSON value and its place."""


class Key(NamedTuple):
    """One key of an object. `get` takes its value from the record: by default, the attribute of that name."""

    name: str
    codec: Codec
    get: Callable[[Any], Any] | None = None
    optional: bool = False


def _plain(kind: type, name: str) -> Codec:
    def read(value: Any, place: str) -> Any:
        if type(value) is not kind:  # exactly: True is an int to Python, but not to us
            raise Misfit(place, f"{value!r} is not {name}")
        return value

    return Codec(lambda value: value, read)


def _read_text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise Misfit(place, f"{value!r} is not text")
    if _SURROGATE.search(value):
        raise Misfit(place, "the text holds half a surrogate pair")
    return value


TEXT = Codec(str, _read_text)
INTEGER = _plain(int, "an integer")
FLAG = _plain(bool, "true or false")


def spelled(parse: Callable[[str], Any], spell: Callable[[Any], str] = str) -> Codec:
    """A value written as text. `parse` raises ValueError for what it does not take."""

    def read(value: Any, place: str) -> Any:
        text = _read_text(value, place)
        try:
            return parse(text)
        except ValueError as error:
            raise Misfit(place, str(error)) from None

    return Codec(spell, read)


def word(kind: type[StrEnum]) -> Codec:
    return spelled(kind, lambda value: value.value)


def many(codec: Codec) -> Codec:
    """A tuple, as a list."""

    def read(value: Any, place: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Misfit(place, f"{value!r} is not a list")
        return tuple(codec.from_json(item, f"{place}[{index}]") for index, item in enumerate(value))

    return Codec(lambda items: [codec.to_json(item) for item in items], read)


def record(make: Callable[..., Any], *keys: Key) -> Codec:
    """An object with exactly these keys, written in this order; `make` gets their values by name and may raise ValueError."""
    getters = tuple((key, key.get or attrgetter(key.name)) for key in keys)
    known = frozenset(key.name for key in keys)

    def write(value: Any) -> dict[str, Any]:
        written = {}
        for key, get in getters:
            item = get(value)
            if item is not None or not key.optional:
                written[key.name] = key.codec.to_json(item)
        return written

    def read(value: Any, place: str) -> Any:
        item = as_object(value, place)
        for name in item:
            if name not in known:
                raise Misfit(_join(place, name), "there is no such key")
        values = {key.name: _read_key(key, item, place) for key in keys}
        try:
            return make(**values)
        except ValueError as error:
            raise Misfit(place, str(error)) from None

    return Codec(write, read)


def as_object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Misfit(place, f"{value!r} is not an object")
    return value


def _read_key(key: Key, item: Mapping[str, Any], place: str) -> Any:
    value = item.get(key.name)
    if value is None:
        if key.optional:
            return None
        raise Misfit(_join(place, key.name), "is missing")
    return key.codec.from_json(value, _join(place, key.name))


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
