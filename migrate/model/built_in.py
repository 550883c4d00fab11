"""What every Windows DHCP server defines by itself, whether an export lists it or not (formats.md sections 1.3 to 1.5)."""

from __future__ import annotations

from migrate.model.option import DNS_FLAGS

_STANDARD_OPTIONS = frozenset({*range(1, 50), 51, 58, 59, *range(64, 77), DNS_FLAGS, 121})
_MICROSOFT_OPTIONS = frozenset({1, 2, 3})
_VENDOR_CLASSES = frozenset({"microsoft options", "microsoft windows 2000 options", "microsoft windows 98 options"})
_USER_CLASSES = frozenset(
    {"default bootp class", "default network access protection class", "default routing and remote access class"}
)


def is_standard_option(option_id: int, vendor_class: str = "") -> bool:
    if vendor_class:
        return vendor_class.casefold() in _VENDOR_CLASSES and option_id in _MICROSOFT_OPTIONS
    return option_id in _STANDARD_OPTIONS


def is_built_in_class(name: str) -> bool:
    return name.casefold() in _VENDOR_CLASSES | _USER_CLASSES
