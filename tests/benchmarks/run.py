"""Times each stage of a migration as a ratio to a yardstick: `python tests/benchmarks/run.py --leases 100000`.

The yardstick (Y2) is a bare `lxml.etree.iterparse` over the larger file of the pair, end events of `Lease` only, `clear()` and
deletion of previous siblings, and nothing else. It runs before and after the stages, and the better run counts, so that a ratio
means the same on a fast and on a busy machine. Each stage runs in a process of its own, for its peak memory.

A stage is a function from the folder of the pair to a short text; `STAGES` names them. Times are of one core.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

IMPORTED_BEFORE = ("lxml.etree", "parsers.export_xml")
"""Loading modules is no part of a stage."""
ROOT = Path(__file__).resolve().parents[2]
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Timing:
    seconds: float
    """Processor time, which a busy machine disturbs less than the clock."""
    peak_mib: float
    note: str


def yardstick(folder: Path) -> str:
    from lxml import etree

    leases = 0
    for _, element in etree.iterparse(larger_export(folder), events=("end",), tag="Lease"):
        leases += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return f"{leases:,} leases in {larger_export(folder).name}"


def parse_both(folder: Path) -> str:
    from parsers.export_xml import parse_export_xml
    from parsers.result import ReadOptions

    results = [parse_export_xml(path, ReadOptions(), name=path.stem) for path in exports(folder)]
    return ", ".join(f"{len(result.leases):,} leases in {len(result.server.scopes):,} scopes" for result in results)


STAGES: dict[str, Callable[[Path], str]] = {
    "parse both": parse_both,
}


def exports(folder: Path) -> list[Path]:
    return [folder / "primary.xml", folder / "secondary.xml"]


def larger_export(folder: Path) -> Path:
    return max(exports(folder), key=lambda path: path.stat().st_size)


def timed(stage: Callable[[Path], str], folder: Path) -> Timing:
    """In a fresh process, so that one stage's memory is not another's."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_measure, (stage, folder))


def _measure(stage: Callable[[Path], str], folder: Path) -> Timing:
    for module in IMPORTED_BEFORE:
        importlib.import_module(module)
    start = time.process_time()
    note = stage(folder)
    seconds = time.process_time() - start
    return Timing(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MIB, note)


def generate(folder: Path, leases: int, scopes: int, split: int) -> None:
    command = [sys.executable, str(ROOT / "samples" / "generate.py"), "--out", str(folder)]
    subprocess.run([*command, "--leases", str(leases), "--scopes", str(scopes), "--split", str(split)], check=True)


def report(folder: Path) -> None:
    first = timed(yardstick, folder)
    timings = {name: timed(stage, folder) for name, stage in STAGES.items()}
    second = timed(yardstick, folder)
    unit = min(first.seconds, second.seconds)
    size = sum(path.stat().st_size for path in exports(folder)) / MIB
    print(f"pair of {size:,.0f} MiB; Y2 = {unit:.2f} s ({first.seconds:.2f} and {second.seconds:.2f}; {first.note})")
    print(f"{'stage':<24}{'seconds':>10}{'x Y2':>8}{'peak MiB':>10}")
    for name, timing in timings.items():
        print(f"{name:<24}{timing.seconds:>10.2f}{timing.seconds / unit:>8.2f}{timing.peak_mib:>10.0f}   {timing.note}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leases", type=int, default=100_000, help="over both servers")
    parser.add_argument("--scopes", type=int, help="default: one for 250 leases")
    parser.add_argument("--split", type=int, default=80, metavar="PERCENT", help="share of each pool on the primary")
    parser.add_argument("--pair", type=Path, help="folder with primary.xml and secondary.xml, instead of a generated pair")
    asked = parser.parse_args()
    if asked.pair:
        report(asked.pair)
        return
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), asked.leases, asked.scopes or max(1, asked.leases // 250), asked.split)
        report(Path(folder))


if __name__ == "__main__":
    main()
