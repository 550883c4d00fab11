"""The page as a reader's browser gets it: what is in it, that hostile text stays text, and that nothing can be fetched."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest
from lxml.html import HtmlElement
from report_samples import Report, report

from migrate.model.finding import Finding, Severity
from reports.html import MANY, SHORT, Page, write_page
from reports.html_cells import LONGEST_TEXT
from reports.tables import tables

HOSTILE = {
    "element": "<script>alert(1)</script>",
    "end-of-script": "</script><img src=x onerror=alert(1)>",
    "end-of-style": "</style><b>",
    "end-of-noscript": "</noscript><img src=x onerror=alert(1)>",
    "comment": "<!--<script>",
    "attribute": '"onload="alert(1)" x=\'',
    "template": "{{ 7 * 7 }} {% raw %}",
    "entity": "R&D &lt;b&gt;",
}
TURNING = "abc\u202egpj\u202c \u2066x\u2069 \u200f\u061c"


def written(sample: Report, *, leases: int = 100) -> str:
    content = tables(sample.result, sample.findings, sample.verdict, sample.run, workbook_leases=leases)
    stream = io.StringIO()
    write_page(Page.of(sample.result, sample.findings, content), stream)
    return stream.getvalue()


def parsed(text: str) -> HtmlElement:
    return lxml.html.document_fromstring(text)


@pytest.fixture(scope="module")
def sample() -> Report:
    return report()


@pytest.fixture(scope="module")
def text(sample: Report) -> str:
    return written(sample)


@pytest.fixture(scope="module")
def page(text: str) -> HtmlElement:
    return parsed(text)


def cells(page: HtmlElement, section: str) -> list[list[str]]:
    return [
        [(cell.text_content()).strip() for cell in row.iterfind("td")]
        for row in page.get_element_by_id(section).iterfind(".//tbody/tr")
    ]


def test_the_cover_says_the_verdict_the_figures_and_the_next_command(sample: Report, page: HtmlElement) -> None:
    assert page.findtext(".//h1") == "Migration to DHCP failover"
    (verdict,) = page.find_class("verdict")
    assert verdict.text == sample.verdict.sentence
    assert "bad" in verdict.get("class")
    figures = {li.findtext(".//span"): li.findtext(".//b") for li in page.find_class("figures")[0]}
    assert figures == {
        "Blocking": "1", "Errors": "1", "Warnings": "1", "Open decisions": "1", "Scopes": "2", "Reservations": "2", "Leases": "6",
        "Fullest scope": "3 %",
    }  # fmt: skip
    assert "unsplit migrate primary.xml secondary.xml --out plan" in page.xpath("string(//dl//code[@class='copy'])")


def test_every_table_of_the_workbook_is_there_with_every_row(sample: Report, page: HtmlElement) -> None:
    for table in tables(sample.result, sample.findings, sample.verdict, sample.run):
        if table.sheet in ("Summary", "Scopes", "Leases", "Ledger") or not table.has_headings:
            continue
        section = re.sub("[^a-z]+", "-", table.sheet.lower())
        rows = cells(page, section)
        assert len(rows) == len(table.rows), table.sheet
        assert {len(row) for row in rows} <= {len(table.columns)}
        for row, values in zip(rows, table.rows, strict=True):
            for cell, value in zip(row, values, strict=True):
                if isinstance(value, str):
                    assert cell == value.strip(), table.sheet


def test_each_figure_and_each_entry_of_the_navigation_leads_somewhere(page: HtmlElement) -> None:
    ids = [element.get("id") for element in page.iterfind(".//*[@id]")]
    assert len(ids) == len(set(ids))
    targets = [link.get("href").removeprefix("#") for link in page.iterfind(".//a")]
    assert len(targets) > 15
    assert [target for target in targets if target not in ids and not re.match(r"(severity|text)=", target)] == []


def test_what_is_too_long_for_a_page_is_named(page: HtmlElement) -> None:
    assert "Merged leases: 6 rows, in sheet Leases of audit.xlsx." in page.find("body/footer").text_content()
    assert "they are in leases.csv" in parsed(written(report(), leases=5)).find("body/footer").text_content()


def test_scopes_stand_side_by_side_with_what_differs(page: HtmlElement) -> None:
    scopes = page.find_class("scope")
    assert [scope.get("id") for scope in scopes] == ["scope-10.1.0.0", "scope-10.2.0.0", "scope-10.3.0.0"]
    shared, _, left_out = scopes
    assert shared.findtext("summary/b") == "10.1.0.0/24"
    rows = {
        row.findtext("th").strip(): [td.text_content().strip() for td in row.iterfind("td")]
        for row in shared.iterfind(".//tbody/tr")
    }
    assert rows["Addresses served"] == ["100", "90", "200"]
    assert rows["Range"] == ["10.1.0.1 - 10.1.0.200"] * 3
    assert not shared.xpath(".//tr[@class='differs']"), "counts differ in every split scope, which is nothing to point at"
    assert "left out: --skip-scope" in left_out.findtext("summary").strip() + left_out.find("summary").text_content()


def test_a_scope_whose_servers_differ_is_marked(sample: Report) -> None:
    first, *others = sample.result.scopes
    assert first.secondary is not None
    renamed = replace(first, secondary=replace(first.secondary, name="Other"))
    page = parsed(written(replace(sample, result=replace(sample.result, scopes=(renamed, *others)))))
    assert [row.findtext("th").strip() for row in page.xpath("//table[@class='properties']//tr[@class='differs']")] == ["Name"]


def test_decisions_carry_their_ids_to_copy(sample: Report, page: HtmlElement) -> None:
    ids = {code.text_content() for code in page.get_element_by_id("decisions").iterfind(".//code")}
    assert ids == {decision.id for decision in sample.result.decisions}


def test_the_policy_names_the_only_script_and_style_and_forbids_the_rest(text: str, page: HtmlElement) -> None:
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    script, style = (re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL) for name in ("script", "style"))
    assert rules == {
        "default-src": "'none'",
        "script-src": f"'sha256-{digest(*script)}'",
        "style-src": f"'sha256-{digest(*style)}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert text.index("Content-Security-Policy") < text.index("<style"), "it holds only for what follows it"


def digest(element: str) -> str:
    return base64.b64encode(hashlib.sha256(element.encode()).digest()).decode()


def test_the_page_needs_no_other_file(text: str, page: HtmlElement) -> None:
    assert text.startswith("<!DOCTYPE html>\n")
    assert not page.xpath("//link | //img | //iframe | //object | //embed | //form | //*[@src] | //*[@action] | //base")
    assert not page.xpath("//*[@style]"), "the policy forbids it"
    assert {link.get("href")[0] for link in page.iterfind(".//a")} == {"#"}
    addresses = [found for found in re.findall(r"https?://[^\s\"')]*", text) if found != "http://www.w3.org/2000/svg"]
    assert addresses == []
    assert "url(" not in text.replace("url(#hatch)", "")


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_are_text(name: str) -> None:
    harmless, hostile = parsed(written(report(name="plain"))), parsed(written(report(name=name)))
    assert shape(hostile) == shape(harmless)
    assert name in hostile.get_element_by_id("reservations").text_content()
    assert name in hostile.get_element_by_id("scopes").text_content()
    assert not hostile.xpath("//@*[starts-with(name(), 'on')]")


def shape(page: HtmlElement) -> list[tuple[str, tuple[str, ...]]]:
    """Elements and the names of their attributes, in order; classes go by the length of a text."""
    return [(str(element.tag), tuple(sorted(set(element.attrib) - {"class"}))) for element in page.iter()]


def test_text_that_would_turn_the_line_around_is_spelled_out() -> None:
    text = written(report(name=TURNING))
    assert not set(text) & set("\u202e\u202c\u2066\u2069\u200f\u061c")
    assert "abc&lt;U+202E&gt;gpj&lt;U+202C&gt;" in text


def test_the_data_of_the_script_cannot_end_it(sample: Report) -> None:
    servers = {role: replace(s, server=replace(s.server, name="</script><!--&")) for role, s in sample.result.sources.items()}
    text = written(replace(sample, result=replace(sample.result, sources=servers)))
    (block,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text)
    assert not set("<>&") & set(block)
    data = json.loads(block)
    assert data["rows"] == ["primary </script><!--&", "secondary </script><!--&", "target"]
    assert [first >> 16 for first, _, _ in data["maps"]] == [0x0A01, 0x0A02, 0x0A03]


def test_maps_of_the_script_cover_their_scopes(text: str) -> None:
    data = json.loads(parsed(text).get_element_by_id("data").text)
    for _, size, rows in data["maps"]:
        for row in rows:
            lengths = [int(digits or 1) for digits in re.findall(r"[A-Za-j](\d*)", row)]
            assert sum(lengths) in (0, size)
            assert re.fullmatch(r"([A-Za-j]\d*)*", row)


def many_findings(count: int) -> tuple[Finding, ...]:
    return tuple(
        Finding(rule="r", severity=Severity.INFO, object=f"object {i}", message="</noscript><b>" * 2, remedy="")
        for i in range(count)
    )


@pytest.mark.parametrize(
    ("count", "is_folded", "is_waiting"),
    [(SHORT, False, False), (SHORT + 1, True, False), (MANY, True, False), (MANY + 1, True, True)],
)
def test_long_tables_wait_until_somebody_looks(sample: Report, count: int, is_folded: bool, is_waiting: bool) -> None:
    section = parsed(written(replace(sample, findings=many_findings(count)))).get_element_by_id("findings")
    assert bool(section.find_class("long")) is is_folded
    assert bool(section.find_class("waiting")) is is_waiting
    assert len(section.findall(".//tbody/tr")) == count, "a browser without a script reads them all the same"
    assert section.find(".//b") is None


def test_a_wall_of_text_is_folded_and_loses_nothing(sample: Report) -> None:
    message = " ".join(f"10.{i}.0.0," for i in range(200))
    endless = "x" * (LONGEST_TEXT + 1)
    findings = tuple(replace(finding, message=m) for finding, m in zip(many_findings(2), (message, endless), strict=True))
    section = parsed(written(replace(sample, findings=findings))).get_element_by_id("findings")
    folded = section.find_class("more")
    assert [element.text_content() for element in folded] == [message, endless]
    assert all(len(element.find("summary").text) < LONGEST_TEXT for element in folded)


def test_an_estate_without_anything_still_makes_a_page(sample: Report) -> None:
    empty = replace(
        sample.result, scopes=(), decisions=(), exclusion_proofs=(), lease_conflicts=(), target=replace(sample.result.target)
    )
    page = parsed(written(replace(sample, result=empty, findings=())))
    assert "Nothing was found." in page.get_element_by_id("findings").text_content()
    assert "No source holds a scope." in page.get_element_by_id("scopes").text_content()


def test_one_server_has_no_column_of_a_second() -> None:
    page = parsed(written(report(is_pair=False)))
    headings = [th.text_content() for th in page.xpath("//section[@id='scopes' or @id='capacity' or @id='options']//th")]
    assert "Target" in headings
    assert not [heading for heading in headings if "econdary" in heading]
    assert {len(scope.find_class("shares")[0]) for scope in page.find_class("scope")} == {2}


def test_the_same_report_gives_the_same_bytes_under_any_hash_seed(text: str) -> None:
    code = (
        "import sys; sys.path[:0] = ['tests/reports']\n"
        "from test_html_page import written, report; import hashlib\n"
        "print(hashlib.sha256(written(report()).encode()).hexdigest())"
    )
    root = Path(__file__).parents[2]
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("0", "4711")
    }
    assert seen == {hashlib.sha256(text.encode()).hexdigest()}
