"""RFC 3074 and bucket assignments."""

from __future__ import annotations

import hashlib

import pytest
from captured import only
from hypothesis import given
from hypothesis import strategies as st

from migrate.failover import balance
from migrate.failover.balance import (
    bucket_count,
    bucket_count_of_percent,
    complement,
    first_buckets,
    has_bucket,
    load_balance_hash,
    percent_of_bucket_count,
)

# Key, bucket, and whether the primary serves it in a dhcpd pair with `split 128`. The keys that begin with 02fa were put to a
# live dhcpd pair and to a live Kea pair (which takes the bucket modulo 2).
BUCKETS = [
    ("", 0, True),
    ("00", 175, False),
    ("000c29abcdef", 60, True),
    ("00155d0a0b0c", 172, False),
    ("0100155d0a0b0c", 154, False),
    ("ffffffffffff", 79, True),
    ("ff00000001000100012a3b4c5d001122334455", 131, False),
    ("020000000001", 133, False),
    ("02fa00000001", 250, False),
    ("02fa00000002", 130, False),
    ("02fa00000003", 28, True),
    ("02fa00000004", 143, False),
    ("02fa00000005", 77, True),
    ("02fa00000006", 76, True),
    ("02fa00000007", 242, False),
    ("02fa00000008", 74, True),
    ("02fa00000009", 165, False),
    ("02fa0000000a", 30, True),
    ("02fa0000000b", 21, True),
    ("02fa0000000c", 95, True),
]


@pytest.mark.parametrize(("key", "bucket", "is_primary"), BUCKETS)
def test_buckets(key: str, bucket: int, is_primary: bool) -> None:
    assert load_balance_hash(bytes.fromhex(key)) == bucket
    assert has_bucket(first_buckets(128), bucket) == is_primary


def test_mixing_table() -> None:
    table = balance._MIXING_TABLE
    assert sorted(table) == list(range(256))
    assert hashlib.sha256(table).hexdigest() == "50015bcb049a75f57f1224b2d303a4d75485a0de3a772a30e06256daa1c873a7"


@given(st.binary(max_size=600))
def test_every_key_has_a_bucket(key: bytes) -> None:
    assert 0 <= load_balance_hash(key) <= 255


def test_long_keys_wrap_the_length() -> None:
    """The length is the seed, modulo 256."""
    seed_zero = 0
    for _ in range(256):
        seed_zero = balance._MIXING_TABLE[seed_zero]
    assert load_balance_hash(bytes(256)) == seed_zero


@pytest.mark.parametrize("count", range(257))
def test_assignments(count: int) -> None:
    assignment = first_buckets(count)
    assert len(assignment) == 32
    assert [has_bucket(assignment, bucket) for bucket in range(256)] == [bucket < count for bucket in range(256)]
    assert bucket_count(assignment) == count
    assert bucket_count(complement(assignment)) == 256 - count
    assert not any(has_bucket(assignment, bucket) == has_bucket(complement(assignment), bucket) for bucket in range(256))


def test_assignments_are_those_of_dhcpd() -> None:
    """`split 128` and `split 0`."""
    sent = {value for captured in only("CONNECT") for code, value in captured.options if code == 11}
    assert sent == {first_buckets(128).hex(), first_buckets(0).hex()}


def test_percentages() -> None:
    assert [bucket_count_of_percent(percent) for percent in (0, 1, 30, 50, 70, 99, 100)] == [0, 3, 77, 128, 179, 253, 256]
    counts = [bucket_count_of_percent(percent) for percent in range(101)]
    assert [percent_of_bucket_count(count) for count in counts] == list(range(101))
    assert all(abs(100 * count - 256 * percent) <= 50 for percent, count in enumerate(counts))
