"""Quotes, `name=value` tokens and lines that a console wrapped (formats.md 2.1 and 2.3)."""

import pytest

from parsers.netsh.tokenizer import LineKind, Token, has_odd_quotes, logical_lines, tokenize


def shown(token: Token) -> str:
    text = f"<{token.text}>" if token.quoted else token.text
    return f"{token.name}={text}" if token.name else text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("add scope 10.0.0.0", "add scope 10.0.0.0", id="bare words"),
        pytest.param('x "a b" "" "c "  ', "x <a b> <> <c >", id="quoted words, empty text, blank at the end inside quotes"),
        pytest.param('x "The "big" printer" "c" BOTH', 'x <The "big" printer> <c> BOTH', id="quotes around a word inside"),
        pytest.param('x "say "hello" to me" "c"', 'x <say "hello" to me> <c>', id="quotes inside, bare words after them"),
        pytest.param('x "He said "hi"" "c"', 'x <He said "hi"> <c>', id="quote inside right before the closing one"),
        pytest.param('x "5" disk" "y"', 'x <5" disk> <y>', id="an inch sign"),
        pytest.param('x "never closed', "x <never closed>", id="a text that never closes runs to the end"),
        pytest.param('vendor="a b" user="c" "v"', "vendor=<a b> user=<c> <v>", id="names before quotes"),
        pytest.param('path = "C:\\x y" maxsize = 70', "path=<C:\\x y> maxsize=70", id="blanks around the equals sign"),
        pytest.param("enable= 0", "enable=0", id="a blank after the equals sign"),
        pytest.param("EnforceAllowList=0", "enforceallowlist=0", id="names in lower case"),
        pytest.param('comment="0x1 = B, 0x2 = P" 0', "comment=<0x1 = B, 0x2 = P> 0", id="equals signs inside quotes"),
        pytest.param("enable=", "enable=", id="a name without value"),
        pytest.param('x "tab"\t"two"', "x <tab> <two>", id="tabs between"),
    ],
)
def test_tokens(text: str, expected: str) -> None:
    assert " ".join(map(shown, tokenize(text))) == expected


@pytest.mark.parametrize(("text", "odd"), [('"a" "b"', False), ('"a" "b', True), ('"5" disk"', True), ("", False)])
def test_odd_quotes(text: str, odd: bool) -> None:
    assert has_odd_quotes(text) is odd


@pytest.mark.parametrize("tail", ['"' * 30_000, '" x' * 20_000, '"b' * 20_000, "x " * 50_000 + '"b', "a=" * 30_000])
def test_hostile_lines_take_linear_time(tail: str) -> None:
    assert tokenize("word " + tail)[0] == Token("word")


def texts(*lines: str) -> list[str]:
    return [line.text for line in logical_lines(lines)]


def test_comments_and_blank_lines_are_left_out() -> None:
    assert texts("# Dhcp Server x add scope", "   # banner", "", "  ", "Dhcp Server x set y") == ["x set y"]


def test_keywords_in_any_case_and_line_ends_of_any_kind() -> None:
    assert texts("DHCP SERVER \\\\x add\r", "\tdhcp server y\r\n") == ["\\\\x add", "y"]


def test_line_numbers_are_of_the_first_line() -> None:
    lines = logical_lines(["", "Dhcp Server x add", "more", "", "Dhcp Server x set"])
    assert [(line.number, line.is_joined) for line in lines] == [(2, True), (5, False)]


def test_a_console_breaks_in_the_middle_of_a_word() -> None:
    command = 'Dhcp Server \\\\dhcp01 add scope 10.20.30.0 255.255.255.0 "Offices, third floor and the canteen below" "x"'
    wrapped = [command[at : at + 80] for at in range(0, len(command), 80)]
    assert texts(*wrapped) == [command.removeprefix("Dhcp Server ")]


def test_a_console_copy_without_the_blanks_at_the_break() -> None:
    first = ('Dhcp Server x add scope 10.0.0.0 255.0.0.0 "' + "n" * 80)[:80]
    second = "Dhcp Server x add scope 10.0.0.0 255.0.0.0".ljust(80).rstrip()
    assert texts(first, 'n"', "", second, '"name"') == [
        f'{first.removeprefix("Dhcp Server ")}n"',
        "x add scope 10.0.0.0 255.0.0.0" + " " * 38 + '"name"',
    ]


def test_a_mail_program_breaks_between_words() -> None:
    assert texts("Dhcp Server x add scope 10.0.0.0", "255.0.0.0 name") == ["x add scope 10.0.0.0 255.0.0.0 name"]


def test_a_banner_that_fills_the_console_goes_on_as_a_banner() -> None:
    banner = "   #  Start Add Ipranges to the Scope 192.168.100.0, Server DHCPSERVER.test.exam"
    assert texts(banner, "ple.local", "", "Dhcp Server x set y") == ["x set y"]


def test_a_line_after_a_short_banner_is_no_banner() -> None:
    (line,) = logical_lines(["# Add Scope", "add scope 10.0.0.0 255.0.0.0"])
    assert line.kind is LineKind.OTHER
