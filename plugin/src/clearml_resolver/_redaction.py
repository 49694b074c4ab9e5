"""Masks secrets in log records: `RedactingFilter`.

# Why
The rules are applied in this process, not asked of the daemon: a log call may neither wait for a
socket nor fail with it, and must mask when the daemon is away, too. The secrets themselves come
from the daemon, once, and again by `refresh`.
"""

from __future__ import annotations

import base64
import json
import logging
import re
from urllib.parse import quote

from . import _client, _wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Optional, Pattern, Set, Tuple

MASK = "********"
#: Shorter values are masked by their names only: a text such as ``on`` would be masked anywhere.
SHORTEST_VALUE = 6

_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)?$|password|passwd|secret|token|credential|private|dsn$|(^|_)key$"
    r"|api_?key|account_key|_pass$",
    re.IGNORECASE,
)
_ASSIGNMENT = re.compile(
    r"""
    (?P<name>[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api_?key|access_?key|_key|_pass)[\w-]*
      ["']?\s*[=:]\s*)
    (?P<value>"(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | (?:bearer\s+|basic\s+)?[^\s,;&"'\]})]+)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_AUTHORIZATION = re.compile(r"(authorization\s*[=:]\s*(?:\w+\s+)?)\S+", re.IGNORECASE)
_IN_URL = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@]*:)[^\s/@]+(@)")


class RedactingFilter(logging.Filter):
    """Masks secrets in every record that passes: those of the configuration, and what is named so.

    Add it to a handler, so that it sees the records of all loggers::

        handler.addFilter(clearml_resolver.RedactingFilter())
    """

    def __init__(self, name: str = "", *, profile: Optional[str] = None) -> None:
        super().__init__(name)
        self._profile = profile
        self._values: Optional[Pattern[str]] = None
        self.refresh()

    def refresh(self) -> bool:
        """Take the secrets from the daemon anew; those known stay if it does not answer.

        Returns whether it answered.
        """
        try:
            tree = _client.config(profile=self._profile, timeout=1.0)
        except (_wire.UnansweredError, _client.UnsetError):
            return False
        spellings = {text for value in _secrets(tree) for text in _spellings(value)}
        longest_first = sorted(spellings, key=lambda text: (-len(text), text))
        self._values = re.compile("|".join(map(re.escape, longest_first))) if spellings else None
        return True

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask a record in place, and let it pass."""
        if not super().filter(record):
            return False
        try:
            text = record.getMessage()
        except Exception:  # noqa: BLE001 -- `logging` itself reports what cannot be formatted
            return True
        masked = self.mask(text)
        if masked != text:
            record.msg, record.args = masked, None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self.mask(record.exc_text)
        if record.stack_info:
            record.stack_info = self.mask(record.stack_info)
        return True

    def mask(self, text: str) -> str:
        """Return a text with masks in the place of its secrets."""
        if self._values is not None:
            text = self._values.sub(MASK, text)
        text = _IN_URL.sub(r"\1" + MASK + r"\2", text)
        text = _AUTHORIZATION.sub(r"\1" + MASK, text)
        return _ASSIGNMENT.sub(lambda found: found.group("name") + MASK, text)


def _secrets(tree: Any) -> Iterator[str]:
    """Return every value that stands below a name of a secret."""
    open_values: List[Tuple[Any, bool]] = [(tree, False)]
    while open_values:
        value, is_secret = open_values.pop()
        if isinstance(value, dict):
            for name, child in value.items():
                open_values.append((child, is_secret or bool(_SECRET_NAME.search(name))))
        elif isinstance(value, list):
            open_values.extend((child, is_secret) for child in value)
        elif (
            isinstance(value, str) and is_secret and len(value) >= SHORTEST_VALUE and value != MASK
        ):
            yield value


def _spellings(value: str) -> Set[str]:
    """Return a secret as it is, as in a URL, as in JSON, and as base64 at each of its offsets."""
    found = {value, quote(value, safe=""), json.dumps(value)[1:-1]}
    raw = value.encode("utf-8", "surrogateescape")
    for offset in range(3):
        # Only whole groups of base64 are the secret's alone; what is at the edges is shared.
        coded = base64.b64encode(b"\0" * offset + raw).decode("ascii")
        inner = coded[4 if offset else 0 : len(coded) - 4 if (offset + len(raw)) % 3 else None]
        if len(inner) >= SHORTEST_VALUE:
            found.add(inner)
    return found
