"""Mistakes about settings: of a scope, one function a rule; and of the servers themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from generator import facts
from generator.conflict import Conflict, in_scope
from generator.options import GenerateOptions
from generator.pair import PairedScope
from migrate.model.option import DNS_FLAGS, LEASE_TIME, OptionType
from migrate.model.scope import ClientKind, ScopeState
from migrate.model.server import CONFLICT_DETECTION, Role, Server
from migrate.model.timespan import format_timespan, seconds_of_timespan

Servers = dict[Role, Server]


def bootp_scope(pair: PairedScope, options: GenerateOptions) -> Conflict:
    pair.change_both(type=ClientKind.BOTH, max_bootp_clients=50)
    return in_scope(pair, "bootp-scope", str(pair.scope_id), "serves BOOTP clients too", "Both", "Both")


def offer_delay(pair: PairedScope, options: GenerateOptions) -> Conflict:
    pair.change(Role.SECONDARY, delay_ms=1000)
    return in_scope(pair, "offer-delay", str(pair.scope_id), "the secondary offers a second later", "0", "1000")


def option_values_differ(pair: PairedScope, options: GenerateOptions) -> Conflict:
    gateway = {Role.PRIMARY: str(pair.network[1]), Role.SECONDARY: str(pair.network[2])}
    for role, address in gateway.items():
        pair.set_option(role, facts.value(3, address))
    return in_scope(pair, "option-values-differ", "option 3", "the router differs", gateway[Role.PRIMARY], gateway[Role.SECONDARY])


def scope_policies_differ(pair: PairedScope, options: GenerateOptions) -> Conflict:
    policy = facts.mac_policy("Badge readers", 1, "00-06-8E*", tftp="10.0.0.34")
    pair.add_policy(Role.PRIMARY, policy)
    return in_scope(pair, "scope-policies-differ", policy.name, "a policy of the primary only", policy.name, "")


def policy_conflict(pair: PairedScope, options: GenerateOptions) -> Conflict:
    patterns = {Role.PRIMARY: "7C-1E-B3*", Role.SECONDARY: "7C-1E-B8*"}
    for role, pattern in patterns.items():
        pair.add_policy(role, facts.mac_policy("Door phones", 1, pattern, tftp="10.0.0.35"))
    return in_scope(
        pair, "policy-conflict", "Door phones", "one name, two conditions", patterns[Role.PRIMARY], patterns[Role.SECONDARY]
    )


def option_not_defined(pair: PairedScope, options: GenerateOptions) -> Conflict:
    for role in Role:
        pair.set_option(role, facts.value(224, "legacy-controller"))
    return in_scope(
        pair, "option-not-defined", "option 224", "a value without a definition", "legacy-controller", "legacy-controller"
    )


def user_class_options(pair: PairedScope, options: GenerateOptions) -> Conflict:
    loader = facts.value(67, "boot.ipxe", user_class=facts.IPXE_CLASS)
    for role in Role:
        pair.set_option(role, loader)
    return in_scope(pair, "user-class-options", facts.IPXE_CLASS, "an option value for a user class", "boot.ipxe", "boot.ipxe")


def superscope_differs(pair: PairedScope, options: GenerateOptions) -> Conflict:
    superscope = f"{pair.site} annex"
    pair.change(Role.PRIMARY, superscope=superscope)
    pair.change(Role.SECONDARY, superscope=None)
    return in_scope(pair, "superscope-differs", str(pair.scope_id), "in a superscope on the primary only", superscope, "")


def scope_state_differs(pair: PairedScope, options: GenerateOptions) -> Conflict:
    pair.change(Role.SECONDARY, state=ScopeState.INACTIVE)
    pair.leases[Role.SECONDARY] = []
    return in_scope(pair, "scope-state-differs", str(pair.scope_id), "inactive on the secondary", "Active", "InActive")


def scope_properties_differ(pair: PairedScope, options: GenerateOptions) -> Conflict:
    name = pair.copies[Role.PRIMARY].name
    other = name.replace(pair.site, pair.site.upper())
    pair.change(Role.SECONDARY, name=other)
    return in_scope(pair, "scope-properties-differ", "name", "the scope's name differs", name, other)


def lease_duration_differs(pair: PairedScope, options: GenerateOptions) -> Conflict:
    ours, other = pair.purpose.lease_duration, timedelta(days=3)
    pair.change(Role.SECONDARY, lease_duration=other)
    pair.set_option(Role.SECONDARY, facts.value(LEASE_TIME, str(seconds_of_timespan(other))))
    return in_scope(
        pair,
        "lease-duration-differs",
        str(pair.scope_id),
        "the secondary leases for another time",
        format_timespan(ours),
        format_timespan(other),
    )


def dns_flags_differ(pair: PairedScope, options: GenerateOptions) -> Conflict:
    flags = {Role.PRIMARY: "23", Role.SECONDARY: "3"}
    for role, text in flags.items():
        pair.set_option(role, facts.value(DNS_FLAGS, text))
    return in_scope(
        pair, "dns-flags-differ", f"option {DNS_FLAGS}", "DNS update flags differ", flags[Role.PRIMARY], flags[Role.SECONDARY]
    )


def server_options_differ(servers: Servers) -> Conflict:
    new = facts.value(42, "10.0.0.6")
    others = tuple(value for value in servers[Role.SECONDARY].option_values if value.key != new.key)
    servers[Role.SECONDARY] = replace(
        servers[Role.SECONDARY], option_values=tuple(sorted((*others, new), key=lambda value: value.key))
    )
    return Conflict(
        rule="server-options-differ",
        object="option 42",
        detail="the time servers differ",
        primary=facts.NTP[0],
        secondary="10.0.0.6",
    )


def server_settings_differ(servers: Servers) -> Conflict:
    settings = [
        replace(setting, value="0") if setting.name == CONFLICT_DETECTION else setting
        for setting in servers[Role.SECONDARY].settings
    ]
    servers[Role.SECONDARY] = replace(servers[Role.SECONDARY], settings=tuple(settings))
    return Conflict(
        rule="server-settings-differ", object=CONFLICT_DETECTION, detail="ping attempts differ", primary="1", secondary="0"
    )


def class_differs(servers: Servers) -> Conflict:
    changed = [
        replace(known, data=b"yealink-t4") if known.name == facts.PHONE_CLASS else known
        for known in servers[Role.SECONDARY].classes
    ]
    servers[Role.SECONDARY] = replace(servers[Role.SECONDARY], classes=tuple(changed))
    return Conflict(
        rule="class-differs",
        object=facts.PHONE_CLASS,
        detail="one class name, two vendor ids",
        primary="yealink",
        secondary="yealink-t4",
    )


def option_definition_differs(servers: Servers) -> Conflict:
    changed = [
        replace(known, type=OptionType.BINARY, default_values=()) if known.option_id == facts.PROVISIONING_OPTION else known
        for known in servers[Role.SECONDARY].option_definitions
    ]
    servers[Role.SECONDARY] = replace(servers[Role.SECONDARY], option_definitions=tuple(changed))
    return Conflict(
        rule="option-definition-differs",
        object=f"option {facts.PROVISIONING_OPTION}",
        detail="one option, two types",
        primary="String",
        secondary="BinaryData",
    )


def ipv6_or_multicast(servers: Servers) -> Conflict:
    return Conflict(
        rule="ipv6-or-multicast", object=str(facts.IPV6_PREFIX), detail="an IPv6 scope on the primary", primary=facts.IPV6_PREFIX
    )
