"""A slice of a lease table is what taking its rows one by one gives."""

from __future__ import annotations

from ipaddress import IPv4Address

import numpy as np
import pytest

from migrate.model.client_id import ClientId
from migrate.model.leases import Lease, LeaseState, LeaseTable

TABLE = LeaseTable.of_rows(
    Lease(
        ip_address=IPv4Address(f"10.1.0.{number}"),
        scope_id=IPv4Address("10.1.0.0"),
        client_id=ClientId(bytes(range(number))),
        state=LeaseState(number % 7),
        host_name="ü" * (number % 4),
        policy_name=f"p{number % 3}",
        line=number,
    )
    for number in range(1, 20)
)


@pytest.mark.parametrize(("first", "stop"), [(0, 19), (0, 0), (19, 19), (3, 11), (18, 19)])
def test_slice_takes_rows(first, stop):
    part = TABLE.slice(first, stop)
    expected = list(TABLE.take(np.arange(first, stop)).rows())
    assert list(part.rows()) == expected
    assert list(part.take(np.arange(len(part))).rows()) == expected
    assert list(LeaseTable.concatenate([part, TABLE.slice(0, 2), part]).rows()) == [*expected, *TABLE.slice(0, 2).rows(), *expected]
