"""dry-run.json: everything a dry run found, the tables of scopes as columns and rows, because there may be a thousand of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from migrate.simulate.counterexample import Counterexample
from migrate.simulate.dry_run import DryRun, RelationshipRun
from migrate.simulate.endurance import Endurance
from migrate.simulate.invariants import INVARIANTS
from migrate.simulate.play import DrillOutcome, ScopeOutcome
from migrate.simulate.runbook import RunbookOutcome, StepOutcome
from migrate.simulate.sample import ScopeSample

FORMAT, VERSION = "unsplit-dry-run", 1

Json = dict[str, Any]


def dry_run_json(result: DryRun) -> Json:
    """For the json module as it is: text, numbers, lists and objects only, keys in a fixed order."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "as_of": datetime.fromtimestamp(result.as_of_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seed": result.seed,
        "strategy": result.strategy.value,
        "verdict": result.outcome.value,
        "faults": [f"{drill.relationship}/{drill.drill}" for drill in result.faults],
        "risks": [{"drill": f"{drill.relationship}/{drill.drill}", "why": drill.why} for drill in result.risks],
        "invariants": [
            {"invariant": name, "says": _first_sentence(INVARIANTS[name].__doc__), "checked": result.checked.get(name, 0)}
            for name in INVARIANTS
        ],
        "change_starts_from": "what each server hands out today" if result.knows_sources else "one server that serves everything",
        "relationships": [_relationship(run) for run in result.relationships],
    }


def _relationship(run: RelationshipRun) -> Json:
    return {
        "relationship": run.relationship,
        "mode": run.mode.value,
        "samples": _table(ScopeSample, run.samples),
        "drills": [_drill(drill) for drill in run.drills],
        "other_mode": [_drill(drill) for drill in run.other_mode],
        "change": None if run.runbook is None else _runbook(run.runbook),
        "wrong_orders": [{"order": wrong.name, **_runbook(wrong.outcome)} for wrong in run.wrong_orders],
        "endurance": _table(Endurance, run.endurance),
        "advice": list(run.advice),
    }


def _drill(drill: DrillOutcome) -> Json:
    return {
        "drill": drill.drill,
        "title": drill.title,
        "mode": drill.mode.value,
        "verdict": "broken" if drill.is_fault else "risk" if drill.tolerated else "holds",
        "why": drill.why,
        "played_s": drill.played_s,
        "events": drill.events,
        "checked": drill.checked,
        "broken": drill.broken,
        "windows_events": {
            role.value: {str(event_id): count for event_id, count in counts.items()}
            for role, counts in drill.windows_events.items()
        },
        "counters": {role.value: counts for role, counts in drill.counters.items()},
        "scopes": _table(ScopeOutcome, drill.scopes),
        "counterexample": None if drill.counterexample is None else _counterexample(drill.counterexample),
    }


def _counterexample(example: Counterexample) -> Json:
    return {**asdict(example), "commands": list(example.commands), "transcript": list(example.transcript)}


def _runbook(outcome: RunbookOutcome) -> Json:
    return {
        "strategy": outcome.strategy.value,
        "verdict": "broken" if outcome.is_fault else "holds",
        "steps": [_step(step) for step in outcome.steps],
        "checked": outcome.checked,
        "broken": outcome.broken,
        "victim": list(outcome.victim),
    }


def _step(step: StepOutcome) -> Json:
    return {name: _plain(getattr(step, name)) for name in _names(StepOutcome)}


def _table(record: type, rows: Iterable[object]) -> Json:
    names = _names(record)
    return {"columns": list(names), "rows": [[_plain(getattr(row, name)) for name in names] for row in rows]}


def _names(record: type) -> tuple[str, ...]:
    return tuple(column.name for column in fields(record))


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _first_sentence(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())
