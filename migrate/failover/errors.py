"""The one error of the wire: the partner (or a line of input) broke the protocol."""

from __future__ import annotations


class ProtocolError(Exception):
    """A message that cannot be read or must not be sent. Its text names the field and the value that are wrong.

    The connection it came from is of no further use (draft-ietf-dhc-failover-12 section 6.1).
    """
