"""What a migration would come to, in a few lines: for the last question before it is written."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from migrate.merge.result import MergeResult, ScopeMerge
from migrate.model.server import Role
from migrate.model.target import address_counts
from reports.counts import counts_by_kind
from reports.text import write_counts
from reports.visible import on_one_line

MAX_SCOPES = 20


def write_preview(console: Console, result: MergeResult) -> None:
    write_counts(console, counts_by_kind(result))
    console.print()
    console.print(_pools(result))
    if result.scopes[MAX_SCOPES:]:
        console.print(Text(f"and {len(result.scopes) - MAX_SCOPES:,} more scopes"))


def _pools(result: MergeResult) -> Table:
    """Addresses to hand out: on each server today, and for both partners together afterwards."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
    table.add_column("pool of scope", no_wrap=True)
    table.add_column("", overflow="ellipsis", no_wrap=True, max_width=28)
    headings = [_server(result, role) for role in result.sources]
    for heading in (*headings, "together", "excluded", "reserved", "leased"):
        table.add_column(Text(on_one_line(heading)), justify="right", overflow="ellipsis", no_wrap=True)
    for scope in result.scopes[:MAX_SCOPES]:
        table.add_row(*_pool(result, scope))
    return table


def _pool(result: MergeResult, scope: ScopeMerge) -> list[Text]:
    copies = dict(scope.copies)
    today = [f"{copies[role].serves.address_count:,}" if role in copies else "-" for role in result.sources]
    if scope.target is None:
        name = next((copy.name for copy in copies.values()), "")
        after = ["left out", "", "", ""]
    else:
        name = scope.target.name
        counts = address_counts(scope.target, result.target.leased.get(scope.scope_id, 0))
        after = [f"{counts.distributable:,}", f"{counts.excluded:,}", f"{counts.reserved:,}", f"{counts.leased:,}"]
    return [Text(on_one_line(cell)) for cell in (str(scope.scope_id), name, *today, *after)]


def _server(result: MergeResult, role: Role) -> str:
    return result.settings.primary_server if role is Role.PRIMARY else result.settings.secondary_server
