"""The DNS dynamic-update settings of a level, which Windows keeps as a DWORD under option 81 (formats.md section 1.5)."""

from __future__ import annotations

from migrate.model.option import OptionValue

DEFAULT_FLAGS = 0x05
"""What holds where no level sets option 81."""
DYNAMIC_UPDATE = 0x01
DISCARD_ON_DELETE = 0x04

_WORDS = (
    (DYNAMIC_UPDATE, "dynamic update"),
    (0x02, "also for clients that do not ask"),
    (DISCARD_ON_DELETE, "records deleted with the lease"),
    (0x10, "always update both records"),
    (0x20, "name protection"),
    (0x40, "no PTR update"),
    (0x80, "own DNS suffix"),
)


def describe_flags(flags: int) -> str:
    """`0x05 (dynamic update, records deleted with the lease)`."""
    words = [word for bit, word in _WORDS if flags & bit]
    return f"0x{flags:02x} ({', '.join(words) or 'no dynamic update'})"


def flags_of(value: OptionValue | None) -> int:
    """The flags of an option 81 value; the default without one, or when it is no number."""
    return int(value.values[0]) if value and value.values and value.values[0].isdecimal() else DEFAULT_FLAGS
