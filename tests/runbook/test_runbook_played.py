"""The whole runbook on simulated servers, with clients that go on renewing: forwards, undone, and on bad nights."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from played import CLIENTS, QUIET, ROOT, Played, migrate, play
from tiny_pair import write_empty_pair, write_pair

pytestmark = pytest.mark.pwsh

SPLIT = ROOT / "samples" / "split-80-20" / "source"
STEPS = ["00-precheck.ps1", "10-backup.ps1", "20-freeze.ps1", "30-apply.ps1", "40-verify.ps1"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    folder = tmp_path_factory.mktemp("tiny")
    primary, secondary = write_pair(folder / "source")
    return primary, secondary, migrate(primary, secondary, folder / "out")


def assert_served(played: Played) -> None:
    """Whatever the scripts ended with: nobody lost an address, and no address was given twice."""
    unfinished = {"reservations_survive", "options_unchanged", "failover_complete", "partners_agree", "documented_calls_only"}
    assert {name: why for name, why in played.broken.items() if name not in unfinished} == {}


def test_a_pair_with_everything_in_it(tiny: tuple[Path, Path, Path], tmp_path: Path) -> None:
    secret = "correct horse battery"
    answers = ("--answers", f'["{secret}"]')
    played = play(*tiny, tmp_path, *CLIENTS, *answers, "--normal-after", "20", options=("--param", "*:Force"))
    assert played.exits == dict.fromkeys(STEPS, 0), played.report["scripts"]
    assert played.report["lint"] == []
    assert played.broken == {}
    assert played.report["judgement"]["outage"]["worst_seconds"] < 20 + 5, "no longer than the relationship takes to form"
    (relationship,) = played.final["relationships"].values()
    assert relationship["auth"]
    for path in (tmp_path / "runbook").rglob("*"):
        assert path.is_dir() or secret not in path.read_bytes().decode("utf-8", "replace"), path


def test_the_shipped_sample_run_as_a_file(tmp_path: Path) -> None:
    primary, secondary = SPLIT / "dhcp01.xml", SPLIT / "dhcp02.xml"
    scripts = migrate(primary, secondary, tmp_path / "out")
    played = play(primary, secondary, scripts, tmp_path / "work", *CLIENTS, "--invoke", "file")
    assert played.report["ok"], (played.exits, played.broken)
    assert '"problems":[]' in played.text("verify.json")


def test_what_if_changes_nothing(tiny: tuple[Path, Path, Path], tmp_path: Path) -> None:
    steps = ",".join([*STEPS[:4], "90-rollback.ps1"])
    played = play(*tiny, tmp_path, "--order", steps, options=(*QUIET, "--param", "*:WhatIf"))
    assert set(played.exits.values()) == {0}, played.report["scripts"]
    assert played.differences() == []
    assert played.final["lab"]["mutations"] == 0
    assert not (tmp_path / "runbook" / "run").exists()


def test_a_failure_or_a_death_and_another_run(tiny: tuple[Path, Path, Path], tmp_path: Path) -> None:
    """Some points of many; `winpair-run --each` without `--sample` plays all of them."""
    played = play(*tiny, tmp_path, *CLIENTS, "--each", "--sample", "2")
    points = played.report["each"]["points"]
    assert len(points) == 4
    assert [point for point in points if not point["ok"]] == []


def test_undone_from_any_step(tiny: tuple[Path, Path, Path], tmp_path: Path) -> None:
    played = play(*tiny, tmp_path, *CLIENTS, "--each", "--sample", "3", "--each-kinds", "kill", "--then-rollback")
    points = played.report["each"]["points"]
    assert len(points) == 3
    assert [point for point in points if not point["ok"]] == []


CHANGED = """
def edit(state):
    scope = state["servers"]["alpha"]["scopes"]["10.2.0.0"]
    scope["exclusions"].append({"start": "10.2.0.30", "end": "10.2.0.31"})
"""


def test_a_server_that_changed_since_the_export_is_refused(tiny: tuple[Path, Path, Path], tmp_path: Path) -> None:
    edit = tmp_path / "edit.py"
    edit.write_text(CHANGED)
    played = play(*tiny, tmp_path / "work", "--edit", str(edit), "--order", "00-precheck.ps1")
    assert played.exits == {"00-precheck.ps1": 1}
    assert any("10.2.0.30-10.2.0.31" in line for line in played.report["scripts"][0]["tail"])
    without_check = play(*tiny, tmp_path / "again", "--edit", str(edit), "--order", "10-backup.ps1,20-freeze.ps1")
    assert without_check.exits == {"10-backup.ps1": 0, "20-freeze.ps1": 1}
    assert without_check.differences() == []


def test_scopes_in_waves(tiny: tuple[Path, Path, Path], tmp_path: Path) -> None:
    primary, secondary, scripts = tiny
    copy = tmp_path / "scripts"
    shutil.copytree(scripts, copy)
    for wave, scope_ids in (("wave-1.ps1", "10.2.0.0"), ("wave-2.ps1", "10.1.0.0,10.3.0.0")):
        calls = [f"& (Join-Path $PSScriptRoot '{step}') -ScopeId '{scope_ids}' -Force -NoSharedSecret" for step in STEPS]
        (copy / wave).write_text("\n".join(f"{call}\nif ($LASTEXITCODE) {{ exit $LASTEXITCODE }}" for call in calls) + "\nexit 0\n")
    played = play(primary, secondary, copy, tmp_path / "work", *CLIENTS, "--order", "wave-1.ps1,wave-2.ps1", options=())
    assert played.exits == {"wave-1.ps1": 0, "wave-2.ps1": 0}, played.report["scripts"]
    assert played.broken == {}


def test_new_servers(tmp_path: Path) -> None:
    old = write_pair(tmp_path / "old")
    scripts = migrate(*old, tmp_path / "out", "--strategy", "new-servers", "--primary-name", "alpha", "--secondary-name", "beta")
    played = play(*write_empty_pair(tmp_path / "new"), scripts, tmp_path / "work")
    assert played.exits == dict.fromkeys(STEPS, 0), played.report["scripts"]
    assert played.broken == {}
    alpha, beta = (played.final["servers"][name]["scopes"] for name in ("alpha", "beta"))
    assert sorted(alpha) == sorted(beta) == ["10.1.0.0", "10.2.0.0", "10.3.0.0"]
    holders = {ip: lease["clientId"] for ip, lease in alpha["10.2.0.0"]["leases"].items() if lease["state"] == "Active"}
    assert holders["10.2.0.50"] == "02-cc-00-00-00-04", "the later lease of two"


GONE = 'unreachable=[{{"server":"beta","fromCall":{}}}]'

BAD_NIGHTS = {
    "clocks apart": (["--fault", 'clockSkew={"beta":90}'], "00-precheck.ps1", 1, "clocks"),
    "partner stopped": (["--fault", 'serviceStopped=["beta"]'], "00-precheck.ps1", 1, "beta does not answer"),
    "no rights on the partner": (["--fault", 'noAccess=["beta"]'], "00-precheck.ps1", 1, "DHCP Administrators"),
    "disk full": (["--fault", 'lowDisk={"beta":10}'], "00-precheck.ps1", 1, "500 MB"),
    "partner gone while merging": (["--fault", GONE.format(330)], "30-apply.ps1", 2, "run this script again"),
    "partner gone before failover": (["--fault", GONE.format(385)], "30-apply.ps1", 2, "run this script again"),
    "never Normal": (["--fault", "neverNormal=true"], "30-apply.ps1", 2, "not Normal after 30 minutes"),
}


SILENT_BY_THE_FAULT = ("serviceStopped", "neverNormal")
"""Here clients go unanswered whatever a script does."""


@pytest.mark.parametrize(("faults", "stops_at", "code", "says"), BAD_NIGHTS.values(), ids=BAD_NIGHTS.keys())
def test_bad_nights_end_in_a_sentence_and_nobody_loses_an_address(
    faults: list[str], stops_at: str, code: int, says: str, tiny: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    played = play(*tiny, tmp_path, *CLIENTS, *faults)
    stopped = played.report["scripts"][-1]
    assert (stopped["script"], stopped["exit"]) == (stops_at, code), played.report["scripts"]
    assert says in "\n".join(stopped["tail"])
    if stops_at == STEPS[0]:
        assert played.final["lab"]["mutations"] == 0
    if faults[1].partition("=")[0] not in SILENT_BY_THE_FAULT:
        assert_served(played)
