"""The failover relationship: parameters of the command line over Windows' defaults (windows-failover.md section 2.5)."""

from __future__ import annotations

from ipaddress import IPv4Address

from migrate.errors import UsageError
from migrate.merge.settings import Settings
from migrate.model.relationship import MAX_NAME_LENGTH, FailoverMode, FailoverRelationship

DEFAULT_RESERVE_PERCENT = 5


def relationships(settings: Settings, scope_ids: tuple[IPv4Address, ...]) -> tuple[FailoverRelationship, ...]:
    """One relationship with every scope, so that the members of a superscope are never apart; none without a scope.

    Raises UsageError for a name that Windows refuses.
    """
    if not scope_ids:
        return ()
    mode = settings.mode or FailoverMode.LOAD_BALANCE
    load_balance = mode is FailoverMode.LOAD_BALANCE
    reserve = DEFAULT_RESERVE_PERCENT if settings.reserve_percent is None else settings.reserve_percent
    return (
        FailoverRelationship(
            name=_name(settings),
            primary_server=settings.primary_server,
            secondary_server=settings.secondary_server,
            mode=mode,
            load_balance_percent=settings.load_balance_percent if load_balance else None,
            reserve_percent=None if load_balance else reserve,
            max_client_lead_time=settings.max_client_lead_time,
            auto_state_transition=settings.state_switch_interval is not None,
            state_switch_interval=settings.state_switch_interval,
            scope_ids=scope_ids,
        ),
    )


def _name(settings: Settings) -> str:
    name = settings.relationship
    if name is None:
        name = f"{settings.primary_server}-{settings.secondary_server}"[:MAX_NAME_LENGTH]
    if not 1 <= len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        raise UsageError(
            "relationship-name",
            f"The relationship name {name!r} has {len(name)} characters; Windows takes 1 to {MAX_NAME_LENGTH}, all printable.",
            hint="Choose another name with --relationship.",
        )
    return name
