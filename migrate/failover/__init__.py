"""The DHCPv4 failover protocol, without I/O, clock or randomness.

Two dialects are spoken: draft-ietf-dhc-failover-12 as ISC dhcpd 4.4.3 really speaks it, and MS-DHCPF as Windows documents it.
"""
