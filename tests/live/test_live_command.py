"""`python -m migrate.live`: its arguments and its commands, with no network."""

from __future__ import annotations

import asyncio
import re
from ipaddress import IPv4Address
from typing import Any

import pytest

from migrate.failover.configuration import Configuration
from migrate.failover.dialect import ISC
from migrate.live.__main__ import main, scope
from migrate.live.console import HELP, Console
from migrate.live.journal import Journal
from migrate.live.peer import Peer, SocketAddress
from migrate.live.transcript import describe
from migrate.model.relationship import FailoverRelationship
from migrate.model.server import Role

RELATIONSHIP = FailoverRelationship(name="live", primary_server="primary", secondary_server="secondary")
SCOPE = "10.77.0.0/24=10.77.0.100-10.77.0.119"
ADDRESS = SocketAddress("10.77.0.1", 647)


def reports(*lines: str) -> list[dict[str, Any]]:
    """Of a partner that has not started, so that it is in STARTUP and has nobody to talk to."""
    seen: list[dict[str, Any]] = []

    async def obey() -> None:
        configuration = Configuration.of_model(RELATIONSHIP, [scope(SCOPE)], Role.PRIMARY, IPv4Address(ADDRESS.host), ISC)
        peer = Peer(configuration, Journal(None), ADDRESS, ADDRESS, lambda effect: seen.append(describe(effect, ISC.profile)))
        console = Console(peer, seen.append)
        for line in lines:
            console.obey(line)

    asyncio.run(obey())
    return seen


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("reticulate", "no such command"),
        ("lease", "missing a required argument: 'client'"),
        ("lease 02:00:00:00:00:01", None),
        ("lease 02:00:00:00:00:zz", "non-hexadecimal number found in fromhex() arg at position 10"),
        ("lease 02:00:00:00:00:01 10.77", "Expected 4 octets in '10.77'"),
        ("renew 02:00:00:00:00:01", "missing a required argument: 'address'"),
        ("release 02:00:00:00:00:01 10.77.0.300", "Octet 300 (> 255) not permitted in '10.77.0.300'"),
        ("partner-down now", "too many positional arguments"),
        ("reset x", "Expected 4 octets in 'x'"),
    ],
)
def test_a_command_that_makes_no_sense_says_why(line: str, reason: str | None) -> None:
    errors = [shown for shown in reports(line) if shown["event"] == "error"]
    assert errors == ([] if reason is None else [{"event": "error", "line": line, "reason": reason}])


def test_every_command_in_the_help_exists() -> None:
    entries = [re.split(r"\s{2,}", line.strip())[0] for line in HELP.splitlines() if line.startswith("  ")]
    names = [words.split()[0] for entry in entries for words in entry.split("|")]
    assert len(names) == 13
    assert [shown for shown in reports(*names) if shown.get("reason") == "no such command"] == []


def test_an_empty_line_is_nothing() -> None:
    assert reports("", "  ") == []


def test_clients_are_not_answered_before_the_partner_is_known() -> None:
    [note] = reports("lease 02:00:00:00:00:01/01aabb")
    assert note == {"event": "note", "id": 0, "text": "live: DHCPDISCOVER from 01-aa-bb not answered: the server is in STARTUP"}


def test_the_overview_of_a_new_partner_is_empty() -> None:
    assert reports("show") == [
        {"event": "overview", "state": "STARTUP", "since_s": 0, "partner": None, "communications": False, "bindings": []}
    ]


ARGUMENTS = ("--role", "primary", "--name", "live", "--local", "10.77.0.1", "--partner", "10.77.0.2:6470", "--scope", SCOPE)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        (("--partner", "dhcp02"), "argument --partner: invalid address value: 'dhcp02'"),
        (("--partner", "10.77.0.2:port"), "argument --partner: invalid address value: '10.77.0.2:port'"),
        (("--scope", "10.77.0.0/24"), "argument --scope: invalid scope value: '10.77.0.0/24'"),
        (("--scope", "10.77.0.1/24=10.77.0.100-10.77.0.119"), "argument --scope: invalid scope value"),
        (("--scope", "10.77.0.0/24=10.77.0.119-10.77.0.100"), "argument --scope: invalid scope value"),
        (("--role", "tertiary"), "argument --role: invalid Role value: 'tertiary'"),
        (("--journal", "/dev/null/journal"), "Not a directory"),
    ],
)
def test_arguments_that_make_no_sense_are_usage_errors(
    changed: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*ARGUMENTS, *changed])
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err
