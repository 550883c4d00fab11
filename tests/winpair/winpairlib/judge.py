"""The judgement: replays a run from its first snapshot and checks what clients and the change board care about.

Independent of the PowerShell side: it reads only the snapshot, the call log and the final state.
"""

from __future__ import annotations

from collections import defaultdict

from . import state as st
from .build import dotted, number

ANSWERING = {"Normal", "CommunicationInterrupted", "PartnerDown", "ConflictDone", "ResolutionInterrupted"}
FORMING = ("Startup", "Recover", "RecoverDone")


def spans(rows):
    return sorted((number(r["start"]), number(r["end"])) for r in rows)


def subtract(pool, holes):
    """Interval arithmetic on inclusive (low, high) pairs."""
    out = []
    for low, high in pool:
        at = low
        for a, b in sorted(holes):
            if b < at or a > high:
                continue
            if a > at:
                out.append((at, a - 1))
            at = max(at, b + 1)
        if at <= high:
            out.append((at, high))
    return out


def intersect(one, other):
    return [(max(a, c), min(b, d)) for a, b in one for c, d in other if max(a, c) <= min(b, d)]


def size(pool):
    return sum(b - a + 1 for a, b in pool)


def inside(pool, n):
    return any(a <= n <= b for a, b in pool)


def served(scope):
    """Addresses the scope hands out dynamically: range - exclusions - reservations."""
    pool = subtract([(number(scope["start"]), number(scope["end"]))], spans(scope["exclusions"]))
    return subtract(pool, [(number(ip),) * 2 for ip in scope["reservations"]])


def relation_of(state, server, sid):
    for r in state["relationships"].values():
        if server in r["on"] and sid in r["scopes"]:
            return r
    return None


def formed(relation, server, now, span):
    """The relationship's state on this server at `now`, carried on from the last state written."""
    s = relation["states"][server]
    return s["state"], s["since"]


def answers(state, server, sid):
    srv = state["servers"][server]
    scope = srv["scopes"].get(sid)
    if srv["service"] != "Running" or not scope or scope["state"] != "Active":
        return False
    r = relation_of(state, server, sid)
    return r is None or r["states"][server]["state"] in ANSWERING


def verdict(scope, ip, client):
    """ACK, NAK or None (silence) for a client that wants to keep `ip`; as Get-Verdict in Core/Time.ps1."""
    res = scope["reservations"]
    if ip in res and res[ip]["clientId"] != client:
        return "NAK: reserved for another client"
    for r in res.values():
        if r["clientId"] == client and r["ip"] != ip:
            return f"NAK: the client has the reservation {r['ip']}"
    lease = scope["leases"].get(ip)
    if lease and lease["clientId"] == client and lease["state"] != "Declined":
        return "ACK"
    if lease and lease["state"] in ("Active", "ActiveReservation", "Declined"):
        return f"NAK: the address is {lease['state']} for {lease['clientId']}"
    if ip in res:
        return "ACK"
    n = number(ip)
    if not number(scope["start"]) <= n <= number(scope["end"]):
        return "NAK: outside the range"
    if inside(spans(scope["exclusions"]), n):
        return None
    return "NAK: the server has no record of this lease"


def same_spelling(value):
    """8, 0x8 and 0x08 are one value, and so are 0x0A and 0x0a."""
    text = str(value)
    if text.lower().startswith("0x"):
        try:
            return int(text, 16)
        except ValueError:
            return text.lower()
    return int(text) if text.isdecimal() else text


class Check:
    def __init__(self, name, text):
        self.name, self.text, self.count, self.broken, self.first = name, text, 0, 0, None

    def see(self, n=1):
        self.count += n

    def fail(self, why, **facts):
        self.broken += 1
        if self.first is None:
            self.first = {"why": why, **facts}

    def report(self):
        return {
            "ok": self.broken == 0,
            "what": self.text,
            "checked": self.count,
            "broken": self.broken,
            "first_counterexample": self.first,
        }


class Judge:
    def __init__(self, initial, lines, *, expect="failover", outage_limit=None):
        self.initial, self.lines, self.expect, self.outage_limit = initial, lines, expect, outage_limit
        self.names = list(initial["servers"])
        self.checks = {}
        for name, text in (
            ("clients_keep_addresses", "no client with an active lease loses its address or is refused (NAK)"),
            (
                "one_address_one_client",
                "no address is active for two clients, and no client gets a second address, beyond what the exports held",
            ),
            ("common_exclusions_kept", "addresses excluded on both servers, or outside both ranges, are never handed out"),
            ("reservations_survive", "every reservation of either server exists on both servers at the end"),
            (
                "no_overlap_while_split",
                "while both servers answer without failover, no address is served by both unless it was before",
            ),
            ("free_is_not_leased_elsewhere", "no answering server holds as free an address that the other server has leased"),
            (
                "options_unchanged",
                "what clients receive as options equals what one of the two servers gave before, and is equal on both",
            ),
            ("failover_complete", "every scope that both servers shared is in one failover relationship, Normal on both"),
            (
                "partners_agree",
                "both partners hold the same range, exclusions, reservations, options and leases of every failover scope",
            ),
            ("late_leases_kept", "clients that leased between export and freeze keep their addresses"),
            (
                "documented_calls_only",
                "no call was refused as not modelled, asked for confirmation, or failed for another reason than an injected fault",
            ),
        ):
            self.checks[name] = Check(name, text)
        self.outage = defaultdict(float)
        self.outage_open = {}
        self.half = defaultdict(float)
        self.clients = {}
        self.baseline_overlap = {}
        self.common_closed = {}
        self.seen_free = set()

    # -- the run ------------------------------------------------------------------------------------------

    def run(self):
        import copy

        state = copy.deepcopy(self.initial)
        self.start = state["lab"]["clock"]
        self.prepare(state)
        self.window(state, None, self.start)
        previous = self.start
        for line in self.lines:
            self.account(state, previous, line["t"])
            touched = self.touched(line)
            st.apply(state, line)
            previous = line["t"]
            for event in line.get("clients", []):
                self.client_event(event)
            self.call(line)
            if touched:
                self.window(state, touched, line["t"], line)
        self.end = previous
        self.final = state
        self.finish(state)
        return self.report()

    def touched(self, line):
        out = set()
        for key in line.get("docs", {}):
            part = key.split("|")
            if part[0] in ("scope", "lease", "leases", "res", "reservations"):
                out.add(part[2])
            elif part[0] == "rel":
                value = line["docs"][key]
                out |= set(value["scopes"]) if value else {"*"}
            elif part[0] == "srv":
                out.add("*")
        return out

    def prepare(self, state):
        a, b = (state["servers"][n] for n in self.names[:2])
        for sid in sorted(set(a["scopes"]) | set(b["scopes"]), key=number):
            sa, sb = a["scopes"].get(sid), b["scopes"].get(sid)
            if sa and sb:
                self.baseline_overlap[sid] = intersect(served(sa), served(sb))
                whole = [(number(sid), number(sid) | (0xFFFFFFFF ^ number(sa["mask"])))]
                opened = []
                for s in (sa, sb):
                    opened += subtract([(number(s["start"]), number(s["end"]))], spans(s["exclusions"]))
                self.common_closed[sid] = subtract(whole, opened)
            for server, scope in ((self.names[0], sa), (self.names[1], sb)):
                for lease in (scope or {"leases": {}})["leases"].values():
                    if lease["state"] in ("Active", "ActiveReservation") and (
                        lease["expiry"] is None or lease["expiry"] > self.start
                    ):
                        self.add_client(
                            sid, lease["ip"], lease["clientId"], server, lease["expiry"], scope["leaseSeconds"], "export"
                        )
        # Where the exports contradict each other (one client on two addresses, one address for two clients), any
        # of the two may survive: such clients are not held against the run.
        by_client, by_ip = defaultdict(set), defaultdict(set)
        for sid, ip, client in self.clients:
            by_client[sid, client].add(ip)
            by_ip[sid, ip].add(client)
        for (sid, ip, client), c in self.clients.items():
            other = state["servers"]
            reserved = {
                r["clientId"]
                for n in self.names[:2]
                for r in [other[n]["scopes"].get(sid, {"reservations": {}})["reservations"].get(ip)]
                if r
            }
            moved = {
                r["ip"]
                for n in self.names[:2]
                for r in other[n]["scopes"].get(sid, {"reservations": {}})["reservations"].values()
                if r["clientId"] == client
            }
            c["contested"] = (
                len(by_client[sid, client]) > 1
                or len(by_ip[sid, ip]) > 1
                or (reserved and client not in reserved)
                or bool(moved - {ip})
            )

    def add_client(self, sid, ip, client, server, expiry, length, source):
        old = self.clients.get((sid, ip, client))
        if old and (old["expiry"] or 0) >= (expiry or 0):
            return
        self.clients[sid, ip, client] = {
            "server": server,
            "expiry": expiry,
            "length": length or 691200,
            "source": source,
            "contested": False,
        }

    def account(self, state, begin, end):
        """Silence per scope between two lines. Formation (Startup..RecoverDone) counts as silence."""
        if end <= begin:
            return
        for sid in self.baseline_overlap:
            up = [n for n in self.names[:2] if answers(state, n, sid)]
            if not up:
                self.outage[sid] += end - begin
            elif len(up) < 2:
                self.half[sid] += end - begin

    def client_event(self, event):
        check = self.checks["clients_keep_addresses"]
        sid = event["scopeId"]
        if event["kind"] == "lease" and event["outcome"] == "ACK":
            self.add_client(sid, event["ip"], event["clientId"], event["server"], None, None, "late")
            self.clients[sid, event["ip"], event["clientId"]]["since"] = event["time"]
            closed = self.common_closed.get(sid, [])
            self.checks["common_exclusions_kept"].see()
            if inside(closed, number(event["ip"])):
                self.checks["common_exclusions_kept"].fail(
                    "an address excluded on both servers was handed out",
                    scope=sid,
                    ip=event["ip"],
                    client=event["clientId"],
                    server=event["server"],
                    t=event["time"],
                )
            for (s2, ip2, c2), old in self.clients.items():
                if (
                    s2 == sid
                    and ip2 == event["ip"]
                    and c2 != event["clientId"]
                    and (old["expiry"] is None or old["expiry"] > event["time"])
                ):
                    self.checks["one_address_one_client"].fail(
                        "a new client got an address that another client holds",
                        scope=sid,
                        ip=ip2,
                        holder=c2,
                        new=event["clientId"],
                        server=event["server"],
                        t=event["time"],
                    )
        elif event["kind"] == "renew":
            check.see()
            if event["outcome"] == "NAK" and not self.clients.get((sid, event["ip"], event["clientId"]), {}).get("contested"):
                check.fail(
                    "a client's renewal was refused during the run",
                    scope=sid,
                    ip=event["ip"],
                    client=event["clientId"],
                    server=event["server"],
                    t=event["time"],
                )

    def call(self, line):
        check = self.checks["documented_calls_only"]
        check.see()
        error = line.get("error") or {}
        if line.get("outcome") in ("refused", "prompt", "bug"):
            check.fail(
                {
                    "refused": "a cmdlet winpair does not model",
                    "prompt": "a cmdlet asked for confirmation (no -Force)",
                    "bug": "winpair bug",
                }[line["outcome"]],
                cmdlet=line["cmdlet"],
                server=line.get("server"),
                error=error,
                seq=line["seq"],
            )
        elif line.get("outcome") == "error" and line.get("mutating") and not error.get("injected"):
            check.fail(
                f"a changing call failed: {error.get('why') or error.get('message')}",
                cmdlet=line["cmdlet"],
                server=line.get("server"),
                id=error.get("id"),
                message=error.get("message"),
                params=line.get("params"),
                seq=line["seq"],
                script=line.get("script"),
            )

    def window(self, state, touched, now, line=None):
        """The split-scope accidents: judged after every change, for the scopes it touched."""
        where = {"t": now, "seq": line["seq"], "cmdlet": line["cmdlet"], "params": line.get("params")} if line else {"t": now}
        a, b = self.names[:2]
        for sid in self.baseline_overlap if touched is None or "*" in touched else touched & set(self.baseline_overlap):
            up = {n: answers(state, n, sid) for n in (a, b)}
            scopes = {n: state["servers"][n]["scopes"].get(sid) for n in (a, b)}
            if not any(up.values()):
                continue
            linked = relation_of(state, a, sid)
            linked = linked and linked is relation_of(state, b, sid)
            if up[a] and up[b] and not linked:
                check = self.checks["no_overlap_while_split"]
                check.see()
                both = subtract(intersect(served(scopes[a]), served(scopes[b])), self.baseline_overlap[sid])
                if both:
                    check.fail(
                        "both servers hand out the same addresses"
                        " (range widened or exclusion removed before the partner was frozen)",
                        scope=sid,
                        addresses=size(both),
                        first=dotted(both[0][0]),
                        **where,
                    )
            if linked:
                continue
            check = self.checks["free_is_not_leased_elsewhere"]
            for n, o in ((a, b), (b, a)):
                if not up[n]:
                    continue
                check.see()
                pool, mine = served(scopes[n]), scopes[n]["leases"]
                if touched is not None and (sid, n) in self.seen_free:
                    continue
                for ip, lease in self.holders(state, o, sid, now):
                    if ip in mine and mine[ip]["state"] != "Expired":
                        continue
                    at = number(ip)
                    if inside(pool, at) and not inside(self.baseline_overlap[sid], at):
                        self.seen_free.add((sid, n))
                        check.fail(
                            f"{n} holds {ip} as free while {lease['clientId']} has it from {o}",
                            scope=sid,
                            ip=ip,
                            server=n,
                            client=lease["clientId"],
                            **where,
                        )
                        break
            for n in (a, b):
                if up[n]:
                    self.checks["common_exclusions_kept"].see()
                    opened = intersect(served(scopes[n]), self.common_closed[sid])
                    if opened:
                        self.checks["common_exclusions_kept"].fail(
                            "addresses excluded on both servers (or outside both ranges) became available",
                            scope=sid,
                            server=n,
                            first=dotted(opened[0][0]),
                            addresses=size(opened),
                            **where,
                        )

    def holders(self, state, server, sid, now):
        """Clients that hold an address from this server: its records, or, where the scope is gone, what it last gave."""
        scope = state["servers"][server]["scopes"].get(sid)
        if scope:
            rows = [
                (ip, lease)
                for ip, lease in scope["leases"].items()
                if lease["state"] == "Active" and (lease["expiry"] is None or lease["expiry"] > now)
            ]
        else:
            rows = [
                (ip, {"clientId": client})
                for (s, ip, client), c in self.clients.items()
                if s == sid and c["server"] == server and not c["contested"] and (c["expiry"] is None or c["expiry"] > now)
            ]
        return rows

    # -- the end ------------------------------------------------------------------------------------------

    def finish(self, state):
        self.renewals(state)
        self.reservations(state)
        self.options(state)
        self.failover(state)
        self.duplicates(state)

    def renewals(self, state):
        """Every client asks to keep its address at its next T1, T2 or expiry after the run."""
        a, b = self.names[:2]
        for (sid, ip, client), c in self.clients.items():
            check = self.checks["late_leases_kept" if c["source"] == "late" else "clients_keep_addresses"]
            check.see()
            if c["contested"] or (c["expiry"] is not None and c["expiry"] < self.end):
                continue
            up = [n for n in (c["server"], b if c["server"] == a else a) if answers(state, n, sid)]
            if not up:
                initially = [n for n in (a, b) if answers(self.initial, n, sid)]
                if initially:
                    check.fail("no server answers for the scope after the run", scope=sid, ip=ip, client=client)
                continue
            outcome = None
            for n in up:
                outcome = verdict(state["servers"][n]["scopes"][sid], ip, client)
                if outcome is not None:
                    break
            if outcome != "ACK":
                why = outcome or "no server knows the address: silence until the lease ends, then a new address"
                check.fail(
                    f"{'late lease lost' if c['source'] == 'late' else 'client loses its address'}: {why}",
                    scope=sid,
                    ip=ip,
                    client=client,
                    got_from=c["server"],
                    asked=up,
                )

    def reservations(self, state):
        check = self.checks["reservations_survive"]
        a, b = self.names[:2]
        for sid in self.baseline_overlap:
            wanted, clash = {}, set()
            for n in (a, b):
                for r in self.initial["servers"][n]["scopes"][sid]["reservations"].values():
                    for o in wanted.values():
                        if (o["ip"] == r["ip"]) != (o["clientId"] == r["clientId"]):
                            clash |= {(r["ip"], r["clientId"]), (o["ip"], o["clientId"])}
                    wanted[r["ip"], r["clientId"]] = r
            for (ip, client), r in wanted.items():
                check.see()
                if (ip, client) in clash:
                    continue
                for n in (a, b):
                    have = state["servers"][n]["scopes"].get(sid, {"reservations": {}})["reservations"].get(ip)
                    if not have or have["clientId"] != client:
                        check.fail("reservation missing at the end", scope=sid, ip=ip, client=client, server=n, name=r["name"])

    @staticmethod
    def effective(server, scope, reservation=None):
        out = {}
        for level in (server["optionValues"], scope["optionValues"], (reservation or {"optionValues": []})["optionValues"]):
            for v in level or []:
                if v["optionId"] not in (51, 81):
                    out[v["optionId"], v["vendorClass"], v["userClass"]] = tuple(map(same_spelling, v["value"]))
        return out

    def options(self, state):
        check = self.checks["options_unchanged"]
        a, b = self.names[:2]
        for sid in self.baseline_overlap:
            before = [self.effective(self.initial["servers"][n], self.initial["servers"][n]["scopes"][sid]) for n in (a, b)]
            after = {
                n: self.effective(state["servers"][n], state["servers"][n]["scopes"][sid])
                for n in (a, b)
                if sid in state["servers"][n]["scopes"]
            }
            keys = set().union(*before, *after.values())
            for key in sorted(keys, key=str):
                check.see()
                allowed = {x.get(key) for x in before}
                got = {n: x.get(key) for n, x in after.items()}
                for n, value in got.items():
                    if value not in allowed:
                        check.fail(
                            "clients receive another value than before",
                            scope=sid,
                            option=key[0],
                            vendor=key[1],
                            server=n,
                            before=sorted(map(str, allowed)),
                            after=str(value),
                        )
                if len(set(got.values())) > 1:
                    check.fail(
                        "the two servers give different values",
                        scope=sid,
                        option=key[0],
                        vendor=key[1],
                        values={n: str(v) for n, v in got.items()},
                    )

    def failover(self, state):
        done, agree = self.checks["failover_complete"], self.checks["partners_agree"]
        a, b = self.names[:2]
        for sid in self.baseline_overlap:
            if self.expect != "failover":
                break
            done.see()
            ra, rb = relation_of(state, a, sid), relation_of(state, b, sid)
            if ra is None or ra is not rb:
                done.fail("the scope is not in failover on both servers", scope=sid, on=[n for n, r in ((a, ra), (b, rb)) if r])
                continue
            states = {n: ra["states"][n]["state"] for n in (a, b)}
            if set(states.values()) != {"Normal"}:
                done.fail("the relationship is not Normal at the end", scope=sid, relationship=ra["name"], states=states)
            sa, sb = state["servers"][a]["scopes"].get(sid), state["servers"][b]["scopes"].get(sid)
            if not sa or not sb:
                done.fail("the scope is missing on one partner", scope=sid)
                continue
            agree.see()
            for key in (
                "start",
                "end",
                "mask",
                "state",
                "leaseSeconds",
                "exclusions",
                "optionValues",
                "reservations",
                "policies",
                "superscope",
                "name",
                "delay",
            ):
                if st.normal(sa[key], key) != st.normal(sb[key], key):
                    agree.fail(f"partners differ in {key}", scope=sid, **{a: str(sa[key])[:200], b: str(sb[key])[:200]})
            la = {ip: x["clientId"] for ip, x in sa["leases"].items() if x["state"] == "Active"}
            lb = {ip: x["clientId"] for ip, x in sb["leases"].items() if x["state"] == "Active"}
            if la != lb:
                diff = sorted(set(la.items()) ^ set(lb.items()))[0]
                agree.fail("partners differ in leases", scope=sid, ip=diff[0], client=diff[1])
            if sa["delay"]:
                agree.fail("an offer delay is left on a failover scope", scope=sid, delay=sa["delay"])

    def duplicates(self, state):
        check = self.checks["one_address_one_client"]
        before = defaultdict(set)
        for n in self.names[:2]:
            for sid, scope in self.initial["servers"][n]["scopes"].items():
                for x in scope["leases"].values():
                    if x["state"] in ("Active", "ActiveReservation"):
                        before[sid, x["ip"]].add(x["clientId"])
        held = defaultdict(set)
        for n in self.names[:2]:
            for sid, scope in state["servers"][n]["scopes"].items():
                for x in scope["leases"].values():
                    if x["state"] in ("Active", "ActiveReservation") and (x["expiry"] is None or x["expiry"] > self.end):
                        check.see()
                        held[sid, x["ip"]].add(x["clientId"])
        for key, clients in held.items():
            if len(clients) > 1 and len(before[key]) < 2:
                check.fail("two clients hold one address", scope=key[0], ip=key[1], clients=sorted(clients))

    def report(self):
        out = {name: c.report() for name, c in self.checks.items()}
        worst = max(self.outage.items(), key=lambda x: x[1], default=(None, 0))
        return {
            "ok": all(c["ok"] for c in out.values()),
            "invariants": out,
            "simulated_seconds": round(self.end - self.start, 1),
            "calls": len(self.lines),
            "mutations": self.final["lab"]["mutations"],
            "clients": len(self.clients),
            "contested_clients": sum(1 for c in self.clients.values() if c["contested"]),
            "outage": {
                "worst_scope": worst[0],
                "worst_seconds": round(worst[1], 1),
                "scopes_with_outage": sum(1 for v in self.outage.values() if v > 0),
                "mean_seconds": round(sum(self.outage.values()) / max(1, len(self.baseline_overlap)), 1),
                "half_service_worst_seconds": round(max(self.half.values(), default=0), 1),
            },
        }


def judge(initial, path, *, expect="failover"):
    return Judge(initial, list(st.log_lines(path)), expect=expect).run()
