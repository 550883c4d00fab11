"""Times each stage of a migration as a ratio to a yardstick: `python tests/benchmarks/run.py --leases 100000`.

The yardstick (Y2) is a bare `lxml.etree.iterparse` over the larger file of the pair, end events of `Lease` only, `clear()` and
deletion of previous siblings, and nothing else. It runs before and after the stages, and the better run counts, so that a ratio
means the same on a fast and on a busy machine. Each stage runs in a process of its own, for its peak memory; what it needs first
is not timed. Times are processor time of one core.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMPORTED_BEFORE = ("lxml.etree", "parsers.export_xml", "migrate.pipeline")
"""Loading modules is no part of a stage."""
MIB = 1 << 20

Stage = Callable[[Path], Iterator[str]]
"""Given the folder of the pair: what comes before the first `yield` is preparation, what comes after is timed; the second yields
a note for the table."""


@dataclass(frozen=True, slots=True)
class Timing:
    seconds: float
    peak_mib: float
    note: str


def yardstick(folder: Path) -> Iterator[str]:
    from lxml import etree

    yield ""
    leases = 0
    for _, element in etree.iterparse(larger_export(folder), events=("end",), tag="Lease"):
        leases += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    yield f"{leases:,} leases in {larger_export(folder).name}"


def parse_both(folder: Path) -> Iterator[str]:
    from parsers.export_xml import parse_export_xml
    from parsers.result import ReadOptions

    yield ""
    results = [parse_export_xml(path, ReadOptions(), name=path.stem) for path in exports(folder)]
    yield ", ".join(f"{len(result.leases):,} leases in {len(result.server.scopes):,} scopes" for result in results)


def merge_and_ledger(folder: Path) -> Iterator[str]:
    from migrate.merge.settings import Settings
    from migrate.merge.target import merge
    from migrate.model.server import Role
    from migrate.pipeline import SourceRequest, as_of, load
    from parsers.result import ReadOptions

    sources = load({role: SourceRequest(path=path) for role, path in zip(Role, exports(folder), strict=True)}, ReadOptions())
    settings = Settings(as_of_s=as_of(sources, None), primary_server="primary", secondary_server="secondary")
    yield ""
    result = merge(sources[Role.PRIMARY], sources[Role.SECONDARY], settings)
    yield f"{len(result.leases.table):,} leases carried, {len(result.decisions):,} decisions"


def whole_migrate(folder: Path) -> Iterator[str]:
    """A process of its own, start-up included, with every file written."""
    yield ""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        command = [sys.executable, "-m", "migrate", "migrate", *map(str, exports(folder)), "--out", f"{out}/out", "--quiet"]
        subprocess.run([*command, "--prefer", "primary", "--no-dry-run"], check=True, capture_output=True, cwd=ROOT)
        written = sum(path.stat().st_size for path in Path(out).rglob("*"))
    yield f"{written / MIB:,.0f} MiB written"


STAGES: dict[str, Stage] = {
    "parse both": parse_both,
    "merge and ledger": merge_and_ledger,
    "whole migrate": whole_migrate,
}


def exports(folder: Path) -> list[Path]:
    return [folder / "primary.xml", folder / "secondary.xml"]


def larger_export(folder: Path) -> Path:
    return max(exports(folder), key=lambda path: path.stat().st_size)


def timed(stage: Stage, folder: Path) -> Timing:
    """In a fresh process, so that one stage's memory is not another's."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_measure, (stage, folder))


def _measure(stage: Stage, folder: Path) -> Timing:
    for module in IMPORTED_BEFORE:
        importlib.import_module(module)
    gc.disable()  # as the command does
    steps = stage(folder)
    next(steps)
    start = _processor_seconds()
    note = next(steps)
    seconds = _processor_seconds() - start
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Timing(seconds, peak * 1024 / MIB, note)


def _processor_seconds() -> float:
    """Of this process and of the children it has waited for."""
    return sum(os.times()[:4])


def generate(folder: Path, leases: int, scopes: int, split: int) -> None:
    command = [sys.executable, str(ROOT / "samples" / "generate.py"), "--out", str(folder), "--conflicts", "none"]
    subprocess.run([*command, "--leases", str(leases), "--scopes", str(scopes), "--split", str(split)], check=True)


def report(folder: Path, stages: dict[str, Stage]) -> dict[str, Timing]:
    first = timed(yardstick, folder)
    timings = {name: timed(stage, folder) for name, stage in stages.items()}
    second = timed(yardstick, folder)
    unit = min(first.seconds, second.seconds)
    size = sum(path.stat().st_size for path in exports(folder)) / MIB
    print(f"pair of {size:,.0f} MiB; Y2 = {unit:.2f} s ({first.seconds:.2f} and {second.seconds:.2f}; {first.note})")
    print(f"{'stage':<24}{'seconds':>10}{'x Y2':>8}{'peak MiB':>10}")
    for name, timing in timings.items():
        print(f"{name:<24}{timing.seconds:>10.2f}{timing.seconds / unit:>8.2f}{timing.peak_mib:>10.0f}   {timing.note}")
    return timings


def compare_shapes(split: int) -> None:
    """60,000 leases in one scope against the same in 600: their number must not matter."""
    seconds = []
    for scopes in (1, 600):
        with tempfile.TemporaryDirectory() as folder:
            generate(Path(folder), 60_000, scopes, split)
            seconds.append(timed(parse_both, Path(folder)).seconds)
    print(f"60,000 leases in one scope / in 600 scopes: {seconds[0] / seconds[1]:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leases", type=int, default=100_000, help="over both servers")
    parser.add_argument("--scopes", type=int, help="default: one for 833 leases, 1,200 for a million")
    parser.add_argument("--split", type=int, default=80, metavar="PERCENT", help="share of each pool on the primary")
    parser.add_argument("--pair", type=Path, help="folder with primary.xml and secondary.xml, instead of a generated pair")
    parser.add_argument("--stage", choices=STAGES, action="append", help="only this one; repeatable")
    parser.add_argument("--growth", action="store_true", help="also a tenth of the leases, and the shape of 60,000")
    asked = parser.parse_args()
    stages = {name: STAGES[name] for name in asked.stage or STAGES}
    if asked.pair:
        report(asked.pair, stages)
        return
    timings = []
    for leases in (asked.leases, asked.leases // 10)[: 2 if asked.growth else 1]:
        with tempfile.TemporaryDirectory() as folder:
            generate(Path(folder), leases, asked.scopes or max(1, leases * 12 // 10_000), asked.split)
            timings.append(report(Path(folder), stages))
    if asked.growth:
        growth = {name: timings[0][name].seconds / timings[1][name].seconds for name in stages}
        print(f"{asked.leases:,} / {asked.leases // 10:,}: " + ", ".join(f"{name} {ratio:.1f}" for name, ratio in growth.items()))
        compare_shapes(asked.split)


if __name__ == "__main__":
    main()
