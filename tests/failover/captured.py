"""Messages captured between two dhcpd 4.4.3-P1, with what each holds: the files in `vectors`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "vectors"
STORIES = sorted(path.stem for path in FOLDER.glob("*.json"))


@dataclass(frozen=True)
class Captured:
    type: str
    payload_offset: int
    time: int
    xid: int
    options: list[list[object]]
    """Code and value, the value as `python -m migrate.failover decode` shows it."""
    hex: str

    @property
    def data(self) -> bytes:
        return bytes.fromhex(self.hex)


def story(name: str) -> list[Captured]:
    return [Captured(**message) for message in json.loads((FOLDER / f"{name}.json").read_text())["messages"]]


def all_messages() -> list[Captured]:
    return [message for name in STORIES for message in story(name)]


def only(type: str) -> list[Captured]:
    return [message for message in all_messages() if message.type == type]
