"""Hypothesis strategies for targets: random servers with the relationships, sources and lease counts around them."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from migrate.model.relationship import FailoverMode, FailoverRelationship
from migrate.model.server import Role, Server, SourceFormat
from migrate.model.target import Strategy, Target, TargetSource
from writers.servers import LEASE_DURATIONS, TEXTS, servers

_SOURCES = st.builds(
    TargetSource,
    role=st.sampled_from(Role),
    server=TEXTS,
    path=TEXTS,
    format=st.sampled_from(SourceFormat),
    sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
)


@st.composite
def targets(draw: st.DrawFn) -> Target:
    server = draw(servers())
    return Target(
        as_of_s=draw(st.integers(0, 4_000_000_000)),
        strategy=draw(st.sampled_from(Strategy)),
        sources=tuple(draw(st.lists(_SOURCES, max_size=2))),
        relationships=(draw(_relationships(server)),),
        server=server,
        leased={scope.scope_id: draw(st.integers(0, 1_000_000)) for scope in server.scopes},
    )


@st.composite
def _relationships(draw: st.DrawFn, server: Server) -> FailoverRelationship:
    mode = draw(st.sampled_from(FailoverMode))
    percent = draw(st.integers(0, 100))
    is_balanced = mode is FailoverMode.LOAD_BALANCE
    return FailoverRelationship(
        name=draw(st.text("aé'’ -&<", min_size=1, max_size=126)),
        primary_server="dhcp01",
        secondary_server=draw(st.sampled_from(["dhcp02", "dhcp02.branch.example"])),
        mode=mode,
        load_balance_percent=percent if is_balanced else None,
        reserve_percent=None if is_balanced else percent,
        max_client_lead_time=draw(LEASE_DURATIONS),
        auto_state_transition=draw(st.booleans()),
        state_switch_interval=draw(st.none() | st.just(timedelta(minutes=45))),
        scope_ids=tuple(scope.scope_id for scope in server.scopes),
    )
