"""The change itself, step by step, with the clients renewing at their own times: from two servers that know nothing of one another
to a failover pair, in the order of windows-failover.md section 8.3.

A step is an action and the time until the next one. What each step costs is written down: who is served and by whom, who is left
waiting, how many leases the other side does not know, and how many a rollback at this point would forget. The orders that people
get wrong are here too, and must be caught.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from migrate.failover.bindings import ACTIVE, Binding
from migrate.failover.configuration import Configuration
from migrate.failover.dialect import WINDOWS, Dialect
from migrate.failover.effects import Order, Storage
from migrate.model.addresses import AddressSet
from migrate.model.server import Role
from migrate.model.target import Strategy
from migrate.simulate.clients import Phase
from migrate.simulate.estate import SERVER_IDS, Estate, KnownLease, Simulation, imported, pool_addresses
from migrate.simulate.host import Host
from migrate.simulate.stand_alone import StandAlone
from migrate.simulate.tally import PATIENCE_S

MINUTE = 60
Serves = Mapping[int, AddressSet]
"""By scope id; a scope that the server does not have is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What each server hands out before the change. The secondary's is empty for a cluster or a single server."""

    serves: Mapping[Role, Serves]

    @classmethod
    def of_scopes(cls, estate: Estate, serves: Mapping[Role, Serves]) -> Before:
        """Confined to the addresses that the estate plays."""
        pools = {int(scope.scope_id): pool_addresses(scope) for scope in estate.scopes}
        return cls(
            serves={
                role: {scope_id: part & pools[scope_id] for scope_id, part in serves[role].items() if scope_id in pools}
                for role in Role
            }
        )

    @classmethod
    def one_server(cls, estate: Estate) -> Before:
        """A cluster or a single server hands out everything."""
        whole = {int(scope.scope_id): pool_addresses(scope) for scope in estate.scopes}
        return cls(serves={Role.PRIMARY: whole, Role.SECONDARY: {}})

    def server_of(self, lease: KnownLease) -> Role:
        part = self.serves[Role.SECONDARY].get(lease.scope_id)
        is_secondarys = part is not None and any(start <= lease.address < stop for start, stop in part.spans)
        return Role.SECONDARY if is_secondarys else Role.PRIMARY


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    name: str
    title: str
    lasts_s: int
    act: Callable[[ChangeWindow], None]
    newcomers: int = 0
    """New clients in every scope, one after the other while the step lasts."""
    fills_pools: bool = False
    """As many more as there are free addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutcome:
    name: str
    title: str
    starts_s: int
    """After the start of the change."""
    lasts_s: int
    served: Mapping[Role, int]
    """Leases given and renewed during the step."""
    waiting: int
    """Clients without an address for longer than two minutes when it ends."""
    longest_wait_s: int
    unknown_to: Mapping[Role, int]
    """Leases in clients' hands that this server does not have, when the step ends."""
    lost_by_rollback: int
    """Leases in clients' hands that the backup does not know, when the step ends: after a rollback they can be given away twice."""
    broken: int
    """Judgements of this step that were not well."""


@dataclass(slots=True)
class ChangeWindow:
    """The state of the change. The simulation's world begins with two stand-alone servers in the place of the partners."""

    estate: Estate
    before: Before
    strategy: Strategy
    seed: int
    dialect: Dialect
    details: bool = False
    simulation: Simulation = field(init=False)
    exported: dict[int, Binding] = field(default_factory=dict)
    """The merged export; empty until there is one."""
    backup: dict[int, Binding] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.simulation = Simulation(self.estate, seed=self.seed, dialect=self.dialect, details=self.details)
        for role in Role:
            leases = [lease for lease in self.estate.leases if self.before.server_of(lease) is role]
            bindings = {lease.address: imported(lease, self.estate.start_s) for lease in leases}
            self._stand_alone(role, self.before.serves[role], bindings)
        self.simulation.wake_lease_holders()
        for client, lease in zip(self.simulation.clients, self.estate.leases, strict=True):
            client.server = self.before.server_of(lease)

    def _configuration(self, role: Role) -> Configuration:
        return Configuration.of_model(self.estate.relationship, self.estate.scopes, role, SERVER_IDS[role], self.dialect)

    def _stand_alone(self, role: Role, serves: Serves, bindings: dict[int, Binding]) -> None:
        configuration = self._configuration(role)
        host = Host(configuration, Storage(bindings=dict(bindings)))
        if serves:
            host.server = StandAlone(configuration, serves, bindings)
        self.simulation.world.hosts[role] = host

    def databases(self) -> dict[int, Binding]:
        """Both lease lists as one: of two leases for an address the later stands, and a client keeps its later address."""
        merged: dict[int, Binding] = {}
        for role in Role:
            for address, binding in sorted(self.simulation.world.hosts[role].seen.items()):
                if binding.state is ACTIVE and (address not in merged or binding.expiry_s > merged[address].expiry_s):
                    merged[address] = binding
        return merged

    def stand_alone(self, role: Role) -> StandAlone | None:
        server = self.simulation.world.hosts[role].server
        return server if isinstance(server, StandAlone) else None


# The steps


def _say(window: ChangeWindow, text: str) -> None:
    window.simulation.world.say("runbook", text)


def _back_up(window: ChangeWindow) -> None:
    window.backup = window.databases()


def _freeze(window: ChangeWindow) -> None:
    for role in Role:
        if (server := window.stand_alone(role)) is not None:
            server.is_active = False


def _export(window: ChangeWindow) -> None:
    window.exported = window.databases()


def _import(window: ChangeWindow) -> None:
    """On the primary: the whole pool and the merged leases. Its scopes come as they are now: inactive after a freeze."""
    if window.strategy is Strategy.NEW_SERVERS:
        return  # the new primary is not on any wire yet; what it holds is loaded when it starts
    was = window.stand_alone(Role.PRIMARY)
    whole = {int(scope.scope_id): scope.serves for scope in window.estate.scopes}
    window._stand_alone(Role.PRIMARY, whole, window.exported)
    now = window.stand_alone(Role.PRIMARY)
    if now is not None and was is not None:
        now.is_active = was.is_active


def _remove_on_partner(window: ChangeWindow) -> None:
    window._stand_alone(Role.SECONDARY, {}, {})


def _create(window: ChangeWindow) -> None:
    """Both ends of the relationship come up with their scopes inactive; what the primary has is what the secondary gets."""
    world = window.simulation.world
    bindings = window.exported
    if window.strategy is Strategy.IN_PLACE:
        bindings = {a: b for a, b in world.hosts[Role.PRIMARY].seen.items() if b.state is ACTIVE}
    world.hosts[Role.PRIMARY] = Host(window._configuration(Role.PRIMARY), Storage(bindings=dict(bindings)))
    world.hosts[Role.SECONDARY] = Host(window._configuration(Role.SECONDARY), Storage())
    world.reached = ()
    world.unsettled.clear()
    world.start()


def _rebalance(window: ChangeWindow) -> None:
    window.simulation.world.order(Role.PRIMARY, Order.REBALANCE)


def _activate(window: ChangeWindow) -> None:
    window.simulation.world.reached = tuple(Role)


def _move_relays(window: ChangeWindow) -> None:
    """The old servers' addresses are gone: whoever renews with one of them by unicast gets no answer and rebinds at T2."""
    for client in window.simulation.clients:
        client.server = None
    _activate(window)


def _nothing(window: ChangeWindow) -> None:
    """Time passes."""


_BACK_UP = Step(name="back-up", title="Back up and export both servers", lasts_s=10 * MINUTE, act=_back_up, newcomers=1)
_FREEZE = Step(name="freeze", title="Deactivate the scopes on both servers", lasts_s=5 * MINUTE, act=_freeze, newcomers=1)
_EXPORT = Step(name="export", title="Export both servers with leases, and merge", lasts_s=10 * MINUTE, act=_export)
_IMPORT = Step(name="import", title="Import the merged configuration and leases on the primary", lasts_s=10 * MINUTE, act=_import)
_REMOVE = Step(name="remove", title="Remove the scopes on the partner", lasts_s=5 * MINUTE, act=_remove_on_partner)
_CREATE = Step(name="create", title="Create the relationship and wait for NORMAL", lasts_s=10 * MINUTE, act=_create)
_REBALANCE = Step(name="rebalance", title="Share out the free addresses and verify", lasts_s=5 * MINUTE, act=_rebalance)
_ACTIVATE = Step(name="activate", title="Activate the scopes", lasts_s=4 * 3600, act=_activate, newcomers=1)
_MOVE = Step(name="move-relays", title="Point the relays to the new servers", lasts_s=4 * 3600, act=_move_relays, newcomers=1)
_A_DAY = Step(name="working-day", title="A working day between export and change", lasts_s=8 * 3600, act=_nothing, fills_pools=True)

RUNBOOKS: Mapping[Strategy, tuple[Step, ...]] = {
    Strategy.IN_PLACE: (_BACK_UP, _FREEZE, _EXPORT, _IMPORT, _REMOVE, _CREATE, _REBALANCE, _ACTIVATE),
    Strategy.NEW_SERVERS: (_BACK_UP, _FREEZE, _EXPORT, _IMPORT, _CREATE, _REBALANCE, _MOVE),
}
WRONG_ORDERS: Mapping[str, tuple[Step, ...]] = {
    "pool widened before the partner stops": (_BACK_UP, _EXPORT, _IMPORT, _A_DAY, _REMOVE, _CREATE, _REBALANCE, _ACTIVATE),
    "no final export": (_BACK_UP, _EXPORT, _A_DAY, _FREEZE, _IMPORT, _REMOVE, _CREATE, _REBALANCE, _ACTIVATE),
}


# Playing it


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookOutcome:
    strategy: Strategy
    steps: tuple[StepOutcome, ...]
    checked: dict[str, int]
    broken: dict[str, int]
    victim: tuple[str, ...]
    """The transcript of the first client that came to harm; empty when none did."""

    @property
    def is_fault(self) -> bool:
        return bool(self.broken)


def play_runbook(
    steps: tuple[Step, ...], estate: Estate, before: Before, strategy: Strategy, *, seed: int = 1, dialect: Dialect = WINDOWS
) -> RunbookOutcome:
    """`estate` is the target; its leases stand on the servers that `before` says."""
    window = ChangeWindow(estate, before, strategy, seed, dialect)
    outcomes = tuple(_play_step(window, step) for step in steps)
    violations = window.simulation.judge.violations
    return RunbookOutcome(
        strategy=strategy,
        steps=outcomes,
        checked=dict(window.simulation.judge.checked),
        broken=dict(sorted(Counter(violation.invariant for violation in violations).items())),
        victim=_victim(steps, ChangeWindow(estate, before, strategy, seed, dialect, details=True)) if violations else (),
    )


def _victim(steps: tuple[Step, ...], window: ChangeWindow) -> tuple[str, ...]:
    """The same again up to the step in which something breaks, every renewal of the victim written down."""
    for step in steps:
        _play_step(window, step)
        if violations := window.simulation.judge.violations:
            return tuple(window.simulation.world.transcript.of_victim([violations[0].address], violations[0].clients))
    return ()


def _play_step(window: ChangeWindow, step: Step) -> StepOutcome:
    simulation, world = window.simulation, window.simulation.world
    starts_s, served_before = world.now, _served(simulation)
    broken_before = len(simulation.judge.violations)
    _say(window, f"{step.name}: {step.title}")
    step.act(window)
    for scope in window.estate.scopes:
        scope_id = int(scope.scope_id)
        count = step.newcomers + (simulation.free_addresses(scope_id) if step.fills_pools else 0)
        for place in range(count):
            world.call_at(starts_s + step.lasts_s * (place + 1) // (count + 1), simulation.newcomer(scope_id).boot)
    world.run_until(starts_s + step.lasts_s)
    served = _served(simulation)
    waits = [
        wait
        for client in simulation.clients
        if client.phase is Phase.INIT
        and client.waiting_since_s is not None
        and (wait := world.now - client.waiting_since_s) > PATIENCE_S
    ]
    return StepOutcome(
        name=step.name,
        title=step.title,
        starts_s=starts_s - window.estate.start_s,
        lasts_s=step.lasts_s,
        served={role: served[role] - served_before[role] for role in Role},
        waiting=len(waits),
        longest_wait_s=max(waits, default=0),
        unknown_to={role: _unknown(simulation, world.hosts[role].seen) for role in Role},
        lost_by_rollback=_unknown(simulation, window.backup) if window.backup else 0,
        broken=len(simulation.judge.violations) - broken_before,
    )


def _served(simulation: Simulation) -> dict[Role, int]:
    return {role: sum(tally.served[role] for tally in simulation.world.tally.scopes.values()) for role in Role}


def _unknown(simulation: Simulation, database: Mapping[int, Binding]) -> int:
    """Clients with a lease that this database does not have as theirs."""
    count = 0
    for client in simulation.clients:
        if client.phase is Phase.BOUND:
            binding = database.get(client.address)
            known = binding is not None and binding.state is ACTIVE and binding.client is not None
            count += not (known and binding is not None and binding.client == client.client)
    return count
