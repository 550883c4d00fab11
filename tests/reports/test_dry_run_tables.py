"""The dry run in the workbook says what the run says, drill by drill and step by step."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrate.load import SourceRequest
from migrate.merge.settings import Settings
from migrate.model.server import Role
from migrate.pipeline import judge, load, rehearse
from migrate.simulate.drills import DRILLS
from migrate.simulate.dry_run import DryRun
from parsers.result import ReadOptions
from reports.tables.drills import dry_run_tables
from reports.verdict import RunRecord

STORY = Path(__file__).parents[2] / "samples" / "range-split-50-50" / "source"


@pytest.fixture(scope="module")
def run() -> DryRun:
    paths = zip(Role, sorted(STORY.iterdir()), strict=True)
    sources = load({role: SourceRequest(path=path) for role, path in paths}, ReadOptions())
    settings = Settings(as_of_s=1_795_197_600, primary_server="bgo-dhcp1", secondary_server="bgo-dhcp2")
    judged = rehearse(judge(sources, settings, RunRecord(command="migrate", version="0"), None))
    assert judged.rehearsal is not None
    assert judged.rehearsal.extent == "3 of 3 scopes"
    return judged.rehearsal.run


def test_every_drill_has_a_row_with_its_figures(run: DryRun) -> None:
    drills, *_ = dry_run_tables(run)
    (relationship,) = run.relationships
    assert [row[1] for row in drills.rows] == [drill.title for drill in relationship.drills]
    assert len(drills.rows) == len(DRILLS)
    assert sum(int(row[8] or 0) for row in drills.rows) == sum(sum(drill.checked.values()) for drill in relationship.drills)
    assert {row[2] for row in drills.rows} <= {"holds", "risk"}
    assert all(bool(row[9]) == (row[2] == "risk") for row in drills.rows)


def test_the_change_is_told_step_by_step(run: DryRun) -> None:
    _, _, change, endurance = dry_run_tables(run)
    (relationship,) = run.relationships
    assert relationship.runbook is not None
    assert [row[2] for row in change.rows] == [step.title for step in relationship.runbook.steps]
    assert [row[0] for row in endurance.rows] == ["10.50.0.0", "10.50.1.0", "10.50.2.0"]


def test_each_row_fits_its_columns(run: DryRun) -> None:
    assert all(len(row) == len(table.columns) for table in dry_run_tables(run) for row in table.rows)
