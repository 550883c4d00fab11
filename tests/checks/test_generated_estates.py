"""Whole estates with known mistakes: each is found by rule and object, none twice, and an estate without any is quiet."""

from __future__ import annotations

import runpy
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from writers.sources import source_of

from migrate.checks import Subject, check_all
from migrate.merge.settings import Settings
from migrate.merge.target import merge
from migrate.model.finding import Finding, Severity
from migrate.model.leases import LeaseTable
from migrate.model.server import Role, Source

generator = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[2] / "samples" / "generate.py")))
NONE = dict.fromkeys(generator.DEFAULT_RATES, 0.0)

NOT_IN_A_MODEL = {"ipv6-or-multicast"}
"""The generator writes these into the file only; no model server holds them."""
ALWAYS = {"auto-transition-off", "common-exclusion", "ptr-records-at-risk", "scope-on-both", "split-ratio", "idle-scopes"}
"""What is said of any split pair that is migrated in place with Windows' defaults."""
OF_THE_GENERATOR = {"duplicate-reservation-names"}
"""It names devices by their kind."""


def judged(**options: Any) -> tuple[Any, tuple[Finding, ...]]:
    asked = generator.GenerateOptions(**options)
    estate = generator.generate(asked)
    sources = {role: _source(estate, role, has_leases=role is not asked.without_leases) for role in Role}
    settings = Settings(as_of_s=asked.as_of_s, primary_server="dhcp01", secondary_server="dhcp02")
    return estate, check_all(Subject(merged=merge(sources[Role.PRIMARY], sources[Role.SECONDARY], settings)))


def _source(estate: Any, role: Role, has_leases: bool) -> Source:
    server = estate.servers[role]
    tables = [LeaseTable.empty(), *(estate.leases(role, scope) for scope in server.scopes if has_leases)]
    return source_of(server, LeaseTable.concatenate(tables), has_leases=has_leases)


def names(finding: Finding, conflict: Any) -> bool:
    told = f"{finding.object} {finding.message}"
    return finding.rule == conflict.rule and conflict.object in told and (not conflict.scope_id or str(conflict.scope_id) in told)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_mistake_is_found_once(seed: int) -> None:
    estate, findings = judged(scopes=60, leases=2000, seed=seed, each_at_least_once=True)
    missed = [c for c in estate.conflicts if c.rule not in NOT_IN_A_MODEL and sum(names(f, c) for f in findings) != 1]
    assert [(c.rule, c.scope_id, c.object) for c in missed] == []
    named = Counter((finding.rule, finding.scope_id, finding.object) for finding in findings)
    assert [key for key, number in named.items() if number > 1] == []


@pytest.mark.parametrize("seed", [1, 2])
def test_no_false_alarm(seed: int) -> None:
    estate, findings = judged(scopes=60, leases=2000, seed=seed, each_at_least_once=True)
    made = {rule for conflict in estate.conflicts for rule in (conflict.rule, *conflict.implies)}
    assert {finding.rule for finding in findings} <= made | ALWAYS | OF_THE_GENERATOR


def test_a_good_estate_is_quiet() -> None:
    _, findings = judged(scopes=40, leases=2000, rates=NONE)
    assert {finding.rule for finding in findings} <= ALWAYS | OF_THE_GENERATOR
    assert max(finding.severity for finding in findings) is Severity.INFO


def test_missing_leases_are_found() -> None:
    _, findings = judged(scopes=5, leases=100, rates=NONE, without_leases=Role.SECONDARY)
    assert [finding.object for finding in findings if finding.rule == "leases-missing"] == ["dhcp02"]
