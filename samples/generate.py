"""Writes a split-scope pair of any size with known mistakes: `python samples/generate.py --out DIR --scopes 40 --leases 4000`.

Gives `primary.xml` and `secondary.xml` (Export-DhcpServer, with leases), on request the same servers as netsh dumps with
`show clients` listings, and `conflicts.json`: every mistake that was made, for tests to look up. The same options give the same
bytes. Leases are made scope by scope and never held together.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(folder) for folder in (_ROOT, _ROOT / "samples", _ROOT / "tests") if str(folder) not in sys.path]

from generator.estate import Estate, build  # noqa: E402
from generator.ipv6 import ipv6_elements  # noqa: E402
from generator.listing import write_clients_listing  # noqa: E402
from generator.options import DEFAULT_RATES, GenerateOptions  # noqa: E402
from writers.export_xml_writer import write_export_xml  # noqa: E402
from writers.netsh_writer import netsh_dump  # noqa: E402

from migrate.model.server import Role  # noqa: E402

FORMATS = ("xml", "netsh", "both")


def generate(options: GenerateOptions) -> Estate:
    return build(options)


def write(estate: Estate, folder: Path, form: str = "xml") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for role in Role:
        if form in ("xml", "both"):
            _write_export(estate, role, folder / f"{role}.xml")
        if form in ("netsh", "both"):
            _write_dump(estate, role, folder)
    conflicts = [conflict.as_json() for conflict in estate.conflicts]
    text = json.dumps(conflicts, indent=2, ensure_ascii=False) + "\n"
    (folder / "conflicts.json").write_text(text, encoding="utf-8", newline="\n")


def _write_export(estate: Estate, role: Role, path: Path) -> None:
    has_leases = role is not estate.options.without_leases
    write_export_xml(
        estate.servers[role],
        (lambda scope: estate.leases(role, scope)) if has_leases else None,
        path,
        ipv6=ipv6_elements(with_scope=estate.has_ipv6 and role is Role.PRIMARY),
    )


def _write_dump(estate: Estate, role: Role, folder: Path) -> None:
    """A dump holds no policies, so their conflicts do not show in it."""
    (folder / f"{role}.netsh.txt").write_text(netsh_dump(estate.servers[role]), encoding="utf-8", newline="")
    if role is not estate.options.without_leases:
        write_clients_listing(estate, role, folder / f"{role}.clients.txt")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    asked = parser.parse_args(arguments)
    given = {rule: rate for rule in DEFAULT_RATES if (rate := getattr(asked, f"{rule.replace('-', '_')}_rate")) is not None}
    try:
        options = GenerateOptions(
            scopes=asked.scopes,
            leases=asked.leases,
            split_percent=asked.split,
            seed=asked.seed,
            as_of_s=int(asked.as_of.timestamp()),
            rates=(dict.fromkeys(DEFAULT_RATES, 0.0) if asked.conflicts == "none" else dict(DEFAULT_RATES)) | given,
            each_at_least_once=asked.conflicts == "all",
            without_leases=asked.without_leases,
        )
        estate = generate(options)
    except ValueError as error:
        parser.error(str(error))
    write(estate, asked.out, asked.format)
    print(f"{asked.out}: {asked.scopes} scopes, {asked.leases} leases, {len(estate.conflicts)} conflicts")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Write a split-scope DHCP server pair with known mistakes.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--scopes", type=int, default=40)
    parser.add_argument("--leases", type=int, default=4000, help="of clients, over both servers")
    parser.add_argument("--split", type=int, default=80, metavar="PERCENT", help="share of each pool on the primary")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--as-of", type=_instant, default="2026-11-20T18:00:00Z", metavar="TIME")
    parser.add_argument("--format", choices=FORMATS, default="xml")
    parser.add_argument("--conflicts", choices=("none", "default", "all"), default="default", help="all: one of each at least")
    parser.add_argument("--without-leases", type=Role, choices=list(Role), help="this export is made without -Leases")
    rates = parser.add_argument_group("conflict rates", "share of the scopes, 0 to 1; of what a server has once, 0 or 1")
    for rule, rate in DEFAULT_RATES.items():
        rates.add_argument(f"--{rule}-rate", type=float, metavar="SHARE", help=f"default {rate:g}")
    return parser


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a time of the form 2026-11-20T18:00:00Z: {text}") from None
    if instant.tzinfo is None:
        raise argparse.ArgumentTypeError(f"a time without its zone: {text}")
    return instant


if __name__ == "__main__":
    sys.exit(main())
