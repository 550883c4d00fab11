"""Two configurations object by object and setting by setting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address

from migrate.compare.allowances import comparable
from migrate.compare.objects import (
    KINDS,
    ConfiguredObject,
    Inventory,
    ObjectKey,
    Value,
    inventory,
    scope_of,
    spelled,
)
from migrate.model.origin import Origin
from migrate.model.server import ObjectKind, Server


class Outcome(StrEnum):
    """What became of an object, as the other side shows it."""

    SAME = "same"
    DIFFERS = "differs"
    MISSING = "missing"
    EXTRA = "extra"
    UNSAID = "not said"
    """The other side's source cannot say whether it has the object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One setting that differs, or with an empty `setting` one object that stands on one side only: then None is the side that
    lacks it, and the other has what it says in a few words."""

    kind: ObjectKind
    scope_id: IPv4Address | None
    key: str
    setting: str
    expected: str | None
    found: str | None
    places: tuple[Origin, ...] = field(default=(), compare=False)

    @property
    def outcome(self) -> Outcome:
        if self.setting:
            return Outcome.DIFFERS
        return Outcome.MISSING if self.found is None else Outcome.EXTRA


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """An object, or one setting of it, that is expected and of which the found side's source says nothing."""

    kind: ObjectKind
    scope_id: IPv4Address | None
    key: str
    setting: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    differences: tuple[Difference, ...]
    outcomes: Mapping[ObjectKey, Outcome]
    """Every object of either side, once."""
    unsaid: tuple[Unsaid, ...]

    def tally(self) -> dict[ObjectKind, Counter[Outcome]]:
        """Kinds of which neither side has any object are absent."""
        tally: dict[ObjectKind, Counter[Outcome]] = {}
        for key, outcome in self.outcomes.items():
            tally.setdefault(KINDS[key.kind], Counter())[outcome] += 1
        return tally


def compare_servers(expected: Server, found: Server) -> tuple[Difference, ...]:
    """In the order of kinds, scopes and objects. What Windows adds or changes by itself is no difference (`allowances`)."""
    return compare(expected, found).differences


def compare(expected: Server, found: Server) -> Comparison:
    return compare_inventories(*map(inventory, comparable(expected, found)))


def compare_inventories(expected: Inventory, found: Inventory) -> Comparison:
    """To the letter: no allowance is made."""
    objects = _with_paired_exclusions(expected.objects, found.objects)
    differences: list[Difference] = []
    unsaid: list[Unsaid] = []
    outcomes: dict[ObjectKey, Outcome] = {}
    for key in sorted({*expected.objects, *objects}):
        here, there = expected.objects.get(key), objects.get(key)
        if here and there:
            changes, silences = _compare_settings(key, here, there)
            differences += changes
            unsaid += silences
            outcomes[key] = Outcome.DIFFERS if changes else Outcome.SAME
        elif here and found.says(key):
            differences.append(_difference(key, here, "", here.summary, None, here.origin))
            outcomes[key] = Outcome.MISSING
        elif here:
            unsaid.append(_unsaid(key, here, ""))
            outcomes[key] = Outcome.UNSAID
        elif there and expected.says(key):
            differences.append(_difference(key, there, "", None, there.summary, there.origin))
            outcomes[key] = Outcome.EXTRA
    return Comparison(differences=tuple(differences), outcomes=outcomes, unsaid=tuple(unsaid))


def _compare_settings(key: ObjectKey, expected: ConfiguredObject, found: ConfiguredObject) -> tuple[list[Difference], list[Unsaid]]:
    changes, silences = [], []
    for setting, value in expected.settings.items():
        other = found.settings[setting]
        if value is None or value == other:
            continue
        if other is None:
            silences.append(_unsaid(key, expected, setting))
            continue
        changes.append(_difference(key, expected, setting, *_told_apart(value, other), expected.origin, found.origin))
    return changes, silences


def _told_apart(value: Value, other: Value) -> tuple[str, str]:
    """Spelled for people; in full where that would look the same, as one value with a comma does beside two values."""
    texts = spelled(value), spelled(other)
    return texts if texts[0] != texts[1] else (repr(value), repr(other))


def _difference(
    key: ObjectKey, named: ConfiguredObject, setting: str, expected: str | None, found: str | None, *places: Origin | None
) -> Difference:
    return Difference(
        kind=KINDS[key.kind],
        scope_id=scope_of(key),
        key=named.label,
        setting=setting,
        expected=expected,
        found=found,
        places=tuple(place for place in places if place),
    )


def _unsaid(key: ObjectKey, named: ConfiguredObject, setting: str) -> Unsaid:
    return Unsaid(kind=KINDS[key.kind], scope_id=scope_of(key), key=named.label, setting=setting)


# -- exclusion ranges -------------------------------------------------------------------------------------------------------------


def _with_paired_exclusions(
    expected: Mapping[ObjectKey, ConfiguredObject], found: Mapping[ObjectKey, ConfiguredObject]
) -> Mapping[ObjectKey, ConfiguredObject]:
    """A range that was moved, grown or shrunk goes by the expected range that it overlaps, so that it differs instead of being
    both missing and extra."""
    names = dict(_overlapping(_lone_exclusions(expected, found), _lone_exclusions(found, expected)))
    return {names.get(key, key): thing for key, thing in found.items()} if names else found


def _lone_exclusions(mine: Mapping[ObjectKey, ConfiguredObject], others: Mapping[ObjectKey, ConfiguredObject]) -> list[ObjectKey]:
    kind = KINDS.index(ObjectKind.EXCLUSION_RANGE)
    return sorted(key for key in mine if key.kind == kind and key not in others)


def _overlapping(expected: list[ObjectKey], found: list[ObjectKey]) -> Iterable[tuple[ObjectKey, ObjectKey]]:
    """Pairs (found, expected) of one scope, each range once; the ranges of a side do not overlap each other."""
    position = 0
    for other in found:
        while position < len(expected) and _ends_before(expected[position], other):
            position += 1
        if position < len(expected) and not _ends_before(other, expected[position]):
            yield other, expected[position]
            position += 1


def _ends_before(one: ObjectKey, other: ObjectKey) -> bool:
    return (one.scope, one.name[-1]) < (other.scope, other.name[0])
