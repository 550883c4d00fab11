"""When the answer is no, why, and what to type next."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_samples import decisions, report, sample_findings

from migrate.model.finding import Severity
from reports.verdict import RunRecord, Verdict, command_line, next_step

OPEN = decisions("x")
SETTLED = OPEN[:1]


@pytest.mark.parametrize(
    ("fail_on", "open_decisions", "status", "sentence"),
    [
        pytest.param(None, (), 0, "Ready, but 2 findings of severity error want reading.", id="never"),
        pytest.param(None, SETTLED, 0, "Ready, but 2 findings of severity error want reading.", id="settled decisions"),
        pytest.param(None, OPEN, 1, "Not ready: 1 open decision.", id="an open decision"),
        pytest.param(Severity.BLOCK, SETTLED, 1, "Not ready: 1 blocking finding.", id="block"),
        pytest.param(Severity.BLOCK, OPEN, 1, "Not ready: 1 blocking finding and 1 open decision.", id="both"),
        pytest.param(Severity.ERROR, (), 1, "Not ready: 2 findings of severity error or worse.", id="error"),
        pytest.param(Severity.WARNING, (), 1, "Not ready: 3 findings of severity warning or worse.", id="warning"),
    ],
)
def test_the_verdict(fail_on: Severity | None, open_decisions: tuple, status: int, sentence: str) -> None:
    verdict = Verdict.of(sample_findings(), open_decisions, fail_on)
    assert (verdict.exit_status, verdict.sentence) == (status, sentence)
    assert verdict.is_ready == (status == 0)


def test_a_ready_migration_names_what_it_leaves_out() -> None:
    assert Verdict.of((), ()).sentence == "Ready: nothing stands in the way of this migration."
    assert Verdict.of((), (), left_out=2).sentence == "Ready, but 2 scopes cannot be migrated."
    error = next(finding for finding in sample_findings() if finding.severity is Severity.ERROR)
    sentence = Verdict.of((error,), (), left_out=1).sentence
    assert sentence == "Ready, but 1 scope cannot be migrated and 1 finding of severity error wants reading."


def test_findings_below_the_level_do_not_count() -> None:
    mild = [finding for finding in sample_findings() if finding.severity < Severity.BLOCK]
    assert Verdict.of(mild, ()).is_ready


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(
            ("migrate", "a.xml", "b.xml", "--out", "plan"),
            "unsplit migrate a.xml b.xml --out plan --decisions plan/decisions.toml --force",
            id="first time",
        ),
        pytest.param(
            ("migrate", "a.xml", "--out", "plan", "--decisions", "my.toml", "--force"),
            "unsplit migrate a.xml --out plan --decisions my.toml --force",
            id="answers were given already",
        ),
        pytest.param(
            ("migrate", "my exports\\a.xml", "--out", "plan"),
            'unsplit migrate "my exports\\a.xml" --out plan --decisions plan/decisions.toml --force',
            id="blank in a path",
        ),
    ],
)
def test_open_decisions_lead_to_the_answers_and_the_same_command(arguments: tuple[str, ...], expected: str) -> None:
    run = replace(report().run, arguments=arguments)
    step = next_step(Verdict(failing=0, open_decisions=2), run)
    assert step.command == expected
    assert step.sentence.startswith("Fill in each empty choice in ")


def test_blocking_findings_lead_back_to_the_servers() -> None:
    step = next_step(Verdict(failing=1, open_decisions=0), report().run)
    assert step.command == "unsplit migrate primary.xml secondary.xml --out plan"
    assert "export again" in step.sentence


def test_an_audit_leads_to_the_migration() -> None:
    run = replace(report().run, command="audit", out=None, arguments=("audit", "primary.xml"))
    assert next_step(Verdict(failing=0, open_decisions=0), run).command == "unsplit migrate primary.xml --partner NAME --out DIR"


def test_a_folder_on_windows_keeps_its_separator() -> None:
    run = replace(report().run, out="C:\\plans\\site")
    assert "C:\\plans\\site\\decisions.toml" in next_step(Verdict(failing=0, open_decisions=1), run).command


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("audit", "a.xml"), "unsplit audit a.xml"),
        (("audit", "a b.xml"), 'unsplit audit "a b.xml"'),
        (("audit", ""), 'unsplit audit ""'),
        (("audit", "R&D.xml"), 'unsplit audit "R&D.xml"'),
    ],
)
def test_command_lines_are_quoted_where_a_shell_would_split(words: tuple[str, ...], expected: str) -> None:
    assert command_line(words) == expected


def test_a_record_without_arguments_is_its_command() -> None:
    assert RunRecord(command="audit", version="1").command_line == "unsplit audit"
