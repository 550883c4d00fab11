"""Reads `netsh dhcp server dump`, from Windows Server 2003 on."""

from parsers.netsh.dump import parse_netsh_dump

__all__ = ["parse_netsh_dump"]
