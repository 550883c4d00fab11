"""What came of every rule: an audit is as good as what it has looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from migrate.checks import PAGES, RuleOutcome, RuleState
from reports.tables.table import Column, Kind, Table

_ORDER = (RuleState.FOUND, RuleState.UNKNOWN, RuleState.NIGHT, RuleState.PASSED, RuleState.NOT_APPLICABLE)


def rules_table(outcomes: Sequence[RuleOutcome]) -> Table:
    titles = {page.ID: (page.__doc__ or "").partition("\n")[0] for page in PAGES}
    columns = (
        Column("Outcome", max_width=20),
        Column("Findings", Kind.NUMBER, 10),
        Column("Rule", max_width=30),
        Column("Number", is_optional=True),
        Column("Worst severity", Kind.SEVERITY, 14),
        Column("What it is about", max_width=60),
        Column("Why it is not known", max_width=48, is_optional=True),
    )
    rows = [
        (
            outcome.state.value,
            outcome.findings or None,
            outcome.rule,
            outcome.number,
            outcome.severity.word,
            titles.get(outcome.rule),
            outcome.reason,
        )
        for outcome in sorted(outcomes, key=lambda outcome: _ORDER.index(outcome.state))
    ]
    return Table(sheet="Rules", title="Rules", lead=_lead(outcomes), columns=columns, rows=rows, fixed_columns=1)


def _lead(outcomes: Sequence[RuleOutcome]) -> str:
    counts = Counter(outcome.state for outcome in outcomes)
    words = ", ".join(f"{counts[state]} {state.value}" for state in _ORDER if counts[state])
    return f"Every rule, and what came of it: {words}. Unknown is not passed: the inputs or the options do not say enough."
