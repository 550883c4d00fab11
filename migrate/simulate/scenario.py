"""Scenarios: text files of commands, each followed by what came of it, so that a reader needs nothing else.

    # A comment
    estate mode=load-balance pool=10.20.0.11-10.20.0.30 lease=8d mclt=1h
    start
        00:00:00  primary    starts
    client 1 boots

The first command says what the world is made of (`estate`; `_DEFAULTS` lists what can be set, a reservation is written
`7@10.20.0.12` for client 7); the others are those of `commands`. Indented lines are the
transcript. `played` gives the whole file with the transcript as it is now; whether that is what was expected is for a test to say.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network

from migrate.failover.dialect import DRAFT, ISC, WINDOWS, Dialect
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.relationship import FailoverMode, FailoverRelationship
from migrate.model.scope import ExclusionRange, Reservation, Scope
from migrate.model.server import Role
from migrate.simulate.commands import CommandError, perform, seconds
from migrate.simulate.estate import KnownLease, Simulation, client_of, estate_of, newcomer_mac

START_S = 1_800_000_000
INDENT = " " * 4
_DIALECTS: dict[str, Dialect] = {"windows": WINDOWS, "isc": ISC, "draft": DRAFT}
_MODES = {"load-balance": FailoverMode.LOAD_BALANCE, "hot-standby": FailoverMode.HOT_STANDBY}
_DEFAULTS = {
    "mode": "load-balance",
    "dialect": "windows",
    "pool": "10.20.0.11-10.20.0.30",
    "lease": "8d",
    "mclt": "1h",
    "percent": "50",
    "reserve": "5",
    "switch": "never",
    "exclude": "",
    "reserved": "",
    "leases": "0",
    "seed": "1",
    "details": "no",
}


def played(text: str) -> str:
    """The scenario with a fresh transcript under each command. Raises CommandError with the line's number."""
    simulation: Simulation | None = None
    out: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(INDENT):
            continue
        out.append(line)
        if not line.strip() or line.startswith("#"):
            continue
        try:
            if line.split()[0] == "estate":
                simulation = _estate(line.split()[1:])
                continue
            if simulation is None:
                raise CommandError("the first command must be: estate")
            written = len(simulation.world.transcript.entries)
            perform(simulation, line)
        except ValueError as error:
            raise CommandError(f"line {number}: {error}") from None
        transcript = simulation.world.transcript
        out += [INDENT + each for each in transcript.lines(transcript.entries[written:])]
    return "\n".join(out) + "\n"


def _estate(words: list[str]) -> Simulation:
    """One scope, and the first `leases` addresses of its pool leased for another half of the lease duration; the clients of these
    are numbers 1 to `leases`."""
    given = dict(word.partition("=")[::2] for word in words)
    if unknown := [name for name in given if name not in _DEFAULTS]:
        raise CommandError(f"unknown settings of an estate: {', '.join(unknown)}; there are {', '.join(_DEFAULTS)}")
    values = {**_DEFAULTS, **given}
    scope = _scope(values)
    first = int(scope.range.first) if scope.range else 0
    half_s = seconds(values["lease"]) // 2
    leases = [
        KnownLease(first + number, int(scope.scope_id), client_of(newcomer_mac(number + 1)), START_S + half_s + 60, Role.PRIMARY)
        for number in range(int(values["leases"]))
    ]
    return Simulation(
        estate_of(_relationship(values), [scope], leases, START_S),
        seed=int(values["seed"]),
        dialect=_DIALECTS[values["dialect"]],
        details=values["details"] == "yes",
    )


def _scope(values: dict[str, str]) -> Scope:
    pool = AddressRange.parse(*values["pool"].split("-"))
    network = IPv4Network((int(pool.first), 24), strict=False)
    excluded = [AddressRange.parse(*(each.split("-") * 2)[:2]) for each in values["exclude"].split(",") if each]
    reserved = [each.split("@") for each in values["reserved"].split(",") if each]
    return Scope(
        scope_id=network.network_address,
        subnet_mask=network.netmask,
        lease_duration=timedelta(seconds=seconds(values["lease"])),
        range=pool,
        exclusions=tuple(ExclusionRange(range=each) for each in excluded),
        reservations=tuple(
            Reservation(ip_address=IPv4Address(address), client_id=ClientId(newcomer_mac(int(number))))
            for number, address in reserved
        ),
    )


def _relationship(values: dict[str, str]) -> FailoverRelationship:
    mode = _MODES[values["mode"]]
    is_standby = mode is FailoverMode.HOT_STANDBY
    switches = values["switch"] != "never"
    return FailoverRelationship(
        name="dhcp01-dhcp02",
        primary_server="dhcp01",
        secondary_server="dhcp02",
        mode=mode,
        load_balance_percent=None if is_standby else int(values["percent"]),
        reserve_percent=int(values["reserve"]) if is_standby else None,
        max_client_lead_time=timedelta(seconds=seconds(values["mclt"])),
        auto_state_transition=switches,
        state_switch_interval=timedelta(seconds=seconds(values["switch"])) if switches else None,
    )
