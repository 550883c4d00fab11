"""Hypothesis strategies for valid messages of either profile."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from migrate.failover.codes import BATCH_SIZE_MAX, MessageType, OptionCode, Profile
from migrate.failover.kinds import Address, HostOrderAddresses, Kind, Named, Octets, Prefixed, Text, Unsigned, Utf16
from migrate.failover.messages import BINDING_OPTIONS, Message, Option
from migrate.failover.options import OPTION_TABLES

ADDRESSES = st.ip_addresses(v=4)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SHORT_OCTETS = st.binary(max_size=20)
UNSIGNED_32 = st.integers(0, 2**32 - 1)


def values(kind: Kind) -> st.SearchStrategy[Any]:
    match kind:
        case Unsigned(size):
            return st.integers(0, 2 ** (8 * size) - 1)
        case Named():
            return st.integers(0, 255).map(lambda number: kind.decode(bytes([number])))
        case Address():
            return ADDRESSES
        case HostOrderAddresses():
            return st.lists(ADDRESSES, max_size=5).map(tuple)
        case Octets(lengths):
            return st.one_of([st.binary(min_size=n, max_size=n) for n in lengths]) if lengths else SHORT_OCTETS
        case Text() | Utf16():
            return TEXTS
        case Prefixed(record, size):
            return st.builds(record, st.integers(0, 2 ** (8 * size) - 1), SHORT_OCTETS)
    raise AssertionError(f"no strategy for {kind}")


def option(code: int, profile: Profile) -> st.SearchStrategy[Option]:
    spec = OPTION_TABLES[profile].specs.get(code)
    return st.builds(Option, st.just(code), values(spec.kind) if spec else SHORT_OCTETS)


def option_lists(codes: st.SearchStrategy[int], profile: Profile, max_size: int) -> st.SearchStrategy[tuple[Option, ...]]:
    """No code twice."""
    lists = st.lists(codes, unique=True, max_size=max_size)
    return lists.flatmap(lambda chosen: st.tuples(*(option(code, profile) for code in chosen)))


KNOWN_CODES = st.sampled_from([int(code) for code in OptionCode])
UNKNOWN_CODES = st.integers(42, 65535)
ANY_CODES = st.one_of(KNOWN_CODES, UNKNOWN_CODES)
IN_TRANSACTION = st.one_of(st.sampled_from(sorted(BINDING_OPTIONS - {OptionCode.ASSIGNED_IP_ADDRESS})), UNKNOWN_CODES)


def transactions(profile: Profile) -> st.SearchStrategy[tuple[Option, ...]]:
    start = option(OptionCode.ASSIGNED_IP_ADDRESS, profile).map(lambda first: (first,))
    return st.tuples(start, option_lists(IN_TRANSACTION, profile, 3)).map(lambda parts: parts[0] + parts[1])


def batches() -> st.SearchStrategy[tuple[Option, ...]]:
    """Windows only: an optional digest, and up to sixteen transactions."""
    digest = option_lists(st.just(int(OptionCode.MESSAGE_DIGEST)), Profile.WINDOWS, 1)
    many = st.lists(transactions(Profile.WINDOWS), min_size=1, max_size=BATCH_SIZE_MAX)
    return st.tuples(digest, many).map(lambda parts: parts[0] + sum(parts[1], ()))


def message(type: int, options: st.SearchStrategy[tuple[Option, ...]]) -> st.SearchStrategy[Message]:
    extra_header = st.binary(max_size=8) | st.just(b"")
    return st.builds(Message, type=st.just(type), xid=UNSIGNED_32, time_s=UNSIGNED_32, options=options, extra_header=extra_header)


def messages(profile: Profile) -> st.SearchStrategy[Message]:
    free_order = option_lists(ANY_CODES, profile, 8)
    batched = (MessageType.BNDUPD, MessageType.BNDACK) if profile is Profile.WINDOWS else ()
    named = [message(type, batches() if type in batched else free_order) for type in MessageType]
    if profile is Profile.ISC:
        unnamed = st.integers(13, 255).flatmap(lambda type: message(type, st.just(())))
    else:
        unnamed = st.integers(128, 255).flatmap(lambda type: message(type, free_order))
    return st.one_of(*named, unnamed)
