"""The commands of scenarios and drills: one line each, in the words of an administrator. `COMMANDS` is the whole language.

start                                  both servers start and meet, with the leases of the estate on the primary
run 3h                                 let time pass; also 90s, 10min, 8d, or sums such as 1h30min
crash primary [silently] [after 3]     it stops: noticed by its partner or not, at once or within the next effects
restart primary [without-database]
cut [silently] [from primary]          the link between the partners; `from` makes it one-way
heal
faults loss=0.01 delay=1-3 duplication=0.1 reordering=0.1
clock secondary +5min
partner-down secondary                 an operator says on the secondary that its partner is down
pause primary | shut-down primary | rebalance
lease-holders                          the clients of the estate's leases come to life
reboot 3                               every third client that has a lease asks for it again, as after a night
newcomers 2|full [each 60s]            so many new clients in each scope (full: more than it has free addresses)
client 1 boots|reboots|releases|declines|leaves
state                                  write down both states
show 10.20.0.11                        write down what both servers have stored of an address
agree                                  wait until both databases say the same, for ten minutes at most
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

from migrate.failover.bindings import ACTIVE
from migrate.failover.effects import Order
from migrate.model.server import Role
from migrate.simulate.clients import Phase, SimulatedClient
from migrate.simulate.estate import Simulation
from migrate.simulate.transcript import duration
from migrate.simulate.world import OPERATOR

_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(?:\d+(?:d|h|min|s))+")
_PART = re.compile(r"(\d+)(d|h|min|s)")
SETTLING_S = 600


class CommandError(ValueError):
    """A line that is no command. Its text says what was expected."""


def perform(simulation: Simulation, line: str) -> None:
    """Carry out one command. Raises CommandError when it cannot be understood."""
    name, *words = line.split()
    command = COMMANDS.get(name)
    if command is None:
        raise CommandError(f"unknown command {name!r}; there are {', '.join(COMMANDS)}")
    command(simulation, words)
    simulation.world.judge()


def seconds(text: str) -> int:
    """From `90s`, `10min`, `1h30min`, `8d`. Raises CommandError for anything else."""
    if not _DURATION.fullmatch(text):
        raise CommandError(f"not a duration such as 90s, 10min, 1h30min or 8d: {text!r}")
    return sum(int(count) * _UNITS[unit] for count, unit in _PART.findall(text))


def _role(words: list[str]) -> Role:
    if not words or words[0] not in tuple(Role):
        raise CommandError(f"primary or secondary expected, not {' '.join(words)!r}")
    return Role(words[0])


def _after(words: list[str], word: str, default: str | None = None) -> str | None:
    """The word that follows this one."""
    if word not in words:
        return default
    at = words.index(word) + 1
    if at == len(words):
        raise CommandError(f"something must follow {word!r}")
    return words[at]


def _number(text: str) -> int:
    if not text.isdigit():
        raise CommandError(f"a number expected, not {text!r}")
    return int(text)


def _start(simulation: Simulation, words: list[str]) -> None:
    simulation.world.start()
    simulation.world.run(0)


def _run(simulation: Simulation, words: list[str]) -> None:
    simulation.world.run(seconds("".join(words)))


def _crash(simulation: Simulation, words: list[str]) -> None:
    role, effects = _role(words), _after(words, "after")
    if not simulation.world.hosts[role].is_up:
        raise CommandError(f"the {role} is down already")
    if effects is None:
        simulation.world.crash(role, noticed="silently" not in words)
    else:
        simulation.world.crash_within(role, _number(effects))


def _restart(simulation: Simulation, words: list[str]) -> None:
    role = _role(words)
    if simulation.world.hosts[role].is_up:
        raise CommandError(f"the {role} is up already")
    simulation.world.restart(role, without_database="without-database" in words)


def _cut(simulation: Simulation, words: list[str]) -> None:
    sender = _after(words, "from")
    roles = () if sender is None else (_role([sender]),)
    simulation.world.cut(*roles, noticed="silently" not in words and not roles)


def _heal(simulation: Simulation, words: list[str]) -> None:
    simulation.world.heal()


def _faults(simulation: Simulation, words: list[str]) -> None:
    changes: dict[str, float] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name == "delay":
            least, _, most = value.partition("-")
            changes["delay_min_s"], changes["delay_max_s"] = _number(least), _number(most or least)
        elif name in ("loss", "duplication", "reordering"):
            changes[f"{name}_probability"] = float(value)
        else:
            raise CommandError(f"no such fault: {word!r}")
    simulation.world.faults = replace(simulation.world.faults, **changes)  # type: ignore[arg-type]
    simulation.world.say("network", "faults: {0}", " ".join(words))


def _clock(simulation: Simulation, words: list[str]) -> None:
    role, by = _role(words), words[-1]
    if by[0] not in "+-":
        raise CommandError(f"how much fast (+) or slow (-), not {by!r}")
    simulation.world.set_clock(role, seconds(by[1:]) * (-1 if by[0] == "-" else 1))


def _order(order: Order) -> Callable[[Simulation, list[str]], None]:
    def command(simulation: Simulation, words: list[str]) -> None:
        role = Role.PRIMARY if order is Order.REBALANCE else _role(words)
        if not simulation.world.hosts[role].is_up:
            raise CommandError(f"the {role} is down")
        simulation.world.order(role, order)
        simulation.world.run(0)

    return command


def _lease_holders(simulation: Simulation, words: list[str]) -> None:
    simulation.wake_lease_holders()
    simulation.world.say("clients", "{0} hold leases", len(simulation.estate.leases))


def _reboot(simulation: Simulation, words: list[str]) -> None:
    step = _number(words[0]) if words else 1
    chosen = [client for client in simulation.clients if client.phase is Phase.BOUND][::step]
    simulation.world.say("clients", "{0} of those with a lease reboot", len(chosen))
    for client in chosen:
        client.reboot()
        simulation.world.judge()


def _newcomers(simulation: Simulation, words: list[str]) -> None:
    much, step = words[0] if words else "1", _after(words, "each")
    step_s = 0 if step is None else seconds(step)
    world = simulation.world
    world.say("clients", "{0} new ones in each scope{1}", much, f", one each {duration(step_s)}" if step_s else "")
    for scope in simulation.estate.scopes:
        scope_id = int(scope.scope_id)
        count = simulation.free_addresses(scope_id) + 2 if much == "full" else _number(much)
        for number in range(count):
            world.call_at(world.now + number * step_s, simulation.newcomer(scope_id).boot)
    world.run(0)


def _client(simulation: Simulation, words: list[str]) -> None:
    if len(words) < 2 or words[1] not in _CLIENT_DOES:
        raise CommandError(f"client NUMBER and one of {', '.join(_CLIENT_DOES)} expected")
    _CLIENT_DOES[words[1]](simulation.numbered(_number(words[0])))


_CLIENT_DOES: dict[str, Callable[[SimulatedClient], None]] = {
    "boots": SimulatedClient.boot,
    "reboots": SimulatedClient.reboot,
    "releases": SimulatedClient.release,
    "declines": SimulatedClient.decline,
    "leaves": SimulatedClient.switch_off,
}


def _state(simulation: Simulation, words: list[str]) -> None:
    for role, host in simulation.world.hosts.items():
        simulation.world.say(role, "is {0}", f"in {host.running.state}" if host.is_up else "down")


def _show(simulation: Simulation, words: list[str]) -> None:
    address = int(IPv4Address(words[0]))
    for role, host in simulation.world.hosts.items():
        binding = host.stored(address)
        holder = f" {binding.client.identity.hex('-')}" if binding.client else ""
        left = f", {duration(max(binding.expiry_s - simulation.world.now, 0))} left" if binding.state is ACTIVE else ""
        simulation.world.say(role, "has {0} {1}{2}{3}", words[0], binding.state.name, holder, left)


def _agree(simulation: Simulation, words: list[str]) -> None:
    world = simulation.world
    until_s = world.now + SETTLING_S
    while world.unsettled and world.now < until_s:
        world.run(1)
    simulation.judge.expect_settled(world)
    if not world.unsettled:
        world.say(OPERATOR, "the databases agree")


COMMANDS: dict[str, Callable[[Simulation, list[str]], None]] = {
    "start": _start,
    "run": _run,
    "crash": _crash,
    "restart": _restart,
    "cut": _cut,
    "heal": _heal,
    "faults": _faults,
    "clock": _clock,
    "partner-down": _order(Order.PARTNER_DOWN),
    "pause": _order(Order.PAUSE),
    "shut-down": _order(Order.SHUT_DOWN),
    "rebalance": _order(Order.REBALANCE),
    "lease-holders": _lease_holders,
    "reboot": _reboot,
    "newcomers": _newcomers,
    "client": _client,
    "state": _state,
    "show": _show,
    "agree": _agree,
}
