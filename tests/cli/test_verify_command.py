"""`unsplit verify` and `unsplit diff` as they are typed: the output of a migration as fresh exports of both partners."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from migrate.cli import run

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
STORIES = {
    "split-80-20": ("dhcp01.xml", "dhcp02.xml"),
    "range-split-50-50": ("bgo-dhcp1.xml", "bgo-dhcp2.xml"),
    "cluster": ("dhcp-cluster.xml", "--partner", "dhcp-new"),
    "netsh-pair": (
        "hq-dhcp1.txt", "hq-dhcp2.txt", "--primary-leases", "hq-dhcp1-clients.txt", "--secondary-leases", "hq-dhcp2-clients.txt",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {}
    for story, arguments in STORIES.items():
        source = SAMPLES / story / "source"
        typed = [str(source / word) if word.endswith((".xml", ".txt")) else word for word in arguments]
        made[story] = tmp_path_factory.mktemp(story) / "out"
        assert run(["migrate", *typed, "--prefer", "primary", "--quiet", "--out", str(made[story])]) == 0
    return made


@pytest.fixture
def folder(folders: dict[str, Path]) -> Path:
    return folders["split-80-20"]


def exports(folder: Path, into: Path) -> tuple[Path, Path]:
    """What both partners export when everything went as planned."""
    return tuple(Path(shutil.copy(folder / "windows" / "primary.xml", into / f"{name}.xml")) for name in ("one", "two"))  # type: ignore[return-value]


def answer(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    status = run([*map(str, arguments), "--format", "json"])
    captured = capsys.readouterr()
    return status, json.loads(captured.out) if captured.out else {"stderr": captured.err}


@pytest.mark.parametrize("story", STORIES)
def test_what_was_planned_verifies(story: str, folders: dict[str, Path], tmp_path: Path, capsys: Any) -> None:
    one, two = exports(folders[story], tmp_path)
    assert run(["verify", str(folders[story]), str(one), str(two)]) == 0
    assert "Clean: everything planned stands on both partners" in capsys.readouterr().out
    status, document = answer(capsys, "verify", folders[story], one, two)
    assert status == document["verdict"]["exit_status"] == 0
    assert document["deviations"] == document["replications"] == document["findings"] == []
    plan = json.loads((folders[story] / "plan.json").read_text())
    assert sum(counts["same"] for counts in document["objects"] if counts["kind"] == "scope") == len(plan["scopes"])
    assert document["leases"]["unchanged"] == sum(1 for _ in (folders[story] / "leases.csv").open(encoding="utf-8")) - 1
    assert document["partners"][1]["server"] == plan["relationships"][0]["secondary_server"]


def test_the_secondary_is_diffed_clean_against_the_primary(folder: Path, tmp_path: Path, capsys: Any) -> None:
    status, document = answer(capsys, "diff", *exports(folder, tmp_path))
    assert (status, document["verdict"]["same"], document["differences"]) == (0, True, [])


Element = Any


def removed(path: str) -> Callable[[Element], None]:
    def edit(root: Element) -> None:
        (found, *_) = root.xpath(path)
        found.getparent().remove(found)

    return edit


def changed(path: str, text: str) -> Callable[[Element], None]:
    def edit(root: Element) -> None:
        (found, *_) = root.xpath(path)
        assert found.text != text
        found.text = text

    return edit


SCOPE = "IPv4/Scopes/Scope[ScopeId='10.20.1.0']"
EDITS: dict[str, tuple[Callable[[Element], None], tuple[str, str | None, str, str]]] = {
    "setting": (changed("IPv4/ConflictDetectionAttempts", "5"), ("server-setting", None, "ConflictDetectionAttempts", "value")),
    "class-gone": (removed("IPv4/Classes/Class[Name='iPXE clients']"), ("class", None, "user class iPXE clients", "")),
    "class-data": (
        changed("IPv4/Classes/Class[Name='iPXE clients']/Data", "0x01"), ("class", None, "user class iPXE clients", "data"),
    ),
    "definition-gone": (
        removed("IPv4/OptionDefinitions/OptionDefinition[OptionId='242']"), ("option-definition", None, "option 242", ""),
    ),
    "server-option": (
        changed("IPv4/OptionValues/OptionValue[OptionId='6']/Value", "1.2.3.4"), ("option-value", None, "option 6", "values"),
    ),
    "filter-gone": (removed("IPv4/Filters/Filter"), ("filter", None, "*", "")),
    "filter-switch": (changed("IPv4/Filters/Allow", "true"), ("filter", None, "Allow list", "enabled")),
    "superscope": (removed(f"{SCOPE}/SuperScopeName"), ("superscope", "10.20.1.0", "membership", "")),
    "scope-state": (changed(f"{SCOPE}/State", "InActive"), ("scope", "10.20.1.0", "10.20.1.0", "state")),
    "scope-range": (changed(f"{SCOPE}/EndRange", "10.20.1.251"), ("scope", "10.20.1.0", "10.20.1.0", "range")),
    "exclusion-gone": (
        removed(f"{SCOPE}/ExclusionRanges/IPRange"), ("exclusion-range", "10.20.1.0", "10.20.1.30 - 10.20.1.39", ""),
    ),
    "exclusion-shorter": (
        changed(f"{SCOPE}/ExclusionRanges/IPRange/EndRange", "10.20.1.38"),
        ("exclusion-range", "10.20.1.0", "10.20.1.30 - 10.20.1.39", "range"),
    ),
    "reservation-gone": (
        removed(f"{SCOPE}/Reservations/Reservation[IPAddress='10.20.1.51']"), ("reservation", "10.20.1.0", "10.20.1.51", ""),
    ),
    "reservation-client": (
        changed(f"{SCOPE}/Reservations/Reservation[IPAddress='10.20.1.51']/ClientId", "00-80-91-4b-0a-93"),
        ("reservation", "10.20.1.0", "10.20.1.51", "client"),
    ),
    "scope-option-gone": (
        removed(f"{SCOPE}/OptionValues/OptionValue[OptionId='3']"), ("option-value", "10.20.1.0", "option 3", ""),
    ),
    "policy-disabled": (
        changed("IPv4/Scopes/Scope/Policies/Policy[Name='Tischtelefone']/Enabled", "false"),
        ("policy", "10.20.8.0", "Tischtelefone", "enabled"),
    ),
}  # fmt: skip


def edited(path: Path, edit: Callable[[Element], None]) -> Path:
    tree = etree.parse(str(path))
    edit(tree.getroot())
    tree.write(str(path), encoding="utf-8", xml_declaration=True)
    return path


@pytest.mark.parametrize("name", EDITS)
def test_one_change_on_one_partner_is_reported_and_nothing_else(name: str, folder: Path, tmp_path: Path, capsys: Any) -> None:
    one, two = exports(folder, tmp_path)
    edit, (kind, scope_id, key, setting) = EDITS[name]
    edited(two, edit)
    status, document = answer(capsys, "verify", folder, one, two)
    assert status == 1
    (deviation,) = document["deviations"]
    assert (deviation["kind"], deviation["scope_id"], deviation["setting"] or "") == (kind, scope_id, setting)
    assert key in ("*", deviation["object"])
    assert deviation["primary"] == deviation["planned"] != deviation["secondary"]
    replicated = scope_id is not None and kind != "superscope"
    expected = [(scope_id, "primary")] if replicated else []
    assert [(each["scope_id"], each["from"]) for each in document["replications"]] == expected
    status, document = answer(capsys, "diff", one, two)
    assert (status, [each["kind"] for each in document["differences"]]) == (1, [kind])


def test_a_lost_scope_takes_its_leases_with_it(folder: Path, tmp_path: Path, capsys: Any) -> None:
    one, two = (edited(path, removed(SCOPE)) for path in exports(folder, tmp_path))
    status, document = answer(capsys, "verify", folder, one, two)
    assert status == 1
    assert {each["scope_id"] for each in document["deviations"]} == {"10.20.1.0"}
    assert document["leases"]["lost"] == len(document["leases"]["wrong"]) > 0


LEASE = "IPv4/Scopes/Scope/Leases/Lease[AddressState='Active']"
LEASE_EDITS: dict[str, tuple[Callable[[Element], None], str]] = {
    "gone": (removed(LEASE), "lost"),
    "another-client": (changed(f"{LEASE}/ClientId", "00-00-00-00-00-01"), "lost"),
    "released": (changed(f"{LEASE}/AddressState", "Expired"), "released"),
    "renewed": (changed(f"{LEASE}/LeaseExpiryTime", "2026-12-31 12:00:00Z"), "moved_on"),
}


@pytest.mark.parametrize("name", LEASE_EDITS)
def test_one_lease_that_is_not_as_planned(name: str, folder: Path, tmp_path: Path, capsys: Any) -> None:
    edit, outcome = LEASE_EDITS[name]
    one, two = exports(folder, tmp_path)
    as_of = json.loads((folder / "plan.json").read_text())["as_of"]
    status, document = answer(capsys, "verify", folder, edited(one, edit), edited(two, edit), "--as-of", as_of)
    counts = {key: value for key, value in document["leases"].items() if isinstance(value, int) and value}
    assert counts.pop(outcome) == 1
    assert counts.pop("new", 0) == (name == "another-client")
    assert set(counts) == {"unchanged"}
    assert status == (1 if outcome == "lost" else 0)
    assert len(document["leases"]["wrong"]) == status


def test_a_lease_that_one_partner_does_not_know(folder: Path, tmp_path: Path, capsys: Any) -> None:
    one, two = exports(folder, tmp_path)
    edited(two, removed(LEASE))
    status, document = answer(capsys, "verify", folder, one, two)
    assert (status, document["leases"]["one_sided"], document["leases"]["lost"]) == (1, 1, 0)
    assert document["leases"]["wrong"][0]["found"]["secondary"] is None


def test_days_later_nothing_of_the_plan_is_lost(folder: Path, tmp_path: Path, capsys: Any) -> None:
    one, two = (edited(path, removed("IPv4/Scopes/Scope/Leases")) for path in exports(folder, tmp_path))
    for time, status in (("2026-11-20T18:00:00Z", 1), ("2027-11-20T18:00:00Z", 0)):
        found, document = answer(capsys, "verify", folder, one, two, "--as-of", time)
        assert bool(document["leases"]["lost"]) == bool(status) == bool(found)


def test_exports_without_leases(folder: Path, tmp_path: Path, capsys: Any) -> None:
    one, two = exports(folder, tmp_path)
    for path in (one, two):
        edited(path, lambda root: [each.getparent().remove(each) for each in root.xpath("IPv4/Scopes/Scope/Leases")])
    status, document = answer(capsys, "verify", folder, one, two)
    assert (status, document["verdict"]["clean"], document["verdict"]["proven"]) == (1, True, False)
    assert document["without_leases"] == ["primary", "secondary"]
    assert answer(capsys, "verify", folder, one, two, "--configuration-only")[0] == 0


def test_the_console_folds_a_missing_scope_and_names_the_next_step(folder: Path, tmp_path: Path, capsys: Any) -> None:
    one, two = exports(folder, tmp_path)
    edited(two, removed(SCOPE))
    capsys.readouterr()
    assert run(["verify", str(folder), str(one), str(two)]) == 1
    shown = capsys.readouterr().out
    (line,) = [line for line in shown.splitlines() if line.startswith("10.20.1.0") and "scope" in line]
    assert "and 7 objects in it" in line
    assert "Add-DhcpServerv4FailoverScope" in shown


def test_quiet_is_one_sentence(folder: Path, tmp_path: Path, capsys: Any) -> None:
    one, two = exports(folder, tmp_path)
    edited(two, changed(f"{SCOPE}/Name", "Werkstatt"))
    capsys.readouterr()
    assert run(["verify", str(folder), str(one), str(two), "--quiet"]) == 1
    assert capsys.readouterr().out == "Mismatch: 1 setting not as planned.\n"


def test_the_same_exports_give_the_same_bytes(folder: Path, tmp_path: Path, capsys: Any) -> None:
    one, two = exports(folder, tmp_path)
    edited(two, changed(f"{SCOPE}/Name", "\u202eWerkstatt"))
    shown = []
    for _ in range(2):
        run(["verify", str(folder), str(one), str(two), "--verbose"])
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert "\u202e" not in shown[0]


def damaged_plan(folder: Path) -> None:
    plan = folder / "plan.json"
    plan.write_text(plan.read_text().replace('"load_balance_percent": 50', '"load_balance_percent": 51'))


def no_plan(folder: Path) -> None:
    (folder / "plan.json").unlink()


def no_leases(folder: Path) -> None:
    (folder / "leases.csv").unlink()


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


@pytest.mark.parametrize(
    ("damage", "reference"),
    [(damaged_plan, "output-changed"), (no_plan, "no-plan"), (no_leases, "output-incomplete"), (no_manifest, "not-an-output")],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_folder_that_is_not_as_it_was_written(
    damage: Callable[[Path], None], reference: str, folder: Path, tmp_path: Path, capsys: Any
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "out"))
    damage(copy)
    status, document = answer(capsys, "verify", copy, *exports(folder, tmp_path))
    assert status == 2
    assert f"error: {reference}" in document["stderr"]


def test_an_export_that_cannot_be_read(folder: Path, tmp_path: Path, capsys: Any) -> None:
    one, two = exports(folder, tmp_path)
    two.write_bytes(two.read_bytes()[:-500])
    assert run(["verify", str(folder), str(one), str(two)]) == 2
    assert run(["diff", str(one), str(two)]) == 2
    assert run(["diff", str(one)]) == 2
