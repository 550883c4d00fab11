"""The module reads the data as it was written, name by name, and nothing in a name is ever code."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from powershell_runner import run_powershell
from runbook_plans import HOSTILE, target, written

PARTS = ("Plan", "Read", "Facts", "Options", "Scopes", "Leases")


def load(folder: Path) -> str:
    """The parts of the module, and the written folder of a plan with hostile names."""
    for name, content in written(target(HOSTILE)).items():
        path = folder / name.removeprefix("windows/")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return "Set-StrictMode -Version 2.0\n" + "\n".join(f". '{folder / 'Unsplit' / part}.ps1'" for part in PARTS)


def as_base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-le")).decode()


NAMES_OF_A_SCOPE = """
function Show([string] $Text) { [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($Text)) }
$plan = Open-Plan 'FOLDER'
$script:Run = @{ Plan = $plan }
foreach ($id in $plan.ScopeIds) {
    $scope = Get-PlanRecord "scope|target|$id"
    $reservation, $option, $policy = $scope.reservations[0], $scope.options[0], $scope.policies[0]
    $texts = $scope.name, $scope.description, $scope.superscope, $reservation.name, $option.vendor_class, $option.values[1],
        $policy.name, $policy.conditions['VendorClass'][1], $policy.options[0].values[0], $policy.dns_suffix
    ($texts | ForEach-Object { Show $_ }) -join ' '
}
(Get-PlanRecord 'server|target|').classes | ForEach-Object { Show $_.name }
Show $plan.Relationships[0].name
"""


@pytest.mark.pwsh
def test_every_name_arrives_unchanged(tmp_path: Path) -> None:
    lines = run_powershell(load(tmp_path) + NAMES_OF_A_SCOPE.replace("FOLDER", str(tmp_path)), tmp_path).splitlines()
    expected = [" ".join([as_base64(text)] * 10) for text in HOSTILE]
    assert lines == [*expected, *map(as_base64, HOSTILE), as_base64(HOSTILE[0])]


ROUND_TRIP = """
$plan = Read-PlanData 'FOLDER/plan-data.jsonl'
foreach ($key in ($plan.Lines.Keys | Sort-Object)) {
    $once = ConvertFrom-PlanLine $plan.Lines[$key]
    ConvertTo-PlanLine $once
}
"""


@pytest.mark.pwsh
def test_what_the_module_writes_is_what_it_read(tmp_path: Path) -> None:
    lines = run_powershell(load(tmp_path) + ROUND_TRIP.replace("FOLDER", str(tmp_path)), tmp_path).splitlines()
    original = (tmp_path / "plan-data.jsonl").read_text().splitlines()
    kept = [line for line in original if not line.startswith('{"kind":"=relationship"')]
    assert sorted(map(canonical, lines)) == sorted(map(canonical, kept))


def canonical(line: str) -> str:
    return json.dumps(json.loads(line), sort_keys=True)


COMPARE = """
$script:Run = @{ Plan = (Open-Plan 'FOLDER') }
foreach ($id in $script:Run.Plan.ScopeIds) {
    $scope = Get-PlanRecord "scope|target|$id"
    $same = @(Compare-Scope $scope (Get-PlanRecord "scope|primary|$id")).Count
    $scope.reservations[0].name += '!'
    "$same $(@(Compare-Scope $scope (Get-PlanRecord "scope|primary|$id")).Count)"
}
"$(@(Compare-Server (Get-PlanRecord 'server|target|') (Get-PlanRecord 'server|primary|')).Count)"
"""


@pytest.mark.pwsh
def test_a_configuration_equals_itself_and_one_changed_name_is_one_difference(tmp_path: Path) -> None:
    lines = run_powershell(load(tmp_path) + COMPARE.replace("FOLDER", str(tmp_path)), tmp_path).splitlines()
    assert lines == ["0 1"] * len(HOSTILE) + ["0"]


TAMPERED = "try { $null = Open-Plan 'FOLDER'; 'opened' } catch { $_.Exception.Message }"


@pytest.mark.pwsh
@pytest.mark.parametrize(
    ("change", "answer"),
    [
        (lambda data: data.replace(b"10.0.0.30", b"10.0.0.31"), "its hash differs"),
        (lambda data: data + b"\n", "its hash differs"),
        (None, "is missing"),
    ],
    ids=["a value changed", "a line added", "the file gone"],
)
def test_data_of_another_plan_is_refused(change: object, answer: str, tmp_path: Path) -> None:
    script = load(tmp_path) + "\n" + TAMPERED.replace("FOLDER", str(tmp_path))
    data = tmp_path / "plan-data.jsonl"
    if callable(change):
        data.write_bytes(change(data.read_bytes()))
    else:
        data.unlink()
    assert answer in run_powershell(script, tmp_path)
