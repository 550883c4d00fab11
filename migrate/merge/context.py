"""What every part of the merge is given: the sources, the settings, and the two records it writes into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, TypeVar

from migrate.merge.book import LedgerBook
from migrate.merge.docket import NOTHING, Docket
from migrate.merge.settings import Settings
from migrate.model.origin import Origin
from migrate.model.server import Role, Source

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeContext:
    settings: Settings
    sources: Mapping[Role, Source]
    """One source (a cluster, a single server) or both."""
    docket: Docket
    book: LedgerBook

    def name(self, role: Role) -> str:
        return self.settings.primary_server if role is Role.PRIMARY else self.settings.secondary_server

    def settle(
        self,
        rule: str,
        obj: str,
        values: Mapping[Role, Value | None],
        show: Callable[[Any], str] = str,
        *,
        scope_id: IPv4Address | None = None,
        places: tuple[Origin | None, ...] = (),
        default: Role | None = None,
    ) -> tuple[Role, Value | None]:
        """Which server's value stands, when they differ; the value may be None, "not set there".

        The default is the primary's, or the only one that says anything, unless the caller knows better.
        """
        primary, secondary = values[Role.PRIMARY], values[Role.SECONDARY]
        if default is None:
            default = Role.PRIMARY if primary not in (None, "", ()) else Role.SECONDARY
        chosen = self.docket.prefer(
            rule,
            obj,
            NOTHING if primary is None else show(primary) or "(empty)",
            NOTHING if secondary is None else show(secondary) or "(empty)",
            default=default,
            evidence="the servers differ here; a client gets what the one that answers has",
            scope_id=scope_id,
            places=places,
        )
        role = chosen or default
        return role, values[role]
