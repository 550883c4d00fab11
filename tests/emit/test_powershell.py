"""apply.ps1 is PowerShell that 5.1 reads, in the right order, and no value of the plan is ever code."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from powershell_runner import run_powershell

from migrate.emit.environment import environment
from migrate.emit.powershell import apply_script
from migrate.emit.quoting import ps_quote
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.relationship import FailoverMode, FailoverRelationship
from migrate.model.scope import ExclusionRange, Reservation, Scope
from migrate.model.server import Server
from migrate.model.target import Strategy, Target

HOSTILE = "x'; Remove-Item C:\\ #\u2019; $(whoami) `n \"#>\r\n#>\x00ß🖨"


def scope(number: int, superscope: str = "") -> Scope:
    start = IPv4Address(f"10.{number // 256}.{number % 256}.0")
    return Scope(
        scope_id=start,
        subnet_mask=IPv4Address("255.255.255.0"),
        superscope=superscope,
        range=AddressRange(start + 10, start + 99),
        exclusions=(ExclusionRange(range=AddressRange(start + 10, start + 19)),),
        reservations=(Reservation(ip_address=start + 30, client_id=ClientId(b"\x01")),),
    )


def target(**changes: object) -> Target:
    scopes = (scope(1, HOSTILE), scope(2))
    relationship = FailoverRelationship(
        name=HOSTILE, primary_server="dhcp01", secondary_server="dhcp02", scope_ids=tuple(each.scope_id for each in scopes)
    )
    made = Target(
        as_of_s=0,
        strategy=Strategy.IN_PLACE,
        sources=(),
        relationships=(relationship,),
        server=Server(name="dhcp01", scopes=scopes),
        leased={scopes[0].scope_id: 7},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def text_of(plan: Target) -> str:
    octets = apply_script(plan)
    assert octets.startswith(b"\xef\xbb\xbf"), "Windows PowerShell 5.1 takes a file without byte order mark for a code page"
    return octets.decode("utf-8-sig").replace("\r\n", "\n")


def code_of(text: str) -> str:
    """Without comments."""
    return re.sub(r"(?m)^\s*#.*$", "", re.sub(r"(?s)<#.*?#>", "", text, count=1))


def positions(text: str, *needles: str) -> list[int]:
    code = code_of(text)
    steps = code[code.index("\n$primaryFile") :]
    return [steps.index(needle) for needle in needles]


IN_PLACE_ORDER = (
    "Backup-DhcpServer",
    "Export-DhcpServer",
    "-ServerConfigOnly",
    "-State InActive",
    "-Leases -ScopeOverwrite",
    "Assert-Scope $PrimaryServer $true",
    "Remove-DhcpServerv4Scope",
    "Add-DhcpServerv4Failover ",
    "Add-DhcpServerv4FailoverScope",
    "Wait-FailoverNormal",
    "Set-SuperscopeMember",
    "Assert-Scope $server $false",
)


def test_steps_in_place_are_in_the_order_of_the_runbook() -> None:
    found = positions(text_of(target()), *IN_PLACE_ORDER)
    assert found == sorted(found)


def test_new_servers_lose_nothing_and_overwrite_nothing() -> None:
    text = code_of(text_of(target(strategy=Strategy.NEW_SERVERS)))
    for taking_away in ("Remove-DhcpServerv4Scope", "-ScopeOverwrite", "InActive"):
        assert taking_away not in text
    found = positions(
        text, "the plan is for new servers", "Backup-DhcpServer", "-ServerConfigOnly", "-Leases -Force", "Add-DhcpServerv4Failover "
    )
    assert found == sorted(found)


def calls(text: str) -> list[str]:
    return [
        line.strip() for line in code_of(text).splitlines() if re.search(r"\b(Get|Set|Add|Remove|Import|Export|Backup)-Dhcp", line)
    ]


@pytest.mark.parametrize("strategy", Strategy)
def test_every_call_of_the_module_stops_at_an_error(strategy: Strategy) -> None:
    """Preferences of a script do not reach the functions of a module."""
    found = calls(text_of(target(strategy=strategy)))
    assert len(found) > 10
    assert [line for line in found if "-ErrorAction Stop" not in line] == []


@pytest.mark.parametrize("strategy", Strategy)
def test_every_change_asks_should_process_first(strategy: Strategy) -> None:
    code = code_of(text_of(target(strategy=strategy)))
    steps = code[code.index("\n$primaryFile") :]
    blocks = steps.split("$PSCmdlet.ShouldProcess(")
    changing = re.compile(r"\b(Set|Add|Remove|Import|Export|Backup)-Dhcp|New-Item|Set-SuperscopeMember")
    assert not changing.search(blocks[0])
    assert all(changing.search(block) for block in blocks[1:])


def test_no_secret_is_written_and_it_is_asked_for_hidden() -> None:
    text = text_of(target())
    assert "Read-Host -AsSecureString" in text
    assert "ZeroFreeBSTR" in text
    assert not re.search(r"SharedSecret\s*=\s*'", text)


PARAMETERS = {
    "load balance": (
        {"load_balance_percent": 70},
        ["LoadBalancePercent = 70"],
        ["ReservePercent", "ServerRole", "StateSwitchInterval"],
    ),
    "hot standby": (
        {"mode": FailoverMode.HOT_STANDBY, "load_balance_percent": None, "reserve_percent": 5},
        ["ReservePercent = 5", "ServerRole = 'Active'"],
        ["LoadBalancePercent"],
    ),
    "automatic": (
        {"auto_state_transition": True, "state_switch_interval": timedelta(minutes=45)},
        ["AutoStateTransition = $true", "StateSwitchInterval = [TimeSpan] '00:45:00'"],
        [],
    ),
    "a long lead time": ({"max_client_lead_time": timedelta(days=2)}, ["MaxClientLeadTime = [TimeSpan] '2.00:00:00'"], []),
}


@pytest.mark.parametrize(("changes", "present", "absent"), PARAMETERS.values(), ids=PARAMETERS.keys())
def test_parameters_of_the_relationship(changes: dict[str, object], present: list[str], absent: list[str]) -> None:
    plan = target()
    text = text_of(replace(plan, relationships=(replace(plan.relationships[0], **changes),)))  # type: ignore[arg-type]
    assert [line for line in present if line not in text] == []
    assert [word for word in absent if f"{word} =" in text] == []


def test_superscopes_and_scopes_are_listed() -> None:
    plan = target()
    text = text_of(replace(plan, server=replace(plan.server, scopes=(scope(1, "Floors"), scope(2), scope(3, "Floors")))))
    assert re.search(r"Name = 'Floors'\s+ScopeIds = @\(\s+'10\.0\.1\.0'\s+'10\.0\.3\.0'\s+\)", text)
    assert (
        "@{ ScopeId = '10.0.1.0'; StartRange = '10.0.1.10'; EndRange = '10.0.1.99'; Exclusions = 1; Reservations = 1; Leases = 7 }"
        in text
    )


def test_two_pairs_of_servers_are_two_scripts() -> None:
    plan = target()
    other = replace(plan.relationships[0], secondary_server="dhcp03")
    with pytest.raises(ValueError, match="one pair of servers, not 2"):
        apply_script(replace(plan, relationships=(*plan.relationships, other)))


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert apply_script(target()) == apply_script(target())


def test_a_misspelt_name_in_a_template_raises() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ scope_idd }}").render(scope_id="10.1.0.0")


def as_base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-le")).decode()


PARSE = """
$errors = $null; $tokens = $null
$tree = [System.Management.Automation.Language.Parser]::ParseFile('PATH', [ref] $tokens, [ref] $errors)
$texts = $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.StringConstantExpressionAst] }, $true)
$commands = $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
ConvertTo-Json -Compress @{
    errors = @($errors | ForEach-Object { $_.Message })
    commands = @($commands | ForEach-Object { $_.GetCommandName() } | Select-Object -Unique)
    texts = @($texts | ForEach-Object { $_.Value } | Select-Object -Unique)
}
"""


@pytest.mark.pwsh
@pytest.mark.parametrize("strategy", Strategy)
def test_powershell_parses_the_script_and_sees_no_foreign_command(strategy: Strategy, tmp_path: Path) -> None:
    path = tmp_path / "apply.ps1"
    path.write_bytes(apply_script(target(strategy=strategy)))
    plain = target(strategy=strategy)
    harmless = replace(plain.relationships[0], name="a-b")
    (tmp_path / "plain.ps1").write_bytes(apply_script(replace(plain, relationships=(harmless,), server=Server(name="a"))))
    script = PARSE.replace("PATH", str(path)) + PARSE.replace("PATH", str(tmp_path / "plain.ps1"))
    hostile, plain_tree = (json.loads(line) for line in run_powershell(script, tmp_path).splitlines())
    assert hostile["errors"] == []
    assert hostile["commands"] == plain_tree["commands"]
    assert "x'; Remove-Item C:\\ #\u2019; $(whoami) `n \"#>" in hostile["texts"]


@pytest.mark.pwsh
def test_powershell_reads_each_literal_as_its_value(tmp_path: Path) -> None:
    values = ["", HOSTILE, "''", "\u2018\u2019\u201a\u201b'", "\x00\x01\r\n\t\u2028", "$env:PATH", "漢🖨ß", "a\nb", "-Force", "@{}"]
    script = "\n".join(
        f"[Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes([string] {ps_quote(value)}))" for value in values
    )
    assert run_powershell(script, tmp_path).split("\n")[: len(values)] == [as_base64(value) for value in values]
