"""plan.json: the target as a file, and the target again from the file (design.md section 4).

`read_plan(plan_json(target)) == target` holds for every target, but for the origins of its records. Names are Windows' own in
snake case; a key that does not apply is absent, so that "the source does not say" and "none" stay apart. plan.schema.json
describes the same for others. The counts of addresses are there for people, and checked when the plan is read.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from ipaddress import IPv4Address
from operator import attrgetter
from typing import Any

from migrate.errors import InputError
from migrate.json_records import FLAG, INTEGER, TEXT, Codec, Key, Misfit, as_object, many, record, spelled, word
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.option import OptionDefinition, OptionType, OptionValue
from migrate.model.origin import Origin
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.relationship import FailoverMode, FailoverRelationship
from migrate.model.scope import ClientKind, ExclusionRange, Reservation, Scope, ScopeState
from migrate.model.server import (
    ACTIVATE_POLICIES,
    CONFLICT_DETECTION,
    NAP_ENABLED,
    NPS_UNREACHABLE_ACTION,
    ClassKind,
    DhcpClass,
    Filters,
    MacFilter,
    Role,
    Server,
    ServerSetting,
    SourceFormat,
)
from migrate.model.target import Strategy, Target, TargetSource, address_counts
from migrate.model.timespan import format_timespan, parse_timespan

FORMAT = "unsplit-plan"
VERSION = 1


def plan_json(target: Target) -> str:
    """The same target gives the same text; it ends with a line end."""
    plan = {"format": FORMAT, "version": VERSION, **_TARGET.to_json(target)}
    return json.dumps(plan, ensure_ascii=False, indent=1) + "\n"


def read_plan(text: str, path: str = "plan.json") -> Target:
    """Raises InputError, which names the key, for anything that `plan_json` did not write; `path` is for its message."""
    try:
        plan = dict(as_object(json.loads(text), "the file"))
        found = plan.pop("format", None), plan.pop("version", None)
        if found[0] != FORMAT:
            raise Misfit("format", f"{found[0]!r} is not {FORMAT!r}")
        if found[1] != VERSION:
            raise Misfit("version", f"this unsplit reads version {VERSION}, not {found[1]!r}")
        target: Target = _TARGET.from_json(plan, "")
    except json.JSONDecodeError as error:
        raise _not_a_plan(f"it is not JSON: {error.msg}", Origin(path, error.lineno)) from error
    except ValueError as error:  # a number of thousands of digits
        raise _not_a_plan(str(error), Origin(path)) from error
    except RecursionError as error:
        raise _not_a_plan("it is nested too deeply", Origin(path)) from error
    except Misfit as misfit:
        raise _not_a_plan(str(misfit), Origin(path)) from misfit
    return target


def _not_a_plan(problem: str, place: Origin) -> InputError:
    return InputError(
        "not-a-plan",
        f"{place.path} is not a plan that unsplit can read: {problem}",
        hint="Use the plan.json that `unsplit migrate` wrote; decide in decisions.toml and run it again rather than edit the plan.",
        places=[place],
    )


def _parse_instant(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())


def _spell_instant(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).isoformat().removesuffix("+00:00") + "Z"


def _parse_octets(text: str) -> bytes:
    if text and not text.startswith("0x"):
        raise ValueError(f"not hexadecimal octets after 0x: {text!r}")
    return bytes.fromhex(text[2:])


ADDRESS = spelled(IPv4Address)
TIMESPAN = spelled(parse_timespan, format_timespan)
INSTANT = spelled(_parse_instant, _spell_instant)
OCTETS = spelled(_parse_octets, lambda octets: f"0x{octets.hex()}" if octets else "")

RANGE = record(
    lambda start_range, end_range: AddressRange(start_range, end_range),
    Key("start_range", ADDRESS, attrgetter("first")),
    Key("end_range", ADDRESS, attrgetter("last")),
)

OPTION_VALUE = record(
    OptionValue,
    Key("option_id", INTEGER),
    Key("vendor_class", TEXT),
    Key("user_class", TEXT),
    Key("values", many(TEXT)),
)

OPTION_DEFINITION = record(
    OptionDefinition,
    Key("option_id", INTEGER),
    Key("name", TEXT),
    Key("type", word(OptionType)),
    Key("multi_valued", FLAG),
    Key("vendor_class", TEXT),
    Key("default_values", many(TEXT)),
    Key("description", TEXT),
)

CLASS = record(
    lambda type, **others: DhcpClass(kind=type, **others),
    Key("name", TEXT),
    Key("type", word(ClassKind), attrgetter("kind")),
    Key("data", OCTETS),
    Key("description", TEXT),
    Key("vendor_id", INTEGER, optional=True),
)

CONDITION = record(
    PolicyCondition,
    Key("field", TEXT),
    Key("operator", TEXT),
    Key("values", many(TEXT)),
)

POLICY = record(
    Policy,
    Key("name", TEXT),
    Key("processing_order", INTEGER),
    Key("enabled", FLAG),
    Key("condition", TEXT),
    Key("description", TEXT),
    Key("conditions", many(CONDITION)),
    Key("dns_suffix", TEXT, optional=True),
    Key("ip_ranges", many(RANGE)),
    Key("option_values", many(OPTION_VALUE)),
)

FILTERS = record(
    lambda allow, deny, filters: Filters(allow_enabled=allow, deny_enabled=deny, entries=filters),
    Key("allow", FLAG, attrgetter("allow_enabled")),
    Key("deny", FLAG, attrgetter("deny_enabled")),
    Key(
        "filters",
        many(record(MacFilter, Key("list", TEXT), Key("mac_address", TEXT), Key("description", TEXT))),
        attrgetter("entries"),
    ),
)

RESERVATION = record(
    Reservation,
    Key("ip_address", ADDRESS),
    Key("client_id", spelled(ClientId.parse)),
    Key("name", TEXT),
    Key("description", TEXT),
    Key("type", word(ClientKind)),
    Key("option_values", many(OPTION_VALUE)),
)


def _scope(
    start_range: IPv4Address | None, end_range: IPv4Address | None, exclusion_ranges: tuple[AddressRange, ...], **others: Any
) -> Scope:
    if (start_range is None) != (end_range is None):
        raise ValueError("a range needs both start_range and end_range")
    return Scope(
        range=AddressRange(start_range, end_range) if start_range and end_range else None,
        exclusions=tuple(ExclusionRange(range=excluded) for excluded in exclusion_ranges),
        **others,
    )


SCOPE = record(
    _scope,
    Key("scope_id", ADDRESS),
    Key("subnet_mask", ADDRESS),
    Key("name", TEXT),
    Key("description", TEXT),
    Key("state", word(ScopeState)),
    Key("type", word(ClientKind)),
    Key("lease_duration", TIMESPAN, optional=True),
    Key("delay_ms", INTEGER, optional=True),
    Key("max_bootp_clients", INTEGER, optional=True),
    Key("nap_enable", FLAG, optional=True),
    Key("nap_profile", TEXT, optional=True),
    Key("activate_policies", FLAG, optional=True),
    Key("superscope", TEXT, optional=True),
    Key("start_range", ADDRESS, lambda scope: scope.range and scope.range.first, optional=True),
    Key("end_range", ADDRESS, lambda scope: scope.range and scope.range.last, optional=True),
    Key("exclusion_ranges", many(RANGE), lambda scope: sorted((*(exclusion.range for exclusion in scope.exclusions), *scope.gaps))),
    Key("reservations", many(RESERVATION)),
    Key("option_values", many(OPTION_VALUE)),
    Key("policies", many(POLICY), optional=True),
)

RELATIONSHIP = record(
    FailoverRelationship,
    Key("name", TEXT),
    Key("primary_server", TEXT),
    Key("secondary_server", TEXT),
    Key("mode", word(FailoverMode)),
    Key("load_balance_percent", INTEGER, optional=True),
    Key("reserve_percent", INTEGER, optional=True),
    Key("max_client_lead_time", TIMESPAN),
    Key("auto_state_transition", FLAG),
    Key("state_switch_interval", TIMESPAN, optional=True),
    Key("scope_ids", many(ADDRESS)),
)

SOURCE = record(
    TargetSource,
    Key("role", word(Role)),
    Key("server", TEXT),
    Key("path", TEXT),
    Key("format", word(SourceFormat)),
    Key("sha256", TEXT),
)

# -- settings: numbers and flags where they are such, so that nobody compares "true" with true ----------------------------------


def _setting_to_json(value: str) -> Any:
    if value in ("true", "false"):
        return value == "true"
    is_number = value.isdecimal() and len(value) < 10 and value == str(int(value))
    return int(value) if is_number else value


def _setting_from_json(value: Any, place: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else str(TEXT.from_json(value, place))


SETTING_VALUE = Codec(_setting_to_json, _setting_from_json)
SETTING = record(ServerSetting, Key("name", TEXT), Key("value", TEXT), Key("carried", FLAG))

_NAMED_SETTINGS = {
    "conflict_detection_attempts": CONFLICT_DETECTION,
    "activate_policies": ACTIVATE_POLICIES,
    "nap_enabled": NAP_ENABLED,
    "nps_unreachable_action": NPS_UNREACHABLE_ACTION,
}


def _has_own_key(setting: ServerSetting) -> bool:
    return setting.carried and setting.name in _NAMED_SETTINGS.values()


def _server(version: tuple[int, ...] | None, other_settings: tuple[ServerSetting, ...], **others: Any) -> Server:
    if version is not None and len(version) != 2:
        raise ValueError("a version is a major and a minor number")
    named = [(name, others.pop(key)) for key, name in _NAMED_SETTINGS.items()]
    settings = [*other_settings, *(ServerSetting(name=name, value=value) for name, value in named if value is not None)]
    return Server(
        version=None if version is None else (version[0], version[1]),
        settings=tuple(sorted(settings, key=attrgetter("name"))),
        **others,
    )


def _setting_key(key: str, name: str) -> Key:
    def get(server: Server) -> str | None:
        return next((setting.value for setting in server.settings if setting.name == name and setting.carried), None)

    return Key(key, SETTING_VALUE, get, optional=True)


SERVER = record(
    _server,
    Key("name", TEXT),
    Key("version", many(INTEGER), optional=True),
    *(_setting_key(key, name) for key, name in _NAMED_SETTINGS.items()),
    Key("other_settings", many(SETTING), lambda server: [s for s in server.settings if not _has_own_key(s)]),
    Key("classes", many(CLASS)),
    Key("option_definitions", many(OPTION_DEFINITION)),
    Key("option_values", many(OPTION_VALUE)),
    Key("policies", many(POLICY), optional=True),
    Key("filters", FILTERS, optional=True),
)

# -- scopes with their counts, and the whole --------------------------------------------------------------------------------------


def _counted_scope_to_json(counted: tuple[Scope, int | None]) -> dict[str, Any]:
    scope, leased = counted
    counts = asdict(address_counts(scope, leased or 0))
    if leased is None:
        del counts["leased"]
    return {**SCOPE.to_json(scope), "address_counts": counts}


def _counted_scope_from_json(value: Any, place: str) -> tuple[Scope, int | None]:
    members = dict(as_object(value, place))
    stated = dict(as_object(members.pop("address_counts", None), f"{place}.address_counts"))
    scope: Scope = SCOPE.from_json(members, place)
    leased = stated.get("leased")
    if leased is not None:
        INTEGER.from_json(leased, f"{place}.address_counts.leased")
    if {**stated, "leased": leased or 0} != asdict(address_counts(scope, leased or 0)):
        raise Misfit(f"{place}.address_counts", f"the counts of scope {scope.scope_id} do not fit its ranges and reservations")
    return scope, leased


def _target(server: Server, scopes: tuple[tuple[Scope, int | None], ...], as_of: int, **others: Any) -> Target:
    return Target(
        as_of_s=as_of,
        server=replace(server, scopes=tuple(scope for scope, _ in scopes)),
        leased={scope.scope_id: leased for scope, leased in scopes if leased is not None},
        **others,
    )


_TARGET = record(
    _target,
    Key("as_of", INSTANT, attrgetter("as_of_s")),
    Key("strategy", word(Strategy)),
    Key("sources", many(SOURCE)),
    Key("relationships", many(RELATIONSHIP)),
    Key("server", SERVER),
    Key(
        "scopes",
        many(Codec(_counted_scope_to_json, _counted_scope_from_json)),
        lambda target: [(scope, target.leased.get(scope.scope_id)) for scope in target.server.scopes],
    ),
)
