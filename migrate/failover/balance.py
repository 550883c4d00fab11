"""Load balancing: which of 256 buckets a client falls into (RFC 3074), and which buckets a server owns.

A bucket assignment is 32 bytes; bucket b is bit b & 7 of byte b >> 3. What a set bit means is a matter of dialect: dhcpd sets
the primary's buckets, D12 12.11 the secondary's. Either way the primary's share is the buckets from 0 up, as many as its
percentage says.
"""

from __future__ import annotations

from migrate.failover.codes import BUCKET_COUNT

_MIXING_TABLE = bytes.fromhex(
    """
    fb af 77 d7 51 0e 4f bf 67 31 b5 8f ba 9d 00 e8 1f 20 37 3c 98 3a 11 ed ae 46 a0 90 dc 5a 39 df
    3b 03 12 8c 6f a6 cb c4 86 f3 7c 5f de b3 c5 41 b4 30 24 0f 6b 2e e9 82 a5 1e 7b a1 d1 17 61 10
    28 5b db 3d 64 0a d2 6d fa 7f 16 8a 1d 6c f4 43 cf 09 b2 cc 4a 62 7e f9 a7 74 22 4d c1 c8 79 05
    14 71 47 23 80 0d b6 5e 19 e2 e3 c7 4b 1b 29 f5 e6 e0 2b e1 b1 1a 9b 96 d4 8e da 73 f1 49 58 69
    27 72 3e ff c0 c9 91 d6 a8 9e dd 94 9a 7a 0c 54 52 a3 2c 8b e4 ec cd f2 d9 0b bb 92 9f 40 56 ef
    c3 2a 6a c6 76 70 b8 ac 57 02 ad 75 b0 e5 f7 fd 89 b9 63 a4 66 93 2d 42 e7 34 8d d3 c2 ce f6 ee
    38 6e 4e f8 3f f0 bd 5d 5c 33 35 b7 13 ab 48 32 21 68 65 45 08 fc 53 78 4c 87 55 36 ca 7d bc d5
    60 eb 88 d0 a2 81 be 84 9c 26 2f 01 07 fe 18 04 d8 83 59 15 1c 85 25 99 95 50 aa 44 06 a9 ea 97
    """
)
"""The permutation of RFC 3074."""


def load_balance_hash(key: bytes) -> int:
    """The bucket, 0 to 255, of a client: `key` is its client identifier, or its hardware address without the type."""
    bucket = len(key) % BUCKET_COUNT
    for octet in reversed(key):
        bucket = _MIXING_TABLE[bucket ^ octet]
    return bucket


def bucket_count_of_percent(percent: int) -> int:
    """To the nearest bucket; 100 is all of them."""
    return (percent * BUCKET_COUNT + 50) // 100


def percent_of_bucket_count(count: int) -> int:
    """To the nearest percent, so that it undoes `bucket_count_of_percent`."""
    return (count * 100 + BUCKET_COUNT // 2) // BUCKET_COUNT


def first_buckets(count: int) -> bytes:
    """The assignment with buckets 0 to `count` - 1 set: dhcpd's `split`."""
    return ((1 << count) - 1).to_bytes(BUCKET_COUNT // 8, "little")


def bucket_count(assignment: bytes) -> int:
    return int.from_bytes(assignment, "little").bit_count()


def has_bucket(assignment: bytes, bucket: int) -> bool:
    return bool(assignment[bucket >> 3] & 1 << (bucket & 7))


def complement(assignment: bytes) -> bytes:
    """The buckets of the other server."""
    return bytes(octet ^ 0xFF for octet in assignment)
