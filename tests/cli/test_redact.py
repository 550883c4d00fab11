"""--redact: no name, text or client id of the inputs in any octet that is written or printed."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from commands import Run, Unsplit
from lxml import etree

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
SPLIT = SAMPLES / "split-80-20" / "source"
NETSH = SAMPLES / "netsh-pair" / "source"
NETSH_PAIR = (
    *(NETSH / "hq-dhcp1.txt", NETSH / "hq-dhcp2.txt"),
    *("--primary-leases", NETSH / "hq-dhcp1-clients.txt", "--secondary-leases", NETSH / "hq-dhcp2-clients.txt"),
    *("--secondary-name", "hq-dhcp2"),
)
MAC = re.compile(r"\b[0-9a-fA-F]{2}(?:-[0-9a-fA-F]{2}){5,}\b")
CANARY = "mallory"
TEXTS = ("Name", "Description", "HostName", "SuperScopeName", "PolicyName", "DnsSuffix", "Fqdn", "VendorClass", "UserClass")
OPERATORS = ("EQ", "NE", "ISL", "INSL")


def written(folder: Path) -> Iterable[tuple[str, str]]:
    """Each file as text, and each part of a workbook."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        octets = path.read_bytes()
        if octets.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(octets)) as workbook:
                for name in workbook.namelist():
                    yield f"{path.name}/{name}", html.unescape(workbook.read(name).decode())
        else:
            yield path.name, octets.decode()
            yield f"{path.name}, unescaped", html.unescape(json_unescaped(octets.decode()))


def json_unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)


def leaks(secrets: Iterable[str], places: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    wanted = {secret.casefold() for secret in secrets}
    return [(name, secret) for name, text in places for secret in sorted(wanted) if secret in text.casefold()]


def spellings(mac: str) -> list[str]:
    digits = mac.replace("-", "")
    pairs = re.findall("..", digits)
    return [mac, digits, ":".join(pairs), ", ".join(f"0x{pair}" for pair in pairs), " ".join(f"0x{pair}" for pair in pairs)]


def hostile(source: Path, target: Path) -> set[str]:
    """The export with the canary in every text, and with things in it that parsers complain about. Gives its MAC addresses."""
    document = etree.parse(source)
    for element in document.iter(etree.Element):
        text = (element.text or "").strip()
        is_text = element.tag in TEXTS or (element.tag == "Value" and re.search("[g-zG-Z]", text.removeprefix("0x")))
        if is_text and text and text not in OPERATORS:
            element.text = f"{CANARY.title()} {text}"
    root = document.getroot()
    root.append(etree.Comment(f" {CANARY} "))
    ipv4 = root.find("IPv4")
    assert ipv4 is not None
    etree.SubElement(ipv4, "Mallory", note=CANARY).text = f"{CANARY} unknown"
    scope = ipv4.find("Scopes/Scope")
    assert scope is not None
    etree.SubElement(scope, "Colour").text = f"{CANARY} colour"
    delay = scope.find("Delay")
    assert delay is not None
    delay.text = f"{CANARY} delay"
    reservations = scope.find("Reservations")
    assert reservations is not None
    for address, client in (
        ("mallory.example", "00-11-22-33-44-55"),
        ("10.20.0.99", "mallory's card"),
        ("10.99.0.1", "0a-0b-0c-0d-0e-0f"),
    ):
        reservation = etree.SubElement(reservations, "Reservation")
        for tag, text in (("Name", f"{CANARY} device"), ("IPAddress", address), ("ClientId", client), ("Type", "Both")):
            etree.SubElement(reservation, tag).text = text
    leases = scope.find("Leases")
    assert leases is not None
    for address, client, expiry in (
        ("mallory.lease", "00-11-22-33-44-66", "2026-11-25 12:00:00Z"),
        ("10.20.0.120", "00-11-22-33-44-77", CANARY),
    ):
        lease = etree.SubElement(leases, "Lease")
        for tag, text in (
            *(("IPAddress", address), ("ScopeId", "10.20.0.0"), ("ClientId", client), ("HostName", f"{CANARY}-host")),
            *(
                ("AddressState", "Active"),
                ("ClientType", "Dhcp"),
                ("LeaseExpiryTime", expiry),
                ("NapStatus", CANARY),
                ("DnsRR", CANARY),
            ),
        ):
            etree.SubElement(lease, tag).text = text
    document.write(target, encoding="utf-8", xml_declaration=True)
    return set(MAC.findall(target.read_text("utf-8")))


@pytest.mark.parametrize("command", ["audit", "migrate"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_of_a_hostile_pair_shows(command: str, form: str, unsplit: Unsplit, tmp_path: Path) -> None:
    folder = tmp_path / "mallory"
    folder.mkdir()
    primary, secondary = folder / "mallory-1.xml", folder / "mallory 2.MALLORY"
    macs = hostile(SPLIT / "dhcp01.xml", primary) | hostile(SPLIT / "dhcp02.xml", secondary)
    out = tmp_path / "mallory-out"
    asked: list[str | Path] = [command, primary, secondary, f"--out={out}", "--redact", "--format", form, "--verbose"]
    if command == "migrate":
        asked += ["--relationship=Mallory-2026", "--secondary-name", "MALLORY-DC"]
    else:
        asked += ["--primary-name=Mallory Corp", "--sarif", tmp_path / "f.sarif", "--junit", tmp_path / "f.xml"]
    run = unsplit(*asked)
    assert run.status in (0, 1), run.stderr
    files = [*written(out), *((path.name, path.read_text("utf-8")) for path in tmp_path.iterdir() if path.is_file())]
    assert {"findings.json", "ledger.csv", "audit.xlsx/xl/workbook.xml", "manifest.json"} <= {name for name, _ in files}
    secrets = [CANARY, CANARY.encode().hex(), *(spelling for mac in macs for spelling in spellings(mac))]
    assert len(macs) > 100
    assert leaks(secrets, [*files, ("stdout", run.stdout), ("stderr", run.stderr)]) == []


def test_the_test_would_notice(unsplit: Unsplit, tmp_path: Path) -> None:
    """Without --redact the same search finds the canary nearly everywhere."""
    macs = hostile(SPLIT / "dhcp01.xml", tmp_path / "mallory-1.xml")
    run = unsplit("audit", tmp_path / "mallory-1.xml", "--out", tmp_path / "out", "--verbose")
    found = leaks([CANARY, *macs], [*written(tmp_path / "out"), ("stdout", run.stdout)])
    assert {name.partition("/")[0].partition(",")[0] for name, _ in found} >= {
        "findings.json",
        "ledger.csv",
        "audit.xlsx",
        "stdout",
    }
    assert len({secret for _, secret in found}) > 50


@pytest.mark.parametrize(
    ("arguments", "secrets"),
    [
        pytest.param(
            ["migrate", SPLIT / "dhcp01.xml", SPLIT / "dhcp02.xml"],
            ["dhcp01", "dhcp02", "brauer", "Köln", "Bonn", "Laserschneider", "Messplatz", "mueller", "Handy-von"],
            id="split-80-20",
        ),
        pytest.param(
            ["migrate", *NETSH_PAIR, "--prefer", "primary"],
            ["hq-dhcp", "Farbdrucker", "Erdgeschoß", "Schulung", "Lieferanten", "graz.example", "Benutzerklasse"],
            id="netsh-pair",
        ),
        pytest.param(
            ["migrate", SAMPLES / "cluster" / "source" / "dhcp-cluster.xml", "--partner", "klinik-dc2"],
            ["klinik", "dhcp-cluster", "Bettenhaus", "DECT-Basen", "Tischtelefone", "2001:db8:10"],
            id="cluster",
        ),
    ],
)
def test_the_stories_are_redacted_and_cannot_be_applied(
    arguments: list[str | Path], secrets: list[str], unsplit: Unsplit, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run = unsplit(*arguments, "--out", out, "--redact", dry_run=SPLIT / "dhcp01.xml" in arguments)
    assert run.status == 0
    assert "nothing in it can be applied" in run.stdout
    macs = {mac for path in arguments if isinstance(path, Path) for mac in MAC.findall(path.read_bytes().decode("utf-8", "ignore"))}
    assert leaks([*secrets, *macs], [*written(out), ("stdout", run.stdout), ("stderr", run.stderr)]) == []
    assert (out / "plan.json").exists()
    assert (out / "dry-run.json").exists() == (SPLIT / "dhcp01.xml" in arguments)
    assert not (out / "windows").exists()
    assert json.loads((out / "manifest.json").read_text("utf-8"))["redacted"] is True


def test_both_servers_and_all_files_use_the_same_replacement(unsplit: Unsplit, tmp_path: Path) -> None:
    out = tmp_path / "out"
    unsplit("migrate", SPLIT / "dhcp01.xml", SPLIT / "dhcp02.xml", "--out", out, "--redact")
    plan = json.loads((out / "plan.json").read_text("utf-8"))
    names = [reservation["name"] for scope in plan["scopes"] for reservation in scope["reservations"]]
    ledger = (out / "ledger.csv").read_text("utf-8")
    clients = [reservation["client_id"] for scope in plan["scopes"] for reservation in scope["reservations"]]
    assert all(name.startswith("name-") for name in names)
    assert all(ledger.count(client) >= 1 for client in clients)
    assert plan["relationships"][0]["primary_server"] in (out / "findings.json").read_text("utf-8")


def folder_contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_inputs_give_the_same_folder(unsplit: Unsplit, tmp_path: Path) -> None:
    made = []
    for where in ("here", "there"):
        folder = tmp_path / where
        folder.mkdir()
        for name in ("dhcp01.xml", "dhcp02.xml"):
            (folder / name).write_bytes((SPLIT / name).read_bytes())
        run = unsplit("migrate", folder / "dhcp01.xml", folder / "dhcp02.xml", "--out", folder / "out", "--redact")
        made.append((run.stdout, folder_contents(folder / "out")))
    assert made[0] == made[1]


def answered(unsplit: Unsplit, tmp_path: Path, *options: str) -> Run:
    """A decision answered in the output of a run with these options, and given to a redacted run."""
    unsplit("migrate", *NETSH_PAIR, "--out", tmp_path / "first", *options)
    decisions = tmp_path / "answers.toml"
    text = (tmp_path / "first" / "decisions.toml").read_text("utf-8")
    decisions.write_text(text.replace('choice = ""', 'choice = "primary"', 1), "utf-8")
    return unsplit("migrate", *NETSH_PAIR, "--out", tmp_path / "second", "--redact", "--decisions", decisions)


def test_decisions_of_a_redacted_run_can_be_answered(unsplit: Unsplit, tmp_path: Path) -> None:
    run = answered(unsplit, tmp_path, "--redact")
    assert run.status == 0
    assert leaks(["answers.toml", "Farbdrucker"], [*written(tmp_path / "second"), ("stdout", run.stdout)]) == []


def test_decisions_of_another_run_are_refused_without_quoting_them(unsplit: Unsplit, tmp_path: Path) -> None:
    run = answered(unsplit, tmp_path)
    assert run.status == 2
    assert run.stderr.startswith("error: decisions-not-redacted\n")
    assert leaks(["Farbdrucker", "00-80-77"], [("stderr", run.stderr)]) == []


def test_waivers_are_refused(unsplit: Unsplit, tmp_path: Path) -> None:
    run = unsplit("audit", SPLIT / "dhcp01.xml", "--redact", "--waivers", tmp_path / "waivers.toml")
    assert run.status == 2
    assert "waivers-not-redacted" in run.stderr


def test_a_redacted_plan_can_be_rehearsed_but_not_verified(unsplit: Unsplit, tmp_path: Path) -> None:
    exports = [SPLIT / "dhcp01.xml", SPLIT / "dhcp02.xml"]
    unsplit("migrate", *exports, "--out", tmp_path / "out", "--redact")
    assert unsplit("dry-run", tmp_path / "out", "--clients", "50").status == 0
    run = unsplit("verify", tmp_path / "out", *exports)
    assert run.status == 2
    assert run.stderr.startswith("error: redacted-plan\n")
