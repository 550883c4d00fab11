"""Hour by hour: which clients still look for a server that is gone."""

from __future__ import annotations

from migrate.merge.renewals import HOUR_S, renewals
from migrate.merge.result import MergeResult
from reports.tables.table import Column, Kind, Table


def renewals_tables(result: MergeResult) -> tuple[Table, ...]:
    """None for two servers in place, whose clients find them where they were."""
    found = renewals(result)
    if found is None:
        return ()
    columns = (
        Column("Hour from", Kind.TIMESTAMP, 20),
        Column("Begin to renew", Kind.NUMBER, 14),
        Column("Ask any server", Kind.NUMBER, 14),
        Column("Still to come", Kind.NUMBER, 14),
    )
    begin = result.settings.as_of_s
    rows = [(begin + hour.hour * HOUR_S, hour.reach_t1, hour.reach_t2, hour.waiting) for hour in found.hours]
    lead = (
        "If the old server stops at the instant of judgement: clients renew with its address from half their lease on, in vain, "
        "and ask any server at seven eighths. Hours in which nothing happens are left out."
    )
    empty = "No lease with an end is carried over."
    return (Table(sheet="Renewals", title="Renewals", lead=lead, columns=columns, rows=rows, empty=empty),)
