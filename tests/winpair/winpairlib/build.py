"""Builds the lab state from two Export-DhcpServer files."""

from __future__ import annotations

import json
import random
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
BUILTIN = json.loads((HERE / "data" / "builtin.json").read_text(encoding="utf-8"))
VERSIONS = {"2012": [6, 2], "2012R2": [6, 3], "2016": [10, 0], "2019": [10, 0], "2022": [10, 0], "2025": [10, 0]}
CONDITIONS = {
    "vendorclass": "vendorClass",
    "userclass": "userClass",
    "macaddress": "macAddress",
    "clientid": "clientId",
    "fqdn": "fqdn",
    "relayagent": "relayAgent",
    "circuitid": "circuitId",
    "remoteid": "remoteId",
    "subscriberid": "subscriberId",
}
LEASE_STATES = {s.lower(): s for s in ("Offered", "Active", "Declined", "Expired", "ActiveReservation", "InactiveReservation")}


def local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1].lower()


def kids(node, name):
    return [] if node is None else [k for k in node if local(k.tag) == name.lower()]


def kid(node, name):
    return next(iter(kids(node, name)), None)


def text(node, name, default=""):
    found = kid(node, name)
    return default if found is None or found.text is None else found.text


def boolean(value, default=False):
    return default if value == "" else value.strip().lower() in ("true", "1")


def client_id(value: str) -> str:
    digits = re.sub(r"[^0-9a-f]", "", value.lower())
    return "-".join(digits[i : i + 2] for i in range(0, len(digits), 2))


def number(ip: str) -> int:
    a, b, c, d = ip.split(".")
    return int(a) << 24 | int(b) << 16 | int(c) << 8 | int(d)


def dotted(n: int) -> str:
    return f"{n >> 24}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


def seconds(value: str) -> float | None:
    value = value.strip().replace(" ", "T", 1)
    if not value:
        return None
    moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def duration(value: str) -> float | None:
    m = re.fullmatch(r"(?:(\d+)\.)?(\d+):(\d+):(\d+)(?:\.\d+)?", value.strip())
    if not m:
        return float(value) * 86400
    d, h, mi, s = (int(x or 0) for x in m.groups())
    total = d * 86400 + h * 3600 + mi * 60 + s
    return None if total >= 4294967295 else float(total)


def options(node) -> list:
    return [
        {
            "optionId": int(text(v, "OptionId")),
            "value": [x.text or "" for x in kids(v, "Value")],
            "vendorClass": text(v, "VendorClass"),
            "userClass": text(v, "UserClass"),
        }
        for v in kids(kid(node, "OptionValues"), "OptionValue")
    ]


def ranges(node, group) -> list:
    rows = [{"start": text(r, "StartRange").strip(), "end": text(r, "EndRange").strip()} for r in kids(kid(node, group), "IPRange")]
    return sorted(rows, key=lambda r: number(r["start"]))


def policies(node) -> list:
    out = []
    for p in kids(kid(node, "Policies"), "Policy"):
        row = {
            "name": text(p, "Name"),
            "order": int(text(p, "ProcessingOrder", "1")),
            "enabled": boolean(text(p, "Enabled"), True),
            "condition": text(p, "Condition").capitalize(),
            "description": text(p, "Description"),
            "ranges": ranges(p, "IPRanges"),
            "optionValues": options(p),
            "leaseSeconds": None,
            "dnsSuffix": text(p, "DnsSuffix"),
        }
        for tag, key in CONDITIONS.items():
            row[key] = [x.text or "" for x in kids(p, tag)]
        for v in row["optionValues"]:
            if v["optionId"] == 51 and not v["vendorClass"] and v["value"]:
                row["leaseSeconds"] = float(v["value"][0])
        out.append(row)
    return out


def scope(node) -> dict:
    s = {
        "id": text(node, "ScopeId").strip(),
        "mask": text(node, "SubnetMask").strip(),
        "start": text(node, "StartRange").strip(),
        "end": text(node, "EndRange").strip(),
        "name": text(node, "Name"),
        "description": text(node, "Description"),
        "state": "Active" if text(node, "State").lower() == "active" else "InActive",
        "type": {"dhcp": "Dhcp", "bootp": "Bootp", "both": "Both"}.get(text(node, "Type", "Dhcp").lower(), "Dhcp"),
        "leaseSeconds": duration(text(node, "LeaseDuration", "8.00:00:00")),
        "delay": int(text(node, "Delay", "0") or 0),
        "superscope": text(node, "SuperScopeName"),
        "maxBootpClients": int(text(node, "MaxBootpClients", "4294967295") or 4294967295),
        "activatePolicies": boolean(text(node, "ActivatePolicies"), True),
        "napEnable": boolean(text(node, "NapEnable")),
        "napProfile": text(node, "NapProfile"),
        "exclusions": ranges(node, "ExclusionRanges"),
        "optionValues": options(node),
        "policies": policies(node),
        "reservations": {},
        "leases": {},
    }
    for r in kids(kid(node, "Reservations"), "Reservation"):
        ip = text(r, "IPAddress").strip()
        s["reservations"][ip] = {
            "ip": ip,
            "clientId": client_id(text(r, "ClientId")),
            "name": text(r, "Name"),
            "description": text(r, "Description"),
            "type": text(r, "Type", "Both"),
            "optionValues": options(r),
        }
    for x in kids(kid(node, "Leases"), "Lease"):
        f = {local(k.tag): k.text or "" for k in x}
        ip = f.get("ipaddress", "").strip()
        s["leases"][ip] = {
            "ip": ip,
            "clientId": client_id(f.get("clientid", "")),
            "hostName": f.get("hostname", ""),
            "state": LEASE_STATES.get(f.get("addressstate", "Active").lower(), "Active"),
            "expiry": seconds(f.get("leaseexpirytime", "")),
            "clientType": f.get("clienttype") or "UnSpecified",
            "description": f.get("description", ""),
            "policyName": f.get("policyname", ""),
            "dnsRR": f.get("dnsrr") or "NoRegistration",
            "dnsRegistration": f.get("dnsregistration") or "NotApplicable",
            "napCapable": boolean(f.get("napcapable", "")),
            "napStatus": f.get("napstatus") or "FullAccess",
            "probationEnds": seconds(f.get("probationends", "")),
        }
    for ip, r in s["reservations"].items():  # a reservation always has a client record
        s["leases"].setdefault(
            ip,
            {
                "ip": ip,
                "clientId": r["clientId"],
                "hostName": r["name"],
                "state": "InactiveReservation",
                "expiry": None,
                "clientType": "None",
                "description": "",
                "policyName": "",
                "dnsRR": "NoRegistration",
                "dnsRegistration": "NotApplicable",
                "napCapable": False,
                "napStatus": "FullAccess",
                "probationEnds": None,
            },
        )
    return s


def server(path: str, name: str, domain: str, ip: str, os_version: str) -> dict:
    root = ET.parse(path).getroot()
    if local(root.tag) != "dhcpserver":
        raise SystemExit(f"{path}: not an Export-DhcpServer file (root {root.tag})")
    v4 = kid(root, "IPv4")
    definitions = {(d["optionId"], d["vendorClass"]): d for d in json.loads(json.dumps(BUILTIN["optionDefinitions"]))}
    for d in kids(kid(v4, "OptionDefinitions"), "OptionDefinition"):
        row = {
            "name": text(d, "Name"),
            "optionId": int(text(d, "OptionId")),
            "type": text(d, "Type"),
            "multiValued": boolean(text(d, "MultiValued")),
            "defaultValue": [x.text or "" for x in kids(d, "DefaultValue")],
            "description": text(d, "Description"),
            "vendorClass": text(d, "VendorClass"),
        }
        definitions[row["optionId"], row["vendorClass"]] = row
    classes = {k["name"].lower(): k for k in json.loads(json.dumps(BUILTIN["classes"]))}
    for k in kids(kid(v4, "Classes"), "Class"):
        data = text(k, "Data")
        if not data.lower().startswith("0x"):
            data = "0x" + data.encode().hex()
        classes[text(k, "Name").lower()] = {
            "name": text(k, "Name"),
            "type": text(k, "Type"),
            "data": data.lower(),
            "description": text(k, "Description"),
        }
    filters = kid(v4, "Filters")
    scopes = {s["id"]: s for s in (scope(n) for n in kids(kid(v4, "Scopes"), "Scope"))}
    return {
        "name": name,
        "fqdn": f"{name}.{domain}",
        "ip": ip,
        "os": os_version,
        "version": VERSIONS[os_version],
        "service": "Running",
        "started": 0,
        "skew": 0,
        "domainJoined": True,
        "conflictDetectionAttempts": int(text(v4, "ConflictDetectionAttempts", "0") or 0),
        "napEnabled": boolean(text(v4, "NapEnabled")),
        "npsUnreachableAction": text(v4, "NpsUnreachableAction", "Full") or "Full",
        "activatePolicies": boolean(text(v4, "ActivatePolicies"), True),
        "classes": list(classes.values()),
        "optionDefinitions": list(definitions.values()),
        "optionValues": options(v4),
        "policies": policies(v4),
        "filters": {
            "allow": boolean(text(filters, "Allow")),
            "deny": boolean(text(filters, "Deny")),
            "items": [
                {"mac": text(f, "MacAddress"), "list": text(f, "List"), "description": text(f, "Description")}
                for f in kids(filters, "Filter")
            ],
        },
        "database": {
            "fileName": "C:\\Windows\\system32\\dhcp\\dhcp.mdb",
            "backupPath": "C:\\Windows\\system32\\dhcp\\backup",
            "backupMinutes": 60,
            "cleanupMinutes": 60,
            "restoreFromBackup": False,
        },
        "auditLog": {"enable": True, "path": "C:\\Windows\\system32\\dhcp", "maxMB": 70, "interval": 50, "minMB": 20},
        "dnsCredential": {"user": "svc-dhcp", "domain": domain.split(".")[0].upper()},
        "securityGroups": True,
        "diskFreeMB": 40960,
        "bindings": [
            {
                "alias": "Ethernet",
                "description": "simulated adapter",
                "state": True,
                "ip": ip,
                "mask": "255.255.255.0",
                "dhcp": False,
            }
        ],
        "scopes": scopes,
    }


def export_time(servers) -> float:
    """When the exports were made, as far as they tell: the start of the newest lease."""
    newest = 0.0
    for s in servers:
        for sc in s["scopes"].values():
            for lease in sc["leases"].values():
                if lease["state"] == "Active" and lease["expiry"] and sc["leaseSeconds"]:
                    newest = max(newest, lease["expiry"] - sc["leaseSeconds"])
    return newest or datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()


def events(servers, now: float, late: int, renewals: float, seed: str) -> list:
    """Clients that come while nobody looks: `late` new ones on the second server before the freeze,
    and every client whose T1 or T2 falls into the next `renewals` seconds."""
    rng, out = random.Random(f"{seed}/clients"), []
    second = servers[1]
    ids = sorted(i for i, s in second["scopes"].items() if s["state"] == "Active")
    for n in range(late if ids else 0):
        sid = ids[n % len(ids)]
        # half of them between export and run, half while the first scripts run
        when = now + (rng.uniform(60, 3000) if n % 2 == 0 else 3600 + rng.uniform(0.5, 3))
        out.append(
            {
                "time": round(when, 3),
                "server": second["name"],
                "kind": "lease",
                "scopeId": sid,
                "ip": None,
                "clientId": f"0a-1a-7e-00-{n >> 8 & 255:02x}-{n & 255:02x}",
                "hostName": f"late-{n:04d}",
            }
        )
    if renewals:
        for s in servers:
            for sid, sc in s["scopes"].items():
                length = sc["leaseSeconds"]
                for lease in sc["leases"].values():
                    if lease["state"] != "Active" or not lease["expiry"] or not length:
                        continue
                    begin = lease["expiry"] - length
                    for part in (0.5, 0.875):
                        when = begin + part * length
                        if now < when < now + renewals:
                            out.append(
                                {
                                    "time": round(when, 3),
                                    "server": s["name"],
                                    "kind": "renew",
                                    "scopeId": sid,
                                    "ip": lease["ip"],
                                    "clientId": lease["clientId"],
                                    "hostName": lease["hostName"],
                                    "only": part == 0.5,
                                }
                            )
                            break
    return sorted(out, key=lambda e: e["time"])


def build(
    primary: str,
    secondary: str,
    *,
    primary_name="",
    secondary_name="",
    os_version="2019",
    secondary_os="",
    domain="corp.example.com",
    local_name="",
    management_os="2022",
    now=None,
    late=0,
    renewals=0.0,
    seed="1",
    gap=3600.0,
    call_seconds=0.05,
    normal_after=30.0,
    live_dns=(),
    faults=None,
    client_events=(),
) -> dict:
    primary_name = primary_name or Path(primary).stem
    secondary_name = secondary_name or Path(secondary).stem
    first = server(primary, primary_name, domain, "10.255.1.10", os_version)
    second = server(secondary, secondary_name, domain, "10.255.1.11", secondary_os or os_version)
    servers = [first, second]
    now = export_time(servers) if now is None else now
    for s in servers:
        s["started"] = now - 30 * 86400
    queue = sorted(list(client_events) + events(servers, now, late, renewals, seed), key=lambda e: e["time"])
    return {
        "format": "winpair-state",
        "version": 1,
        "lab": {
            "clock": now,
            "seq": 0,
            "mutations": 0,
            "clientsDone": 0,
            "logOffset": 0,
            "local": local_name or primary_name,
            "managementOs": management_os,
            "domain": domain,
            "clientEvents": queue,
            "config": {
                "callSeconds": call_seconds,
                "normalAfter": normal_after,
                "gapSeconds": gap,
                "liveDns": list(live_dns),
                "leaseAddOs": "any",
            },
            "faults": faults or {},
            "inDC": [{"dnsName": s["fqdn"], "ip": s["ip"]} for s in servers],
        },
        "relationships": {},
        "servers": {s["name"]: s for s in servers},
    }
