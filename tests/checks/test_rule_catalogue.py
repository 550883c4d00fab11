"""The catalogue itself: a file a rule, and a page for everything that a finding may be named after."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import migrate.checks
import parsers
from migrate.checks import HEADINGS, NIGHT_RULES, PAGES, PARSER_RULES, RULES, WAIVER_RULES, page_section, rule_page
from migrate.checks.rule import NIGHT, PAIR, SOURCE, TARGET, WAIVERS, Page
from migrate.model.finding import Severity

FOLDER = Path(migrate.checks.__file__).parent
RULE_FILES = sorted(
    path.stem for path in FOLDER.glob("*.py") if re.search(r"^ID = ", path.read_text(encoding="utf-8"), re.MULTILINE)
)

CLOSE_RELATIVES = {
    "WF-035": {"option-values-differ", "scope-policies-differ"},
    "WF-036": {"option-not-defined", "class-not-defined", "class-differs", "option-definition-differs"},
    "WF-039": {"policy-conflict", "policy-invalid"},
    "WF-045": {"dns-flags-differ", "ptr-records-at-risk"},
}
"""Rules that share a number; every other number is one rule."""


def test_every_rule_file_is_in_the_catalogue_once() -> None:
    assert sorted(page.ID.replace("-", "_") for page in PAGES) == RULE_FILES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.ID)
def test_page(page: Page) -> None:
    assert getattr(page, "__name__", "").rpartition(".")[2] == page.ID.replace("-", "_")
    title, *rest = (page.__doc__ or "").splitlines()
    assert title.endswith(".") and len(title) < 90 and rest[0] == ""
    assert [line for line in rest if line in HEADINGS] == list(HEADINGS)
    for heading in HEADINGS:
        assert len(page_section(page, heading)) > 10, heading
    assert isinstance(page.SEVERITY, Severity)
    assert page.LOOKS_AT in (SOURCE, PAIR, TARGET, NIGHT, WAIVERS)


def test_only_rules_that_inputs_decide_have_a_check() -> None:
    assert all(hasattr(rule, "check") and rule.LOOKS_AT != NIGHT for rule in RULES)
    assert all(not hasattr(page, "check") for page in (*NIGHT_RULES, *PARSER_RULES, *WAIVER_RULES))
    assert all(page.LOOKS_AT == NIGHT for page in NIGHT_RULES)


def test_every_number_of_the_preflight_list_has_a_rule() -> None:
    by_number: dict[str, set[str]] = {}
    for page in PAGES:
        if page.NUMBER:
            by_number.setdefault(page.NUMBER, set()).add(page.ID)
    assert sorted(by_number) == [f"WF-{number:03}" for number in range(1, 61)]
    assert {number: ids for number, ids in by_number.items() if len(ids) > 1} == CLOSE_RELATIVES


def rule_ids_of(module: Path) -> set[str]:
    """The rule ids of findings that a parser's source makes: the first argument of find() and remark(), and rule= of Finding()."""
    ids = []
    for call in (node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("find", "remark"):
            ids += call.args[:1]
        if isinstance(call.func, ast.Name) and call.func.id == "Finding":
            ids += [keyword.value for keyword in call.keywords if keyword.arg == "rule"]
    texts = [node.value for node in ids if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {text for text in texts if re.fullmatch(r"[a-z]+(-[a-z]+)+", text)}


def test_every_finding_of_a_parser_has_a_page() -> None:
    used = {rule for module in sorted(Path(parsers.__file__).parent.rglob("*.py")) for rule in rule_ids_of(module)}
    assert len(used) > 8
    assert used - {page.ID for page in PARSER_RULES} == set()


def test_numbered_rules_come_first_and_in_order() -> None:
    numbers = [rule.NUMBER for rule in RULES if rule.NUMBER]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("overlapping-pools", ["overlapping-pools (WF-020), block"]),
        ("WF-020", ["overlapping-pools (WF-020), block"]),
        (" wf-035 ", ["option-values-differ (WF-035), warning", "scope-policies-differ (WF-035), warning"]),
        ("lossy-dump", ["lossy-dump, warning"]),
        ("clock-difference", ["clock-difference (WF-050), error"]),
    ],
)
def test_rule_page_by_id_or_number(name: str, titles: list[str]) -> None:
    page = rule_page(name) or ""
    assert [line for line in page.splitlines() if re.search(r", (block|error|warning|info)$", line) and line[0] != " "] == titles
    assert page.count("\nWhat it finds\n") == len(titles)


@pytest.mark.parametrize("name", ["", "WF-061", "WF-20", "none", "no-such-rule"])
def test_no_page_for_what_is_no_rule(name: str) -> None:
    assert rule_page(name) is None
