"""Closes references to variables that the daemon left open for whoever reads."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Match

_REFERENCE = re.compile(r"\$\{(\??)([^{}]+)\}")
_KEY = re.compile(r'"((?:[^"\\]|\\.)*)"|([^."]+)')


class AbsentError(Exception):
    """All that was there is an optional reference to a variable that is not set."""


def closed(value: Any, path: str, unresolved: Iterable[str]) -> Any:
    """Return what is at a path, its references closed by this process's environment.

    `unresolved` are the paths of all that is open, also elsewhere. Raises `AbsentError` if nothing
    is left. A reference to a variable that is not set stays as it is written, or goes with its key
    if it is optional.
    """
    above = _keys(path)
    holder = {"": value}
    for open_path in unresolved:
        keys = _keys(open_path)
        if keys[: len(above)] == above:
            _close_at(holder, ["", *keys[len(above) :]])
    if not holder:
        raise AbsentError
    return holder[""]


def _close_at(holder: Any, keys: List[str]) -> None:
    *way, last = keys
    for key in way:
        holder = _child(holder, key)
    text = _child(holder, last)
    if not isinstance(text, str):
        return
    whole = _REFERENCE.fullmatch(text)
    is_absent = whole is not None and whole.group(1) and whole.group(2) not in os.environ
    if is_absent and isinstance(holder, dict):
        del holder[last]
    elif not is_absent:
        holder[int(last) if isinstance(holder, list) else last] = _REFERENCE.sub(_text_of, text)


def _child(holder: Any, key: str) -> Any:
    if isinstance(holder, dict):
        return holder.get(key)
    if isinstance(holder, list) and key.isdigit() and int(key) < len(holder):
        return holder[int(key)]
    return None


def _text_of(reference: Match[str]) -> str:
    is_optional, name = reference.groups()
    return os.environ.get(name, "" if is_optional else reference.group())


def _keys(path: str) -> List[str]:
    """Return the keys of a path; one in quotes may hold dots."""
    return [
        re.sub(r"\\(.)", r"\1", quoted) if quoted else plain for quoted, plain in _KEY.findall(path)
    ]
