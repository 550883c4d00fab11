"""The stories' inputs are what their README says: readable, small, and free of oddities that are not part of the story."""

from __future__ import annotations

import re
from datetime import UTC
from pathlib import Path

import pytest

from migrate.model.server import ObjectKind
from parsers.export_xml import parse_export_xml
from parsers.netsh import parse_netsh_dump
from parsers.result import ReadOptions
from parsers.show_clients import parse_show_clients

SAMPLES = Path(__file__).parents[2] / "samples"
STORIES = sorted(path.parent.name for path in SAMPLES.glob("*/source"))
EXPORTS = sorted(SAMPLES.glob("*/source/*.xml"))
NETSH = SAMPLES / "netsh-pair" / "source"


def test_there_are_four() -> None:
    assert STORIES == ["cluster", "netsh-pair", "range-split-50-50", "split-80-20"]


@pytest.mark.parametrize("story", STORIES)
def test_the_command_in_the_readme_names_files_that_exist(story: str) -> None:
    readme = (SAMPLES / story / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"samples/\S+", readme)
    assert {(SAMPLES.parent / name) for name in named} == set((SAMPLES / story / "source").iterdir())
    assert "unsplit migrate" in readme
    assert "--out" in readme


@pytest.mark.parametrize("story", STORIES)
def test_inputs_stay_small(story: str) -> None:
    assert all(path.stat().st_size < 300_000 for path in (SAMPLES / story / "source").iterdir())


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.stem)
def test_exports_read_without_findings(path: Path) -> None:
    parsed = parse_export_xml(path, ReadOptions(), name=path.stem)
    assert parsed.findings == ()
    assert parsed.has_leases
    assert len(parsed.leases) > 20
    has_ipv6_scope = any(entry.kind is ObjectKind.IPV6 and "2001:db8" in entry.key for entry in parsed.not_carried)
    assert has_ipv6_scope == (path.stem == "dhcp-cluster")


@pytest.mark.parametrize(
    ("name", "rules"),
    [("hq-dhcp1", {"lossy-dump"}), ("hq-dhcp2", {"lossy-dump", "guessed-encoding"})],
)
def test_netsh_dumps_differ_in_encoding_and_agree_in_names(name: str, rules: set[str]) -> None:
    parsed = parse_netsh_dump(NETSH / f"{name}.txt", ReadOptions())
    assert [scope.name for scope in parsed.server.scopes] == ["Büro Erdgeschoß", "Schulungsräume", "Gäste & Lieferanten"]
    assert {finding.rule for finding in parsed.findings} == rules
    assert parsed.not_carried == ()


@pytest.mark.parametrize("name", ["hq-dhcp1", "hq-dhcp2"])
def test_listings_read_whole_and_name_every_scope(name: str) -> None:
    listing = parse_show_clients(NETSH / f"{name}-clients.txt", ReadOptions(time_zone=UTC))
    scopes = parse_netsh_dump(NETSH / f"{name}.txt", ReadOptions()).server.scopes
    assert set(listing.leases.scope_id.tolist()) == {int(scope.scope_id) for scope in scopes}
    assert listing.not_carried == ()
    assert any("ü" in row.host_name for row in listing.leases.rows())
