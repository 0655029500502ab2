"""Makes text that any encoder takes: JSON may hold half a character ("\\ud83d"), UTF-8 may not."""

from __future__ import annotations


class Pairs:
    """One stream of text: a surrogate pair that was cut in two is joined, a lone surrogate becomes
    U+FFFD. A first half at the end waits for the second."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str) -> str:
        if not self._half and text.isascii():
            return text
        text, self._half = self._half + text, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return mended(text)

    def close(self) -> str:
        half, self._half = self._half, ""
        return mended(half)


def mended(text: str) -> str:
    """One whole string, with its pairs joined and lone surrogates replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
