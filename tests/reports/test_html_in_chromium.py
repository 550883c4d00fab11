"""The page in a real browser: it loads in silence, its script filters and draws, and hostile text does nothing.

A view is asked for by the fragment of the address, and the document that comes of it is read back.
"""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import lxml.html
import pytest
from lxml.html import HtmlElement
from report_samples import report
from test_html_page import HOSTILE, many_findings, written

from migrate.model.addresses import AddressRange
from migrate.model.option import OptionValue
from migrate.model.server import Role
from reports.html import MANY

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
)

Browse = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def browse(tmp_path: Path) -> Browse:
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is missing: apt-get install chromium")
        pytest.skip("chromium is missing: apt-get install chromium")

    def run(page: str, *flags: str, fragment: str = "") -> subprocess.CompletedProcess[str]:
        (tmp_path / "report.html").write_text(page, "utf-8")
        command = [
            CHROMIUM,
            *FLAGS,
            f"--user-data-dir={tmp_path / 'profile'}",
            *flags,
            (tmp_path / "report.html").as_uri() + fragment,
        ]
        shown = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=True)
        assert [line for line in shown.stderr.splitlines() if "CONSOLE" in line] == []
        return shown

    return run


def document(browse: Browse, page: str, fragment: str = "", *flags: str) -> HtmlElement:
    return lxml.html.document_fromstring(browse(page, "--dump-dom", *flags, fragment=fragment).stdout)


def visible_rows(document: HtmlElement, section: str) -> list[list[str]]:
    rows: Sequence[HtmlElement] = document.get_element_by_id(section).xpath(".//tbody/tr[not(@hidden)]")
    return [[cell.text_content().strip() for cell in row.iterfind("td")] for row in rows]


def shown(document: HtmlElement, section: str) -> str:
    return document.get_element_by_id(section).findtext(".//output") or ""


@pytest.fixture(scope="module")
def page() -> str:
    return written(report())


pytestmark = pytest.mark.chromium


@pytest.mark.parametrize(
    ("fragment", "rules"),
    [
        pytest.param("#severity=error", ["lease-conflict"], id="a severity"),
        pytest.param("#severity=info&rule=scope-on-both", ["scope-on-both"] * 3, id="severity and rule"),
        pytest.param("#text=SECONDARY.xml%3A88&severity=block", ["overlapping-pools"], id="text, whatever its case"),
        pytest.param("#text=nowhere", [], id="nothing fits"),
    ],
)
def test_the_fragment_filters_the_findings(browse: Browse, page: str, fragment: str, rules: list[str]) -> None:
    seen = document(browse, page, fragment)
    assert [row[1] for row in visible_rows(seen, "findings")] == rules
    assert shown(seen, "findings") == f"{len(rules)} of 7 shown"


def test_options_that_are_equal_are_asked_for(browse: Browse) -> None:
    sample = report()
    secondary = sample.result.sources[Role.SECONDARY]
    option = OptionValue(option_id=6, values=("10.9.9.9",))
    sources = {
        **sample.result.sources,
        Role.SECONDARY: replace(secondary, server=replace(secondary.server, option_values=(option,))),
    }
    page = written(replace(sample, result=replace(sample.result, sources=sources)))
    assert [row[-1] for row in visible_rows(document(browse, page), "options")] == ["differs"]
    assert {row[-1] for row in visible_rows(document(browse, page, "#options.compared=equal"), "options")} == {"equal"}


def test_a_scope_draws_its_map_when_it_is_opened(browse: Browse, page: str) -> None:
    assert not document(browse, page).xpath("//figure"), "nothing is drawn that nobody looks at"
    seen = document(browse, page, "#scope-10.1.0.0")
    captions = [figure.text_content() for figure in seen.iterfind(".//figcaption")]
    assert captions == [
        "primary dhcp01 56 outside the range; 93 free; 5 leased; 1 conflict, leased; 1 reserved; 100 excluded",
        "secondary dhcp02 56 outside the range; 103 excluded; 5 leased, excluded; 1 conflict, leased, excluded; "
        "1 reserved, excluded; 90 free",
        "target 56 outside the range; 193 free; 6 leased; 1 reserved",
    ]
    first = seen.find(".//figure/svg")
    assert first.get("aria-label") == captions[0].replace("dhcp01 ", "dhcp01: ", 1)
    titles = [title.text for title in first.iterfind(".//title")]
    assert len(titles) == 256
    assert titles[12] == "10.1.0.12: conflict, leased"
    assert titles[50] == "10.1.0.50: reserved"
    kinds = [rect.get("class") for rect in first.iterfind("rect")]
    assert [kinds[i] for i in (0, 1, 10, 12, 50, 101)] == ["outside", "free", "leased", "conflict", "reserved", "excluded"]


@pytest.mark.parametrize(
    ("prefix", "last", "drawn", "a_title"),
    [
        pytest.param(
            "255.255.252.0", "10.2.3.254", 4 + 4, "10.2.0.1 - 10.2.0.49: free", id="a /22 by its runs, a line for each /24"
        ),
        pytest.param("255.255.0.0", "10.2.255.254", 254 + 3 + 2, "10.2.7.0 - 10.2.7.255: 256 free", id="a /16 by its /24"),
        pytest.param("255.255.255.240", "10.2.0.14", 16, "10.2.0.14: free", id="a /28 by its addresses"),
    ],
)
def test_maps_of_every_size(browse: Browse, prefix: str, last: str, drawn: int, a_title: str) -> None:
    sample = report()
    _, lone, _ = sample.result.scopes
    assert lone.primary is not None
    first, reserved = IPv4Address("10.2.0.1"), lone.primary.reservations
    if prefix.endswith("240"):
        reserved = ()
    sized = replace(
        lone.primary, subnet_mask=IPv4Address(prefix), range=AddressRange(first, IPv4Address(last)), reservations=reserved
    )
    scope = replace(lone, primary=sized, target=sized)
    seen = document(browse, written(replace(sample, result=replace(sample.result, scopes=(scope,)))), "#scope-10.2.0.0")
    svg = seen.find(".//figure/svg")
    assert len(svg.findall(".//rect")) == drawn
    assert a_title in [title.text for title in svg.iterfind(".//title")]
    kinds = [rect.get("class") for rect in svg.findall(".//rect")]
    if drawn > 256:
        assert kinds[:4] == ["outside", "free", "reserved", "free"], "in a block what is free comes first, whatever its address"


def test_what_waits_is_made_when_it_is_asked_for(browse: Browse) -> None:
    page = written(replace(report(), findings=many_findings(MANY + 1)))
    assert len(document(browse, page).get_element_by_id("findings").findall(".//noscript")) == 1
    seen = document(browse, page, "#text=object+7")
    assert shown(seen, "findings") == "11 of 301 shown"
    assert seen.get_element_by_id("findings").find(".//noscript") is None
    assert not seen.get_element_by_id("findings").xpath(".//b")


def test_hostile_names_do_nothing(browse: Browse) -> None:
    name = " ".join(HOSTILE.values())
    sample = report(name=name)
    servers = {role: replace(s, server=replace(s.server, name=name)) for role, s in sample.result.sources.items()}
    seen = document(browse, written(replace(sample, result=replace(sample.result, sources=servers))), "#scope-10.1.0.0")
    assert len(seen.xpath("//script")) == 2
    assert not seen.xpath("//img | //@onload | //@onerror")
    assert seen.findtext(".//figcaption/b") == f"primary {name}"
    assert name in seen.get_element_by_id("reservations").text_content()


def test_without_its_script_the_tables_still_read(browse: Browse, page: str) -> None:
    seen = document(browse, re.sub(r"<script>.*</script>", "", page, flags=re.DOTALL))
    assert len(visible_rows(seen, "findings")) == 7
    assert not seen.xpath("//form | //button")


def test_it_prints_on_landscape_pages_with_everything_open(browse: Browse, page: str, tmp_path: Path) -> None:
    sheet = tmp_path / "report.pdf"
    browse(page, "--no-pdf-header-footer", f"--print-to-pdf={sheet}")
    assert sheet.read_bytes().startswith(b"%PDF")
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is missing: apt-get install poppler-utils")
    text = subprocess.run(["pdftotext", "-layout", str(sheet), "-"], capture_output=True, text=True, check=True).stdout
    assert "193 free; 6 leased; 1 reserved" in text, "maps are drawn for paper"
    assert "of 7 shown" not in text, "there is nothing to press on paper"
    size = subprocess.run(["pdfinfo", str(sheet)], capture_output=True, text=True, check=True).stdout
    width, height = map(float, re.findall(r"Page size:\s+([\d.]+) x ([\d.]+)", size)[0])
    assert width > height


@pytest.mark.parametrize(
    ("scheme", "ground"), [pytest.param("0", b"\x14\x17\x1b", id="dark"), pytest.param("1", b"\xff\xff\xff", id="light")]
)
def test_it_is_as_dark_as_the_reader_wants(browse: Browse, page: str, scheme: str, ground: bytes, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    browse(page, f"--blink-settings=preferredColorScheme={scheme}", "--window-size=400,800", f"--screenshot={picture}")
    assert first_pixel(picture.read_bytes()) == ground


def first_pixel(png: bytes) -> bytes:
    """Red, green and blue of the corner; whatever filter its line has, there is nothing before it to refer to."""
    place, data = 8, b""
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        data += png[place + 8 : place + 8 + length] if png[place + 4 : place + 8] == b"IDAT" else b""
        place += length + 12
    return zlib.decompress(data)[1:4]
