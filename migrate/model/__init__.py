"""What a DHCP configuration is: frozen records, no input or output.

Everything here imports the standard library only; `leases` adds numpy, because a server may hold a million of them.
Conventions: `None` means that the source does not say, an empty tuple or text that it says there is none. Every record read
from a file carries its `Origin`, which takes no part in equality, so that the records of two servers compare by content.
"""
