"""Authentication by shared secret: the message-digest option (D12 11.1, 12.17; MS-DHCPF 2.2).

HMAC over the whole message with the digest's own bytes zeroed. Two things are our reading, because no document settles them: the
secret is the key and nothing else (D12 also speaks of a message "concatenated with the shared secret"), and SHA-256, which
MS-DHCPF names without a type number, has the number in `DigestType`. dhcpd ignores the option.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

from migrate.failover.codec import encode
from migrate.failover.codes import DigestType, OptionCode, Profile, RejectReason
from migrate.failover.kinds import Digest
from migrate.failover.messages import Message, Option

_HASHES = {DigestType.HMAC_MD5: hashlib.md5, DigestType.HMAC_SHA256: hashlib.sha256}


def sign(message: Message, secret: bytes, profile: Profile, type: DigestType = DigestType.HMAC_SHA256) -> Message:
    """The message with its digest as first option. Raises ProtocolError when it has one already, or cannot be encoded."""
    blank = replace(message, options=(_digest_option(type, bytes(_HASHES[type]().digest_size)), *message.options))
    digest = hmac.digest(secret, encode(blank, profile), _HASHES[type])
    return replace(blank, options=(_digest_option(type, digest), *message.options))


def digest_fault(message: Message, secret: bytes | None, profile: Profile) -> RejectReason | None:
    """Why the message is not to be trusted; None when it is. `secret` is None where no authentication is configured."""
    carried = message.value(OptionCode.MESSAGE_DIGEST)
    if secret is None:
        return None if carried is None else RejectReason.DIGEST_UNCONFIGURED
    if not isinstance(carried, Digest):
        return RejectReason.DIGEST_MISSING
    if carried.type not in _HASHES:
        return RejectReason.DIGEST_UNSUPPORTED
    hash_function = _HASHES[DigestType(carried.type)]
    blank = _digest_option(carried.type, bytes(len(carried.digest)))
    zeroed = tuple(blank if option.code == OptionCode.MESSAGE_DIGEST else option for option in message.options)
    expected = hmac.digest(secret, encode(replace(message, options=zeroed), profile), hash_function)
    return None if hmac.compare_digest(expected, carried.digest) else RejectReason.DIGEST_FAILED


def _digest_option(type: int, digest: bytes) -> Option:
    return Option(OptionCode.MESSAGE_DIGEST, Digest(type, digest))
