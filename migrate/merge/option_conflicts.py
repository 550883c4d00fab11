"""Option values that differ between the servers, brought before the docket under the rule that judges them."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from migrate.merge.context import MergeContext
from migrate.model.option import DNS_FLAGS, LEASE_TIME, OptionValue
from migrate.model.server import Role

SCOPE_RULE = "option-values-differ"
SERVER_RULE = "server-options-differ"
RULE_OF_OPTION = {DNS_FLAGS: "dns-flags-differ", LEASE_TIME: "lease-duration-differs"}
"""Options with a second life are judged by rules of their own, at every level (windows-failover.md 9.1)."""

ByRole = Mapping[Role, OptionValue | None]
"""One option at one level, as each server has it."""


def settle_option(context: MergeContext, values: ByRole, scope_id: IPv4Address | None = None) -> tuple[Role, OptionValue | None]:
    """Whose value stands, and the value. At least one of `values` must be there."""
    standing = [value for value in values.values() if value]
    return context.settle(
        RULE_OF_OPTION.get(standing[0].option_id, SCOPE_RULE if scope_id else SERVER_RULE),
        min(value.label for value in standing),
        values,
        lambda value: value.text,
        scope_id=scope_id,
        places=tuple(value.origin for value in standing),
    )
