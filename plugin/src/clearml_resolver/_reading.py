"""Reads JSON by the scanner that is compiled into CPython.

# Why
``json`` loads ``re``, and with it ``enum`` and ``functools``: half of the time that an activation
takes. Its scanner in C needs neither. Where there is none, or it wants more than is given here,
``json`` itself reads.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Tuple

_BLANKS = " \t\n\r"


class _Context:
    """What ``json.decoder.JSONDecoder`` gives its scanner by default."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    array_hook = None
    parse_float = float
    parse_int = int

    @staticmethod
    def parse_constant(name: str) -> Any:
        """Refuse ``NaN`` and infinities: the daemon never says so."""
        raise ValueError("`{}` is no JSON".format(name))


def read_json(body: bytes) -> Any:
    """Return what bytes spell.

    Raises `ValueError` if they are no JSON, or deeper than Python can read.
    """
    text = body.decode("utf-8")
    scan = _scanner()
    begin = len(text) - len(text.lstrip(_BLANKS))
    try:
        value, end = scan(text, begin)
    except (StopIteration, RecursionError):
        raise ValueError("it is no JSON") from None
    if text[end:].strip(_BLANKS):
        raise ValueError("there is more than one JSON value")
    return value


def _scanner() -> Callable[[str, int], Tuple[Any, int]]:
    """Return what reads a value that begins at a place, and says where it ends."""
    try:
        from _json import make_scanner

        context: Any = _Context
        return make_scanner(context)
    except (ImportError, AttributeError):
        from json import JSONDecoder

        decoder: Any = JSONDecoder()
        scan: Callable[[str, int], Tuple[Any, int]] = decoder.scan_once
        return scan
