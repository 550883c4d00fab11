"""Reads, folds and compares lab states: snapshot + log (see modules/DhcpServer/Core/State.ps1)."""

from __future__ import annotations

import json
from pathlib import Path


def load(path) -> dict:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def save(path, state) -> None:
    temp = Path(f"{path}.tmp")
    temp.write_text(json.dumps(state, separators=(",", ":"), ensure_ascii=False), encoding="utf-8")
    temp.replace(path)


def log_lines(path, offset=0):
    """The calls from byte `offset` on; a torn last line never happened."""
    log = Path(f"{path}.log")
    if not log.exists():
        return
    with log.open("rb") as stream:
        stream.seek(offset)
        for raw in stream:
            if not raw.endswith(b"\n"):
                return
            yield json.loads(raw)


def apply(state, line) -> None:
    lab = state["lab"]
    lab["clock"], lab["seq"], lab["mutations"], lab["clientsDone"] = line["t"], line["seq"], line["mutations"], line["clientsDone"]
    for key, value in line.get("docs", {}).items():
        part = key.split("|")
        kind = part[0]
        if kind == "lab":
            lab.update(value)
        elif kind == "srv":
            value["scopes"] = state["servers"][part[1]]["scopes"]
            state["servers"][part[1]] = value
        elif kind == "rel":
            if value is None:
                state["relationships"].pop(part[1], None)
            else:
                state["relationships"][part[1]] = value
        else:
            scopes = state["servers"][part[1]]["scopes"]
            if kind == "scope":
                if value is None:
                    scopes.pop(part[2], None)
                else:
                    old = scopes.get(part[2], {})
                    value["leases"], value["reservations"] = old.get("leases", {}), old.get("reservations", {})
                    scopes[part[2]] = value
            elif part[2] in scopes:
                table = "leases" if kind in ("lease", "leases") else "reservations"
                if kind in ("leases", "reservations"):
                    scopes[part[2]][table] = value
                elif value is None:
                    scopes[part[2]][table].pop(part[3], None)
                else:
                    scopes[part[2]][table][part[3]] = value


def current(path) -> dict:
    state = load(path)
    for line in log_lines(path, state["lab"]["logOffset"]):
        apply(state, line)
    return state


def fold(path) -> dict:
    """Writes snapshot + log as a new snapshot, so that the next process has nothing to replay."""
    state = load(path)
    for line in log_lines(path, state["lab"]["logOffset"]):
        apply(state, line)
    log = Path(f"{path}.log")
    state["lab"]["logOffset"] = log.stat().st_size if log.exists() else 0
    save(path, state)
    return state


VOLATILE = {"expiry", "started", "since", "created", "prev", "syncUntil", "pendingRestore"}


def normal(value, key=""):
    """A state without clock, counters and lease times, lists of addresses and options in one order."""
    if isinstance(value, dict):
        return {k: normal(v, k) for k, v in sorted(value.items()) if k not in VOLATILE and not (k == "superscope" and not v)}
    if isinstance(value, list):
        rows = [normal(v) for v in value]
        if key in ("optionValues", "exclusions", "optionDefinitions", "classes", "items", "scopes", "on", "ranges", "inDC"):
            rows.sort(key=lambda r: json.dumps(r, sort_keys=True))
        return rows
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value


def differences(one, other, where="", limit=40) -> list:
    if isinstance(one, dict) and isinstance(other, dict):
        out = []
        for k in sorted(set(one) | set(other), key=str):
            if len(out) >= limit:
                break
            here = f"{where}/{k}"
            if k not in one:
                out.append(f"{here}: only in the second")
            elif k not in other:
                out.append(f"{here}: only in the first")
            else:
                out += differences(one[k], other[k], here, limit - len(out))
        return out
    if one != other:
        return [f"{where}: {json.dumps(one)[:160]} | {json.dumps(other)[:160]}"]
    return []


def without_clients(scope, clients):
    return {k: ({ip: x for ip, x in v.items() if x["clientId"] not in clients} if k == "leases" else v) for k, v in scope.items()}


def compare(one, other, *, leases=True, limit=40) -> list:
    """Differences of two states, ignoring clock, counters, log positions, faults, lease times, and the clients that
    come and go by themselves (lab.clientEvents): when those meet which server depends on the time a run takes."""
    moving = {e["clientId"] for s in (one, other) for e in s["lab"].get("clientEvents", []) if e["kind"] != "renew"}
    sides = []
    for state in (one, other):
        view = {"servers": {}, "relationships": normal(state["relationships"]), "inDC": normal(state["lab"]["inDC"], "inDC")}
        for name, s in state["servers"].items():
            copy = {k: v for k, v in s.items() if k != "pendingRestore"}
            copy["scopes"] = {
                i: {k: v for k, v in without_clients(sc, moving).items() if leases or k != "leases"}
                for i, sc in s["scopes"].items()
            }
            view["servers"][name] = normal(copy)
        sides.append(view)
    return differences(*sides, limit=limit)
