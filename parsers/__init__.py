"""Text in, model out: the parsers of everything a Windows DHCP server can be asked to print."""
