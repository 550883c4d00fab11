"""One replacement for each text and each client id, keyed, and never one for two."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

_HEX = re.compile(r"(?:0x)?((?:[0-9a-f]{2}[-: .]?)+)\**", re.IGNORECASE)
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_DIGEST_OCTETS = 6
_HARDWARE_TYPE = b"\x01"
_CHUNK = 1 << 20


def key_of(paths: Iterable[Path]) -> bytes:
    """From the content of the files. Not their sha256, which the manifest shows to everybody."""
    key = blake2b(digest_size=32, person=b"unsplit redact")
    for path in paths:
        content = blake2b(digest_size=32, person=b"unsplit input")
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                content.update(chunk)
        key.update(content.digest())
    return key.digest()


class Pseudonyms:
    """Remembers what it has given, to keep apart what differs: two names, or two client ids, never become one."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._folded: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._octets: dict[bytes, bytes] = {}
        self._given: set[str | bytes] = set()

    def name(self, text: str) -> str:
        """Of a server, scope, class, host ... Empty stays empty; a `*` at either end, which stands for anything, stays too."""
        stem = text.strip("*")
        start = text.find(stem)
        return f"{text[:start]}name-{self._word(stem)}{text[start + len(stem) :]}" if stem else text

    def text(self, text: str) -> str:
        """Of a description or another text that names nothing by itself."""
        return f"text-{self._word(text)}" if text else text

    def octets(self, octets: bytes) -> bytes:
        """As many octets. A MAC address behind its hardware type, `01`, becomes the replacement of that MAC address behind `01`."""
        if octets not in self._octets:
            if len(octets) == 7 and octets.startswith(_HARDWARE_TYPE):
                self._octets[octets] = _HARDWARE_TYPE + self.octets(octets[1:])
            else:
                self._octets[octets] = self._new_octets(octets)
        return self._octets[octets]

    def hexadecimal(self, text: str) -> str:
        """The digits of `text` as those of a client id, its separators and a `*` at the end kept; other text like a name."""
        match = _HEX.fullmatch(text)
        if not match:
            return self.name(text)
        digits = re.sub(r"[-: .]", "", match[1])
        replaced = iter(self.octets(bytes.fromhex(digits)).hex())
        spelled = re.sub("[0-9a-fA-F]", lambda _: next(replaced), match[1])
        spelled = spelled if digits == digits.lower() else spelled.upper()
        return text[: match.start(1)] + spelled + text[match.end(1) :]

    def _word(self, text: str) -> str:
        """Letters that tell the text without its case, in a case that tells the rest: lower for what has no upper."""
        if text not in self._words:
            folded = text.casefold()
            letters = self._folded.get(folded) or self._folded.setdefault(folded, self._new_letters(folded))
            self._words[text] = letters if text == folded else self._new_case(text, letters)
        return self._words[text]

    def _new_letters(self, folded: str) -> str:
        attempt = 0
        while True:
            letters = self._digest(f"{attempt} {folded}".encode(errors="surrogatepass"), _DIGEST_OCTETS).hex().translate(_LETTERS)
            if letters not in self._given:
                self._given.add(letters)
                return letters
            attempt += 1

    def _new_case(self, text: str, letters: str) -> str:
        attempt = 0
        while True:
            bits = int.from_bytes(self._digest(f"case {attempt} {text}".encode(errors="surrogatepass"), 2))
            word = "".join(letter.upper() if bits >> place & 1 else letter for place, letter in enumerate(letters))
            if word not in self._given:
                self._given.add(word)
                return word
            attempt += 1

    def _new_octets(self, octets: bytes) -> bytes:
        attempt = 0
        while True:
            made = self._digest(attempt.to_bytes(4) + octets, len(octets))
            if made not in self._given:
                self._given.add(made)
                return made
            attempt += 1

    def _digest(self, content: bytes, size: int) -> bytes:
        """Of any size, zero included."""
        made = b""
        while len(made) < size:
            counted = len(made).to_bytes(4) + content
            made += blake2b(counted, key=self._key, digest_size=min(size - len(made), blake2b.MAX_DIGEST_SIZE)).digest()
        return made
