"""`python -m migrate.live` with itself as partner, and with connections that are nobody's."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_process import EngineProcess
from isc_dhcpd import MCLT_S
from namespaces import Host, two_hosts
from waiting import wait_for

from migrate.failover.codes import ServerState
from migrate.model.server import Role

pytestmark = pytest.mark.dhcpd

Engines = tuple[EngineProcess, EngineProcess]
FAILOVER_PORT = 647


@pytest.fixture
def hosts(dhcpd_program: str) -> Iterator[tuple[Host, Host]]:
    with two_hosts("10.77.0.1/24", "10.77.0.2/24") as hosts:
        yield hosts


@pytest.fixture
def engines(hosts: tuple[Host, Host], tmp_path: Path) -> Engines:
    """Primary and secondary."""
    made = []
    for role, (host, partner) in zip(Role, (hosts, reversed(hosts)), strict=True):
        folder = tmp_path / role
        folder.mkdir()
        made.append(EngineProcess(host, partner, role, folder))
    return made[0], made[1]


def await_states(engines: Engines, state: ServerState) -> None:
    wait_for(f"both to be in {state}", lambda: all(engine.state is state for engine in engines))


def test_two_engines_keep_one_connection_and_agree(engines: Engines) -> None:
    for engine in engines:
        engine.start()
    await_states(engines, ServerState.NORMAL)
    primary, secondary = engines
    granted = primary.lease("02:00:00:00:00:01") or secondary.lease("02:00:00:00:00:01")
    assert granted and granted[1] == MCLT_S
    for engine in engines:
        wait_for("the lease to be known", lambda engine=engine: engine.bindings()[granted[0]].expiry_s)
    secondary.kill()
    wait_for("the primary to notice", lambda: primary.state is ServerState.COMMUNICATIONS_INTERRUPTED)
    secondary.start()
    await_states(engines, ServerState.NORMAL)


@pytest.mark.parametrize("silent", [0, 1], ids=["primary", "secondary"])
def test_losing_each_other_at_the_same_second_does_not_keep_them_apart(engines: Engines, silent: int) -> None:
    for engine in engines:
        engine.start()
    await_states(engines, ServerState.NORMAL)
    engines[silent].obey("cut")
    await_states(engines, ServerState.COMMUNICATIONS_INTERRUPTED)
    engines[silent].obey("heal")
    await_states(engines, ServerState.NORMAL)


@pytest.mark.parametrize(
    "sent",
    [b"GET / HTTP/1.0\r\n\r\n", b"\0\0", b"\xff\xff", bytes.fromhex("000c0b0c0000000000000000"), bytes.fromhex("000c0b0400000000")],
    ids=["HTTP", "length 0", "length 65535", "CONTACT first", "half a message"],
)
def test_octets_that_are_no_connect_end_the_connection_only(hosts: tuple[Host, Host], engines: Engines, sent: bytes) -> None:
    primary, secondary = engines
    secondary.start()
    wait_for("the secondary to dial", lambda: secondary.of_kind("dial"))
    with hosts[0].socket(socket.SOCK_STREAM) as stranger:
        stranger.settimeout(5)
        stranger.connect((hosts[1].address, FAILOVER_PORT))
        stranger.sendall(sent)
        stranger.shutdown(socket.SHUT_WR)
        assert stranger.recv(100) == b""
    primary.start()
    await_states(engines, ServerState.NORMAL)
    assert secondary.log == ""


def test_a_stranger_is_turned_away(hosts: tuple[Host, Host], engines: Engines) -> None:
    """By address, as dhcpd does."""
    engines[1].start()
    wait_for("the secondary to dial", lambda: engines[1].of_kind("dial"))
    stranger = Host(hosts[1].namespace, hosts[1].address)
    with stranger.socket(socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        connection.connect((hosts[1].address, FAILOVER_PORT))
        assert connection.recv(100) == b""
    wait_for(
        "the secondary to say why",
        lambda: any("no partner of ours" in shown["reason"] for shown in engines[1].of_kind("disconnected")),
    )
