"""Every command of the emitted scripts exists: ours, PowerShell's, or a DhcpServer cmdlet with these very parameters."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from powershell_runner import powershell_program

from migrate.emit.runbook.files import scripts

HERE = Path(__file__).resolve().parent
TABLE = json.loads((HERE / "dhcpserver-cmdlets.json").read_text("utf-8"))["cmdlets"]

SHELL = {
    *("ConvertFrom-Json", "Export-ModuleMember", "ForEach-Object", "Get-CimInstance", "Get-Date", "Get-FileHash", "Get-WinEvent"),
    *(
        "Group-Object",
        "Import-Module",
        "Join-Path",
        "Move-Item",
        "New-Item",
        "New-Object",
        "Read-Host",
        "Remove-Item",
        "Select-Object",
    ),
    *("Set-StrictMode", "Sort-Object", "Start-Sleep", "Start-Transcript", "Stop-Transcript", "Test-Path", "Where-Object"),
    *("Write-Host", "Write-Progress", "Write-Verbose"),
}

NEWER_THAN_2012 = {
    ("Get-DhcpServerDnsCredential", ""): "asked only when both servers are 2012 R2 or later",
    ("Get-DhcpServerv4DnsSetting", "PolicyName"): "Read-PolicySuffix returns before on 2012",
    ("Set-DhcpServerv4DnsSetting", "PolicyName"): "DNS flags of a policy exist only where a 2012 R2 server said so",
    ("Set-DhcpServerv4DnsSetting", "DisableDnsPtrRRUpdate"): "set only for 2012 R2 and later",
    ("Set-DhcpServerv4DnsSetting", "DnsSuffix"): "set only for 2012 R2 and later",
    ("Add-DhcpServerv4Policy", "Fqdn"): "a condition that only a 2012 R2 server can have",
}
"""What Windows Server 2012 lacks, and why it never meets it."""


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("scripts")
    paths = []
    for name, text in scripts():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "ascii")
        paths.append(str(path))
    starter = folder / "start.ps1"
    starter.write_text("& '" + str(HERE / "list_commands.ps1") + "' -Path " + ", ".join(f"'{path}'" for path in paths))
    command = [powershell_program(), "-NoProfile", "-NonInteractive", "-File", str(starter)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, encoding="utf-8")
    assert done.returncode == 0 and not done.stderr, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def dhcp_calls(listed: list[dict[str, Any]]) -> list[tuple[str, dict[str, bool], str]]:
    calls = [
        (command["name"], command["parameters"], f"{file['file']}:{command['line']}")
        for file in listed
        for command in file["commands"]
        if re.fullmatch(r"\w+-DhcpServer\w*", command["name"] or "")
    ]
    assert len(calls) > 60
    return calls


@pytest.mark.pwsh
def test_the_scripts_parse(listed: list[dict[str, Any]]) -> None:
    assert [(file["file"], file["errors"]) for file in listed if file["errors"]] == []


@pytest.mark.pwsh
def test_every_command_is_known(listed: list[dict[str, Any]]) -> None:
    ours = {name for file in listed for name in file["functions"]}
    called = {(command["name"], command["text"][:60]) for file in listed for command in file["commands"]}
    foreign = [(name, text) for name, text in called if name not in ours | SHELL | set(TABLE)]
    assert all(text.startswith((". (", "& $Action")) for _, text in foreign), foreign


@pytest.mark.pwsh
def test_every_parameter_exists(listed: list[dict[str, Any]]) -> None:
    wrong = []
    for name, parameters, place in dhcp_calls(listed):
        known = {parameter["name"] for parameter in TABLE[name]["parameters"]} | set(TABLE[name]["common"]) | {"ErrorAction"}
        wrong += [f"{place}: {name} -{key}" for key in parameters if key not in known and not key.startswith("?")]
    assert wrong == []


@pytest.mark.pwsh
def test_only_condition_fields_are_set_by_a_variable(listed: list[dict[str, Any]]) -> None:
    """A key that the parse tree cannot tell; Add-OnePolicy draws it from a list of literals."""
    unknown = [(name, key) for name, parameters, _ in dhcp_calls(listed) for key in parameters if key.startswith("?")]
    assert unknown == [("Add-DhcpServerv4Policy", "?$field")]


@pytest.mark.pwsh
def test_mandatory_parameters_of_a_set_are_given(listed: list[dict[str, Any]]) -> None:
    wrong = []
    for name, parameters, place in dhcp_calls(listed):
        always = {key for key, certain in parameters.items() if certain}
        sets = TABLE[name]["parameter_sets"].values()
        if not any({p["name"] for p in members if p["mandatory"]} <= always for members in sets):
            wrong.append(f"{place}: {name} {sorted(always)}")
    assert wrong == []


@pytest.mark.pwsh
def test_windows_server_2012_meets_nothing_it_lacks(listed: list[dict[str, Any]]) -> None:
    newer = set()
    for name, parameters, _ in dhcp_calls(listed):
        if TABLE[name]["since"] != "2012":
            newer.add((name, ""))
            continue
        since = {parameter["name"]: parameter["since"] for parameter in TABLE[name]["parameters"]}
        newer |= {(name, key) for key in parameters if since.get(key, "2012") != "2012"}
    assert newer == set(NEWER_THAN_2012)


@pytest.mark.pwsh
def test_every_call_stops_at_an_error(listed: list[dict[str, Any]]) -> None:
    """Preferences of a script do not reach the functions of a module."""
    assert [f"{place}: {name}" for name, parameters, place in dhcp_calls(listed) if "ErrorAction" not in parameters] == []


CHANGING = re.compile(r"^(Add|Set|Remove|Import|Export|Backup|Restore)-Dhcp")
SILENT_HELPERS = {
    *("Add-OnePolicy", "Add-Definition", "Remove-Definition", "Set-OneOption", "Remove-OneOption", "Set-DnsFlag"),
    *("Add-Lease", "Remove-Lease", "Add-Relationship"),
}
"""Functions whose callers have asked ShouldProcess."""


def test_every_change_asks_first() -> None:
    for name, text in scripts():
        for function, body in re.findall(r"(?ms)^function ([\w-]+).*?\{(.*?)^\}", text):
            if any(CHANGING.match(line.strip()) for line in re.split(r"[\n{;]", body)) and function not in SILENT_HELPERS:
                assert "Confirm-Change" in body, f"{name}: {function}"
