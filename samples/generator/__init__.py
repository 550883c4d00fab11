"""Invented estates: two split-scope DHCP servers that belong together, and the mistakes that such pairs have.

Built on the records of `migrate.model`; nothing here reads or merges anything.
"""
