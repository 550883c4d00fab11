"""What the dry run showed: the drills, the change window step by step, and how long each scope lasts in an outage."""

from __future__ import annotations

from collections.abc import Iterator

from migrate.model.server import Role
from migrate.simulate.dry_run import DryRun
from migrate.simulate.play import DrillOutcome
from migrate.simulate.transcript import duration, elapsed
from reports.tables.table import Column, Kind, Table, Value


def dry_run_tables(run: DryRun) -> tuple[Table, ...]:
    return (_drills(run), _advice(run), _change(run), _endurance(run))


def _drills(run: DryRun) -> Table:
    return Table(
        sheet="Dry run",
        title="Drills",
        lead="Each drill plays the clients of the merged leases through one outage. Broken means that an invariant did not hold; a "
        "risk is broken on purpose, and says what it takes.",
        columns=(
            Column("Relationship"),
            Column("Drill", max_width=60),
            Column("Outcome"),
            Column("Served by primary", Kind.NUMBER),
            Column("Served by secondary", Kind.NUMBER),
            Column("Clients that waited", Kind.NUMBER),
            Column("Longest wait"),
            Column("Addresses lost", Kind.NUMBER),
            Column("Judgements", Kind.NUMBER),
            Column("What it takes", max_width=60),
        ),
        rows=[_drill_row(drill) for relationship in run.relationships for drill in relationship.drills],
        empty="No scope of the plan could be played.",
        fixed_columns=2,
    )


def _drill_row(drill: DrillOutcome) -> tuple[Value, ...]:
    return (
        drill.relationship,
        drill.title,
        "broken" if drill.is_fault else "risk" if drill.tolerated else "holds",
        sum(scope.served_by_primary for scope in drill.scopes),
        sum(scope.served_by_secondary for scope in drill.scopes),
        sum(scope.waited for scope in drill.scopes),
        duration(max((scope.longest_wait_s for scope in drill.scopes), default=0)),
        sum(scope.addresses_lost for scope in drill.scopes),
        sum(drill.checked.values()),
        drill.why if drill.tolerated else "",
    )


def _change(run: DryRun) -> Table:
    rows: list[tuple[Value, ...]] = []
    for relationship in run.relationships:
        for step in relationship.runbook.steps if relationship.runbook else ():
            rows.append(
                (
                    relationship.relationship,
                    elapsed(step.starts_s),
                    step.title,
                    step.served[Role.PRIMARY],
                    step.served[Role.SECONDARY],
                    step.waiting,
                    duration(step.longest_wait_s),
                    step.unknown_to[Role.SECONDARY],
                    step.lost_by_rollback,
                )
            )
    return Table(
        sheet="Change window",
        title="The change itself",
        lead="Who is served in each step, who is left waiting, and what a rollback at its end would forget.",
        columns=(
            Column("Relationship"),
            Column("At"),
            Column("Step", max_width=60),
            Column("Served by primary", Kind.NUMBER),
            Column("Served by secondary", Kind.NUMBER),
            Column("Clients waiting", Kind.NUMBER),
            Column("Longest wait"),
            Column("Leases the secondary lacks", Kind.NUMBER),
            Column("Leases a rollback forgets", Kind.NUMBER),
        ),
        rows=rows,
        empty="The change was not played.",
        fixed_columns=3,
    )


def _endurance(run: DryRun) -> Table:
    return Table(
        sheet="Endurance",
        title="How long each partner lasts alone",
        lead="Until its own free addresses are used up, while the partners are cut off from each other and nobody has declared the "
        "other one down.",
        columns=(
            Column("Scope", Kind.ADDRESS),
            Column("Free addresses", Kind.NUMBER),
            Column("of them the secondary's", Kind.NUMBER),
            Column("New clients a day", Kind.TEXT),
            Column("Primary alone"),
            Column("Secondary alone"),
        ),
        rows=[
            (
                str(entry.scope_id),
                entry.free,
                entry.secondary_share,
                f"{entry.newcomers_per_day:g}",
                _lasts(entry.primary_lasts_s),
                _lasts(entry.secondary_lasts_s),
            )
            for relationship in run.relationships
            for entry in relationship.endurance
        ],
        empty="No scope of the plan could be played.",
    )


def _lasts(seconds: int | None) -> str:
    return "for ever" if seconds is None else duration(seconds)


def _advice(run: DryRun) -> Table:
    def sentences() -> Iterator[tuple[Value, ...]]:
        for relationship in run.relationships:
            for sentence in relationship.advice:
                yield relationship.relationship, sentence

    return Table(
        sheet="Dry run",
        title="Advice from these numbers",
        columns=(Column("Relationship"), Column("Advice", max_width=100)),
        rows=list(sentences()),
        empty="None: the parameters fit.",
    )
