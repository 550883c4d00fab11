"""Move split-scope or clustered Windows DHCP to DHCP failover, with proof before anything is touched."""

__version__ = "0.1.0"
