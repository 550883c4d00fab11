"""The rules: one file each, listed here in the order of their numbers, and what came of every one of them.

`check_all` runs them over a finished merge; `outcomes` says for each whether it passed; `rule_page` is what `explain` prints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from migrate.checks import (
    already_in_failover,
    auto_transition_off,
    auto_transition_risk,
    bootp_scope,
    class_differs,
    class_not_defined,
    client_id_spellings,
    clock_difference,
    common_exclusion,
    conflict_detection_off,
    control_character,
    declined_by_client,
    declined_leases,
    dns_credentials,
    dns_flags_differ,
    dns_servers_missing,
    dns_settings_not_read,
    duplicate_object,
    duplicate_reservation_names,
    dynamic_server_address,
    effective_options_change,
    empty_relationship,
    failover_port_blocked,
    guessed_encoding,
    guessed_time_zone,
    idle_scopes,
    import_overwrites_scopes,
    incomplete_listing,
    ipv6_or_multicast,
    lease_conflict,
    lease_duration_differs,
    lease_on_reserved_address,
    lease_outside_pool,
    lease_two_addresses,
    leases_missing,
    lossy_dump,
    many_scopes,
    mclt_longer_than_lease,
    mclt_zero,
    misplaced_element,
    nap_settings,
    netsh_inactive_reservations,
    no_free_address,
    no_shared_secret,
    not_authorised,
    odd_quotes,
    offer_delay,
    one_sided_exclusion,
    one_sided_load_balance,
    option_definition_differs,
    option_not_defined,
    option_values_differ,
    option_without_definition,
    overlapping_pools,
    partner_is_cluster_node,
    percentages,
    policy_conflict,
    policy_invalid,
    ptr_records_at_risk,
    public_dns_servers,
    range_leaves_subnet,
    ranges_differ,
    relationship_limit,
    relationship_name,
    relationship_not_normal,
    relay_targets,
    renewals_in_vain,
    reservation_conflict,
    reservation_differs,
    reservation_in_exclusion,
    reservation_one_sided,
    reservation_outside_range,
    router_in_pool,
    router_outside_subnet,
    scope_count_chunks,
    scope_mask_mismatch,
    scope_on_both,
    scope_on_one_server,
    scope_overlap,
    scope_policies_differ,
    scope_properties_differ,
    scope_state_differs,
    scope_utilisation,
    server_address_change,
    server_not_ready,
    server_options_differ,
    server_settings_differ,
    several_ranges,
    several_servers,
    small_policy_range,
    small_standby_reserve,
    split_ratio,
    stale_leases,
    superscope_differs,
    surplus_fields,
    target_versions,
    tiny_scope,
    two_target_servers,
    undecodable_option,
    unknown_command,
    unknown_element,
    unreadable_lease,
    unreadable_value,
    unusual_lease_duration,
    user_class_options,
    waiver_expired,
    waiver_refused,
    waiver_unused,
    wrapped_lines,
)
from migrate.checks.rule import HEADINGS, NIGHT, PAIR, DoubtfulRule, Page, Rule, page_section, page_text
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

__all__ = [
    "HEADINGS",
    "PAGES",
    "RULES",
    "RuleOutcome",
    "RuleState",
    "Subject",
    "check_all",
    "outcomes",
    "page_section",
    "rule_page",
]

RULES: tuple[Rule, ...] = (
    two_target_servers,
    relationship_limit,
    relationship_name,
    empty_relationship,
    scope_count_chunks,
    percentages,
    mclt_zero,
    mclt_longer_than_lease,
    auto_transition_risk,
    auto_transition_off,
    one_sided_load_balance,
    small_standby_reserve,
    scope_on_both,
    scope_on_one_server,
    scope_overlap,
    scope_mask_mismatch,
    ranges_differ,
    range_leaves_subnet,
    one_sided_exclusion,
    overlapping_pools,
    common_exclusion,
    no_free_address,
    reservation_outside_range,
    reservation_in_exclusion,
    reservation_conflict,
    reservation_differs,
    reservation_one_sided,
    lease_on_reserved_address,
    lease_conflict,
    lease_two_addresses,
    declined_leases,
    leases_missing,
    lease_outside_pool,
    bootp_scope,
    offer_delay,
    option_values_differ,
    scope_policies_differ,
    class_differs,
    class_not_defined,
    option_definition_differs,
    option_not_defined,
    server_options_differ,
    server_settings_differ,
    policy_conflict,
    policy_invalid,
    small_policy_range,
    user_class_options,
    superscope_differs,
    scope_state_differs,
    scope_properties_differ,
    lease_duration_differs,
    dns_flags_differ,
    ptr_records_at_risk,
    nap_settings,
    ipv6_or_multicast,
    netsh_inactive_reservations,
    target_versions,
    relay_targets,
    server_address_change,
    already_in_failover,
    client_id_spellings,
    conflict_detection_off,
    declined_by_client,
    dns_servers_missing,
    duplicate_reservation_names,
    effective_options_change,
    idle_scopes,
    many_scopes,
    public_dns_servers,
    renewals_in_vain,
    router_in_pool,
    router_outside_subnet,
    scope_utilisation,
    split_ratio,
    stale_leases,
    tiny_scope,
    undecodable_option,
    unusual_lease_duration,
)
"""What inputs alone can decide."""

NIGHT_RULES: tuple[Page, ...] = (
    no_shared_secret,
    clock_difference,
    server_not_ready,
    failover_port_blocked,
    dynamic_server_address,
    dns_credentials,
    partner_is_cluster_node,
    not_authorised,
    import_overwrites_scopes,
    relationship_not_normal,
)
"""What needs the live servers: the emitted precheck asks them."""

PARSER_RULES: tuple[Page, ...] = (
    control_character,
    dns_settings_not_read,
    duplicate_object,
    guessed_encoding,
    guessed_time_zone,
    incomplete_listing,
    lossy_dump,
    misplaced_element,
    odd_quotes,
    option_without_definition,
    several_ranges,
    several_servers,
    surplus_fields,
    unknown_command,
    unknown_element,
    unreadable_lease,
    unreadable_value,
    wrapped_lines,
)
"""What the parsers find while they read."""

WAIVER_RULES: tuple[Page, ...] = (waiver_expired, waiver_refused, waiver_unused)
"""What is wrong with the waivers themselves."""

PAGES: tuple[Page, ...] = (*RULES, *NIGHT_RULES, *PARSER_RULES, *WAIVER_RULES)


class RuleState(StrEnum):
    PASSED = "passed"
    FOUND = "found"
    UNKNOWN = "unknown"
    """The inputs or the options do not say enough."""
    NIGHT = "checked on the night"
    NOT_APPLICABLE = "not applicable"
    """Compares two servers, and there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    rule: str
    number: str | None
    severity: Severity
    looks_at: str
    state: RuleState
    findings: int = 0
    reason: str = ""
    """Why it is unknown; empty otherwise."""


def check_all(subject: Subject) -> tuple[Finding, ...]:
    """Every finding of the rules, the worst first; what the parsers found stands with each source."""
    findings = [finding for rule in RULES for finding in rule.check(subject)]
    return tuple(sorted(findings, key=lambda finding: finding.sort_key))


def outcomes(subject: Subject, findings: Iterable[Finding] | None = None) -> tuple[RuleOutcome, ...]:
    """What came of every rule, in the order of PAGES; pass all `findings`, the parsers' too, when check_all has run already."""
    if findings is None:
        findings = (*check_all(subject), *(finding for _, source in subject.sources for finding in source.findings))
    counts = Counter(finding.rule for finding in findings)
    return tuple(_outcome(page, subject, counts[page.ID]) for page in PAGES)


def rule_page(name: str) -> str | None:
    """The page of a rule id, or the pages of a number such as WF-035; None when there is no such rule."""
    wanted = name.strip().casefold()
    pages = [page_text(page) for page in PAGES if wanted in (page.ID, (page.NUMBER or page.ID).casefold())]
    return "\n".join(pages) or None


def _outcome(page: Page, subject: Subject, findings: int) -> RuleOutcome:
    state, reason = _state(page, subject, findings)
    return RuleOutcome(
        rule=page.ID,
        number=page.NUMBER,
        severity=page.SEVERITY,
        looks_at=page.LOOKS_AT,
        state=state,
        findings=findings,
        reason=reason,
    )


def _state(page: Page, subject: Subject, findings: int) -> tuple[RuleState, str]:
    if findings:
        return RuleState.FOUND, ""
    if page.LOOKS_AT == NIGHT:
        return RuleState.NIGHT, ""
    if page.LOOKS_AT == PAIR and not subject.is_pair:
        return RuleState.NOT_APPLICABLE, ""
    reason = page.unknown(subject) if isinstance(page, DoubtfulRule) else ""
    return (RuleState.UNKNOWN, reason) if reason else (RuleState.PASSED, "")
