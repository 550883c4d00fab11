"""The arguments of one command, taken in order by typed getters; whatever is missing or does not fit raises ValueError."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address

from migrate.model.addresses import AddressRange
from migrate.model.origin import Origin
from parsers.fields import parse_address, parse_number
from parsers.netsh.tokenizer import Token


class Arguments:
    """Free text is quoted and anything else bare, so a missing field shows as a token of the other sort (formats.md 2.3)."""

    def __init__(self, tokens: Sequence[Token], origin: Origin) -> None:
        self.origin = origin
        self._all = tokens
        self._ordered = [token for token in tokens if not token.name]
        self._named = {token.name: token.text for token in tokens if token.name}
        self._taken: set[str] = set()

    def word(self, what: str) -> str:
        """The next argument, which must be bare."""
        if not self._ordered:
            raise ValueError(f"there is no {what}")
        if self._ordered[0].quoted:
            raise ValueError(f'there is no {what} before "{self._ordered[0].text}"')
        return self._ordered.pop(0).text

    def word_if_any(self) -> str:
        return self._ordered.pop(0).text if self._ordered and not self._ordered[0].quoted else ""

    def bare_words(self, count: int) -> list[str]:
        """The next `count` arguments, all bare."""
        return [self.word("field number " + str(number)) for number in range(1, count + 1)]

    def text(self, what: str) -> str:
        """The next argument, which must be quoted."""
        if not self._ordered or not self._ordered[0].quoted:
            raise ValueError(f"there is no quoted {what}")
        return self._ordered.pop(0).text

    def text_if_any(self) -> str:
        return self._ordered.pop(0).text if self._ordered and self._ordered[0].quoted else ""

    def texts(self) -> list[str]:
        """All quoted arguments from here to the first bare one."""
        found = []
        while self._ordered and self._ordered[0].quoted:
            found.append(self._ordered.pop(0).text)
        return found

    def number(self, what: str, minimum: int, maximum: int) -> int:
        return parse_number(self.word(what), minimum, maximum)

    def address(self, what: str) -> IPv4Address:
        return parse_address(self.word(what))

    def range(self) -> AddressRange:
        return AddressRange(self.address("start of the range"), self.address("end of the range"))

    def named(self, name: str) -> str:
        """The value of `name=`, empty when it is not there."""
        self._taken.add(name)
        return self._named.get(name, "")

    def rest(self) -> tuple[str, ...]:
        """Every argument still to come; a `name=` that nobody asked for is an error."""
        if unknown := sorted(self._named.keys() - self._taken):
            raise ValueError(f"unknown field {unknown[0]}=")
        values, self._ordered = tuple(token.text for token in self._ordered), []
        return values

    def remainder_text(self) -> str:
        """What has not been taken, for people: `path=C:\\dhcp mode=ENABLE`."""
        return " ".join(_shown(token) for token in self._all if token.name not in self._taken)

    def all_text(self) -> str:
        return " ".join(_shown(token) for token in self._all)


def _shown(token: Token) -> str:
    return f"{token.name}={token.text}" if token.name else token.text
