"""The wizard: a talk that ends in the folder `migrate` writes, and in the command line that writes it."""

from __future__ import annotations

import io
import os
import pty
import select
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Run, Unsplit

from migrate import pipeline
from migrate.cli.wizard import Interview
from migrate.load import SourceRequest, load_source
from migrate.merge.settings import Answer
from migrate.model.decision import DecidedBy
from migrate.model.server import Role
from parsers.result import ReadOptions

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
SPLIT = [SAMPLES / "split-80-20" / "source" / name for name in ("dhcp01.xml", "dhcp02.xml")]
HQ1, HQ1_LEASES, HQ2, HQ2_LEASES = (
    SAMPLES / "netsh-pair" / "source" / name
    for name in ("hq-dhcp1.txt", "hq-dhcp1-clients.txt", "hq-dhcp2.txt", "hq-dhcp2-clients.txt")
)
CLUSTER = SAMPLES / "cluster" / "source" / "dhcp-cluster.xml"

Talk = Callable[..., Run]

SPLIT_SERVERS = [SPLIT[0], "", SPLIT[1], ""]
NETSH_SERVERS = [HQ1, "", HQ1_LEASES, "", HQ2, "hq-dhcp2", HQ2_LEASES, ""]
CLUSTER_SERVERS = [CLUSTER, "", "", "dhcp02"]
LOAD_BALANCE = ["", ""]
KEEP, WRITE, DEFAULTS = "y", "y", "n"


@pytest.fixture
def talk(unsplit: Unsplit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Talk:
    """`unsplit wizard` in an empty folder, with these lines typed: `talk(answer, answer, ..., options=[...])`. Neither it nor a
    migration after it plays a dry run, which takes seconds, unless the test asks for it."""
    monkeypatch.chdir(tmp_path)

    def call(*answers: object, options: tuple[str, ...] = (), dry_run: bool = False) -> Run:
        if not dry_run:
            monkeypatch.setattr(pipeline, "rehearse", lambda judged, stage: pipeline.skip_rehearsal(judged))
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{answer}\n" for answer in answers)))
        return unsplit("wizard", *options)

    return call


def printed_command(run: Run) -> list[str]:
    lines = run.stdout.splitlines()
    return shlex.split(lines[lines.index("The same without questions:") + 1])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize(
    ("answers", "options"),
    [
        pytest.param([*SPLIT_SERVERS, "", DEFAULTS, *LOAD_BALANCE, WRITE], (), id="all defaults"),
        pytest.param(
            [*SPLIT_SERVERS, "out", "y", "secondary", "", "2", "", "hot-standby", "10", WRITE],
            (),
            id="defaults answered",
        ),
        pytest.param([*SPLIT_SERVERS, "my out", DEFAULTS, "1", "0", KEEP, WRITE], (), id="advice kept, a folder with a space"),
        pytest.param([*NETSH_SERVERS, "out", "1", DEFAULTS, *LOAD_BALANCE, WRITE], ("--encoding", "cp850"), id="an open decision"),
        pytest.param([*NETSH_SERVERS, "out", "later", DEFAULTS, *LOAD_BALANCE, WRITE], ("--time-zone", "+01:00"), id="left open"),
        pytest.param([*CLUSTER_SERVERS, "out", DEFAULTS, *LOAD_BALANCE, WRITE], ("--max-input-size", "10"), id="a cluster"),
    ],
)
def test_the_printed_command_alone_gives_the_same_folder(
    answers: list[object], options: tuple[str, ...], talk: Talk, unsplit: Unsplit, tmp_path: Path
) -> None:
    run = talk(*answers, options=options)
    assert run.stderr == ""
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    by_wizard = contents(folder)
    program, *words = printed_command(run)
    assert program == "unsplit"
    again = unsplit(*words, dry_run=True)
    assert again.status == run.status
    assert contents(folder) == by_wizard
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_the_dry_run_is_played_and_is_the_same_too(talk: Talk, unsplit: Unsplit, tmp_path: Path) -> None:
    run = talk(*SPLIT_SERVERS, "out", DEFAULTS, *LOAD_BALANCE, WRITE, dry_run=True)
    assert "Dry run: holds" in run.stdout
    by_wizard = contents(tmp_path / "out")
    assert "dry-run.json" in by_wizard
    unsplit(*printed_command(run)[1:], dry_run=True)
    assert contents(tmp_path / "out") == by_wizard


def test_an_open_decision_is_answered_with_both_values_in_view(talk: Talk, tmp_path: Path) -> None:
    run = talk(*NETSH_SERVERS, "out", "secondary", DEFAULTS, *LOAD_BALANCE, WRITE)
    assert run.status == 0
    for shown in ("00-80-77-3a-10-c4", "00-80-77-3a-10-c1", "(on hq-dhcp1)", "(on hq-dhcp2)", "hq-dhcp1.txt:127"):
        assert shown in run.stdout
    decisions = (tmp_path / "out" / "decisions.toml").read_text("utf-8")
    assert 'choice = "secondary"\ndecided_by = "person"' in decisions
    assert "00-80-77-3a-10-c1" in (tmp_path / "out" / "plan.json").read_text("utf-8")


def test_a_decision_left_for_later_writes_reports_only(talk: Talk, tmp_path: Path) -> None:
    run = talk(*NETSH_SERVERS, "out", "later", DEFAULTS, *LOAD_BALANCE, WRITE)
    assert run.status == 1
    assert "Write the reports into out?" in run.stdout
    assert not (tmp_path / "out" / "windows").exists()
    assert "--decisions out/decisions.toml" in run.stdout


def test_defaults_are_shown_on_request_until_it_is_enough(talk: Talk, tmp_path: Path) -> None:
    run = talk(*SPLIT_SERVERS, "out", "y", "2", "stop", *LOAD_BALANCE, WRITE)
    assert run.status == 0
    decisions = (tmp_path / "out" / "decisions.toml").read_text("utf-8")
    assert decisions.count('decided_by = "person"') == 1
    assert decisions.count('decided_by = "default"') == 3


def test_a_cluster_is_asked_for_its_partner(talk: Talk, tmp_path: Path) -> None:
    run = talk(CLUSTER, "", "", "", "DHCP-Cluster", "dhcp02", "out", DEFAULTS, *LOAD_BALANCE, WRITE)
    assert run.status == 0
    assert "A server needs a name." in run.stdout
    assert "dhcp-cluster is the other server" in run.stdout
    assert "--partner dhcp02" in run.stdout
    assert '"secondary_server": "dhcp02"' in (tmp_path / "out" / "plan.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        pytest.param(["missing.xml"], "There is no file missing.xml.", id="a missing file"),
        pytest.param([""], "Name a file.", id="no file"),
        pytest.param([ROOT / "LICENSE"], "LICENSE", id="not an export"),
        pytest.param([HQ1_LEASES], "listings are asked for next", id="a listing as configuration"),
        pytest.param([SPLIT[0], "", SPLIT[0]], "name the export of the other server", id="one file twice"),
        pytest.param([HQ1, "", HQ1], "not a lease listing", id="a configuration as listing"),
        pytest.param([HQ1, "", HQ1_LEASES, HQ1_LEASES], "was named already", id="one listing twice"),
        pytest.param([SPLIT[0], "", SPLIT[1], "DHCP01"], "dhcp01 is the other server", id="one name twice"),
        pytest.param([*SPLIT_SERVERS, ROOT / "samples"], "no manifest.json of unsplit", id="a folder that is not ours"),
        pytest.param([*SPLIT_SERVERS, "out", "maybe"], "invalid input", id="neither yes nor no"),
        pytest.param([*SPLIT_SERVERS, "out", "n", "3"], "'3' is none of these", id="no such mode"),
        pytest.param([*SPLIT_SERVERS, "out", "n", "2", "101"], "from 0 to 100", id="more than all"),
        pytest.param([*SPLIT_SERVERS, "out", "n", "2", "5.5"], "from 0 to 100", id="a broken percentage"),
        pytest.param([*SPLIT_SERVERS, "out", "n", "1", "100"], "owns no free address", id="advice on a percentage"),
    ],
)
def test_an_answer_that_cannot_be_used_is_met_with_a_sentence(answers: list[object], says: str, talk: Talk, tmp_path: Path) -> None:
    """And then the input ends, which is an error: nobody is there to answer."""
    run = talk(*answers)
    assert says in " ".join(run.stdout.split())
    assert run.status == 2
    assert run.stderr.startswith("error: input-ended\n")
    assert list(tmp_path.iterdir()) == []


def test_advice_leads_back_to_the_question(talk: Talk, tmp_path: Path) -> None:
    run = talk(*SPLIT_SERVERS, "out", "n", "1", "100", "n", "1", "60", WRITE)
    assert run.status == 0
    assert "The tightest scope is" in run.stdout
    assert '"load_balance_percent": 60' in (tmp_path / "out" / "plan.json").read_text("utf-8")


def test_what_is_recognised_is_shown_at_once(talk: Talk) -> None:
    run = talk(SPLIT[0])
    for shown in ("an Export-DhcpServer file", "dhcp01", "10.20.16.0/24", "Bonn Lager", "Leases"):
        assert shown in run.stdout


def test_the_last_question_can_be_answered_with_no(talk: Talk, tmp_path: Path) -> None:
    run = talk(*SPLIT_SERVERS, "out", DEFAULTS, *LOAD_BALANCE, "n")
    assert run.status == 1
    assert "pool of scope" in run.stdout
    assert run.stdout.endswith("Nothing was written.\n")
    assert list(tmp_path.iterdir()) == []


def test_a_former_output_is_replaced_only_when_told(talk: Talk, tmp_path: Path) -> None:
    ending = [DEFAULTS, *LOAD_BALANCE, WRITE]
    talk(*SPLIT_SERVERS, "out", *ending)
    before = contents(tmp_path / "out")
    run = talk(*CLUSTER_SERVERS, "out", "n", "other", *ending)
    assert run.status == 0
    assert contents(tmp_path / "out") == before
    talk(*CLUSTER_SERVERS, "out", "y", *ending)
    assert contents(tmp_path / "out") != before


def test_a_scope_can_be_left_out(talk: Talk, unsplit: Unsplit, tmp_path: Path) -> None:
    wider = SPLIT[1].read_text("utf-8-sig")
    at = wider.index("<ScopeId>10.20.16.0</ScopeId>")
    wider = wider[:at] + wider[at:].replace("<SubnetMask>255.255.255.0</SubnetMask>", "<SubnetMask>255.255.254.0</SubnetMask>", 1)
    (tmp_path / "dhcp02.xml").write_text(wider, "utf-8")
    run = talk(SPLIT[0], "", "dhcp02.xml", "", "out", "leave-out", DEFAULTS, *LOAD_BALANCE, WRITE)
    assert run.status == 0
    assert "left out" in run.stdout
    before = contents(tmp_path / "out")
    unsplit(*printed_command(run)[1:], dry_run=True)
    assert contents(tmp_path / "out") == before


def test_an_answer_that_another_answer_makes_pointless_is_forgotten() -> None:
    primary, secondary = (load_source(SourceRequest(path=path), ReadOptions()) for path in SPLIT)
    real = Answer(choice="secondary", alternatives={}, path="")
    interview = Interview(
        sources={Role.PRIMARY: primary, Role.SECONDARY: secondary},
        as_of_s=1_795_197_600,
        words=["migrate", *map(str, SPLIT), "--out", "out"],
        answers={"reservation-conflict/10.20.0.0/10.20.0.9": real, "option-values-differ/10.20.1.0/option 6": real},
    )
    judged = interview.judge()
    assert list(interview.answers) == ["option-values-differ/10.20.1.0/option 6"]
    assert sum(decision.decided_by is DecidedBy.PERSON for decision in judged.result.decisions) == 1


class Terminal:
    """A pseudo-terminal with the wizard on it."""

    def __init__(self, folder: Path) -> None:
        self._descriptor, child = pty.openpty()
        environment = {**os.environ, "TERM": "dumb", "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "migrate", "wizard"],
            stdin=child,
            stdout=child,
            stderr=child,
            cwd=folder,
            env=environment,
            start_new_session=True,
            preexec_fn=_own_terminal,
        )
        os.close(child)
        self.shown = ""

    def wait_for(self, text: str, seconds: float = 20) -> None:
        deadline, start = time.monotonic() + seconds, len(self.shown)
        while text not in self.shown[start:]:
            assert time.monotonic() < deadline, f"no {text!r} in {self.shown[start:]!r}"
            if select.select([self._descriptor], [], [], 0.2)[0]:
                try:
                    self.shown += os.read(self._descriptor, 4096).decode(errors="replace")
                except OSError:  # Linux says so when the other end is closed
                    assert text in self.shown[start:], self.shown[start:]

    def type(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._descriptor)


def _own_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    opened = Terminal(tmp_path)
    yield opened  # type: ignore[misc]
    opened.close()


def test_a_talk_on_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    for prompt, answer in [
        ("File", HQ1),
        ("Name of this server [hq-dhcp1]", ""),
        ("Lease listing", HQ1_LEASES),
        ("Lease listing", ""),
        ("File", HQ2),
        ("Name of this server [172.16.0.6]", "hq-dhcp2"),
        ("Lease listing", HQ2_LEASES),
        ("Lease listing", ""),
        ("Folder for the result [out]", ""),
        ("Choice", "1"),
        ("Look at each of them now? [y/N]", ""),
        ("Mode [load-balance]", ""),
        ("Percent of the clients that the primary answers [50]", ""),
        ("Write everything into out? [Y/n]", ""),
    ]:
        terminal.wait_for(prompt)
        terminal.type(f"{answer}\n")
    terminal.wait_for("--decisions out/decisions.toml")
    assert terminal.process.wait(20) == 0
    assert (tmp_path / "out" / "windows").is_dir()


@pytest.mark.parametrize("key", [pytest.param("\x03", id="Ctrl-C"), pytest.param("\x04", id="end of input")])
def test_leaving_in_the_middle_leaves_nothing_behind(key: str, terminal: Terminal, tmp_path: Path) -> None:
    for prompt, answer in [("File", SPLIT[0]), ("Name of this server", ""), ("File", SPLIT[1]), ("Name of this server", "")]:
        terminal.wait_for(prompt)
        terminal.type(f"{answer}\n")
    terminal.wait_for("Folder for the result")
    terminal.type(key)
    terminal.wait_for("Nothing was written.")
    assert terminal.process.wait(20) == (130 if key == "\x03" else 2)
    assert list(tmp_path.iterdir()) == []
