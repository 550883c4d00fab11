"""The IPv6 part of an export: always there on Windows, and beyond what failover and the model know."""

from __future__ import annotations

from writers.export_xml_writer import Element

from generator.facts import IPV6_PREFIX


def ipv6_elements(*, with_scope: bool) -> list[Element]:
    store = Element("StatelessStore", [Element("Enabled", "false"), Element("PurgeInterval", "30.00:00:00")])
    definition = Element(
        "OptionDefinition",
        [
            Element("Name", "DNS Recursive Name Server IPv6 Address List"),
            Element("OptionId", "23"),
            Element("Type", "IPv6Address"),
            Element("MultiValued", "true"),
            Element("DefaultValue", "::"),
            Element("Description", "DNS servers"),
            Element("VendorClass", ""),
        ],
    )
    scope = Element(
        "Scope",
        [
            Element("Prefix", IPV6_PREFIX),
            Element("Name", "Zentrale IPv6"),
            Element("Description", ""),
            Element("State", "Active"),
            Element("Preference", "0"),
            Element("PreferredLifetime", "8.00:00:00"),
            Element("ValidLifetime", "12.00:00:00"),
        ],
    )
    return [Element("OptionDefinitions", [definition]), store, Element("Scopes", [scope] if with_scope else [])]
