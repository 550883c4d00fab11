"""The failover relationship: what Add-DhcpServerv4Failover is told, with Windows' own limits and defaults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address

MAX_RELATIONSHIPS_PER_SERVER = 31
MAX_SCOPES_PER_CALL = 400
MAX_NAME_LENGTH = 126
"""windows-failover.md sections 2.2 and 3 (errors 20128, 20130, 20125)."""


class FailoverMode(StrEnum):
    LOAD_BALANCE = "LoadBalance"
    HOT_STANDBY = "HotStandby"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverRelationship:
    name: str
    primary_server: str
    secondary_server: str
    mode: FailoverMode = FailoverMode.LOAD_BALANCE
    load_balance_percent: int | None = 50
    """Share of the primary; None in hot standby."""
    reserve_percent: int | None = None
    """Share of the free addresses kept for the standby; None in load balance."""
    max_client_lead_time: timedelta = timedelta(hours=1)
    auto_state_transition: bool = False
    state_switch_interval: timedelta | None = None
    """None: never into PARTNER DOWN by itself."""
    scope_ids: tuple[IPv4Address, ...] = ()
