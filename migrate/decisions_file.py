"""decisions.toml: written for a person to edit, read back as answers.

Each `[[decision]]` holds what is in question and an empty `choice`, or the answer that was given. Only answered decisions are
read back, with the alternatives they were given to, so that an answer to a conflict that has changed since is noticed.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from migrate.errors import InputError
from migrate.merge.settings import Answer
from migrate.model.decision import DecidedBy, Decision
from migrate.model.origin import Origin

_HEAD = """\
# Decisions of this migration. Edit `choice` (one of the names under `alternatives`), then run again with --decisions and this file.
# An empty choice leaves the default in force; where there is no default either, the decision is open and blocks the migration.
"""
_ID_LINE = re.compile(r'\s*id\s*=\s*"')


def decisions_toml(decisions: Iterable[Decision]) -> str:
    return "\n".join([_HEAD, *map(_table, decisions)])


def read_answers(path: Path) -> dict[str, Answer]:
    """The answered decisions by id. Raises InputError for a file that is not a decisions file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            "unreadable-decisions", f"The decisions file cannot be read: {error}", hint=_HINT, places=(Origin(str(path)),)
        ) from error
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _ID_LINE.match(line)]
    tables = document.get("decision", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InputError("unreadable-decisions", "`decision` is not an array of tables.", hint=_HINT, places=(Origin(str(path)),))
    answers: dict[str, Answer] = {}
    for number, table in enumerate(tables):
        origin = Origin(str(path), lines[number] if len(lines) == len(tables) else 0)
        decision_id, choice = _text(table, "id", origin), _text(table, "choice", origin)
        if decision_id in answers:
            raise InputError(
                "unreadable-decisions", f"The decision {decision_id!r} stands there twice.", hint=_HINT, places=(origin,)
            )
        if choice:
            alternatives = table.get("alternatives", {})
            if not isinstance(alternatives, dict):
                raise InputError(
                    "unreadable-decisions", f"`alternatives` of {decision_id!r} is no table.", hint=_HINT, places=(origin,)
                )
            answers[decision_id] = Answer(choice=choice, alternatives=alternatives, path=origin.path, line=origin.line)
    return answers


_HINT = "Take the decisions.toml of the last run and edit only the `choice` lines."


def _text(table: dict[str, Any], key: str, origin: Origin) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or (key == "id" and not value):
        raise InputError("unreadable-decisions", f"A decision without a text for `{key}`.", hint=_HINT, places=(origin,))
    return value


def _table(decision: Decision) -> str:
    answered = decision.decided_by in (DecidedBy.PERSON, DecidedBy.PREFER)
    fields = {
        "id": decision.id,
        "rule": decision.rule,
        "scope_id": str(decision.scope_id or ""),
        "object": decision.object,
        "default": decision.default,
        "choice": decision.choice if answered else "",
        "decided_by": decision.decided_by.value,
        "evidence": decision.evidence,
    }
    lines = ["[[decision]]", *(f"{name} = {_quoted(value)}" for name, value in fields.items()), "[decision.alternatives]"]
    lines += [f"{_key(name)} = {_quoted(value)}" for name, value in decision.alternatives.items()]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(value: str) -> str:
    """A TOML basic string: JSON's escapes, and DEL, which TOML wants escaped as well. Lone surrogates cannot be written."""
    return json.dumps(value.encode(errors="replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")
