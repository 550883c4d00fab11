"""`python -m migrate.live`: one failover partner that dhcpd can be the other of. JSON objects on standard output, one a line."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from migrate.failover.codes import Profile
from migrate.failover.configuration import Configuration
from migrate.failover.dialect import ISC, Dialect
from migrate.failover.effects import Send
from migrate.live.console import HELP, Console
from migrate.live.journal import Journal
from migrate.live.peer import Observed, Peer, Received, SocketAddress
from migrate.live.transcript import describe
from migrate.model.addresses import AddressRange
from migrate.model.relationship import FailoverRelationship
from migrate.model.scope import Scope
from migrate.model.server import Role

FAILOVER_PORT = 647


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        configuration, journal = _configuration(options), Journal(options.journal)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    try:
        asyncio.run(_run(options, configuration, journal))
    except OSError as error:
        parser.error(f"{options.local.host}: {error}")
    return 0


async def _run(options: argparse.Namespace, configuration: Configuration, journal: Journal) -> None:
    def observe(observed: Observed) -> None:
        if options.trace or not isinstance(observed, Send | Received):
            _print(describe(observed, Profile.ISC))

    peer = Peer(configuration, journal, options.local, options.partner, observe)
    console = Console(peer, _print)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, peer.stop)
    # A daemon, because a thread that waits for a line cannot be ended.
    threading.Thread(target=_read_commands, args=(loop, console, peer), daemon=True).start()
    await peer.run()


def _read_commands(loop: asyncio.AbstractEventLoop, console: Console, peer: Peer) -> None:
    for line in sys.stdin:
        loop.call_soon_threadsafe(console.obey, line)
    loop.call_soon_threadsafe(peer.stop)


def _print(shown: dict[str, Any]) -> None:
    print(json.dumps(shown), flush=True)


def _configuration(options: argparse.Namespace) -> Configuration:
    relationship = FailoverRelationship(
        name=options.name,
        primary_server="primary",
        secondary_server="secondary",
        load_balance_percent=options.percent,
        max_client_lead_time=timedelta(seconds=options.mclt),
    )
    scopes = [replace(given, lease_duration=timedelta(seconds=options.lease)) for given in options.scope]
    return Configuration.of_model(relationship, scopes, options.role, IPv4Address(options.local.host), _dialect(options))


def _dialect(options: argparse.Namespace) -> Dialect:
    timers = replace(ISC.timers, receive_s=options.receive_timer, connection_retry_s=options.retry)
    return replace(ISC, timers=timers, max_unacked=options.max_unacked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m migrate.live",
        description="One partner of a failover relationship, as dhcpd speaks it.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--role", type=Role, choices=list(Role), required=True)
    parser.add_argument("--local", type=address, required=True, metavar="ADDRESS[:PORT]", help="to listen on and dial from")
    parser.add_argument("--partner", type=address, required=True, metavar="ADDRESS[:PORT]")
    parser.add_argument("--name", required=True, help="of the relationship: dhcpd's failover peer")
    parser.add_argument(
        "--scope", type=scope, action="append", required=True, metavar="NETWORK=FIRST-LAST", help="may be given several times"
    )
    parser.add_argument("--mclt", type=int, default=3600, metavar="SECONDS", help="default %(default)s")
    parser.add_argument("--lease", type=int, default=86400, metavar="SECONDS", help="lease duration, default %(default)s")
    parser.add_argument("--percent", type=int, default=50, help="of the clients that the primary answers, default %(default)s")
    parser.add_argument(
        "--receive-timer",
        type=int,
        default=ISC.timers.receive_s,
        metavar="SECONDS",
        help="silence after which the partner counts as lost (dhcpd: max-response-delay), default %(default)s",
    )
    parser.add_argument(
        "--max-unacked",
        type=int,
        default=ISC.max_unacked,
        metavar="COUNT",
        help="binding updates that the partner may send before they are acknowledged, default %(default)s",
    )
    parser.add_argument(
        "--retry",
        type=int,
        default=ISC.timers.connection_retry_s,
        metavar="SECONDS",
        help="time to the next attempt after the connection was lost or could not be made, default %(default)s",
    )
    parser.add_argument("--journal", type=Path, help="keep what is stored in this file, and go on from it")
    parser.add_argument("--trace", action="store_true", help="also show the messages, for python -m migrate.failover decode")
    return parser


# argparse names these two in its errors: "invalid address value", "invalid scope value".


def address(text: str) -> SocketAddress:
    host, colon, port = text.partition(":")
    return SocketAddress(str(IPv4Address(host)), int(port) if colon else FAILOVER_PORT)


def scope(text: str) -> Scope:
    network, _, pool = text.partition("=")
    first, _, last = pool.partition("-")
    subnet = IPv4Network(network)
    return Scope(scope_id=subnet.network_address, subnet_mask=subnet.netmask, range=AddressRange.parse(first, last))


if __name__ == "__main__":
    sys.exit(main())
