"""One partner of a failover relationship on real TCP and the real clock: to test the engine against dhcpd, and to watch it.

It speaks to a failover partner and to whoever types its commands. It answers no DHCP client on the network.
"""
