"""Puts a rendered configuration where the stock clients find it, in two phases: rule R5.

A file is named after its content, is never changed, and appears whole or not at all; so that two
hundred processes that start at once may all write it, and a process that has been running for
weeks still finds the one it began with.
"""

from __future__ import annotations

import errno
import os

from . import _trust
from ._reading import read_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional

#: Files kept for one profile: what a process began with must outlive many changes.
MAX_FILES = 64
#: Bytes of the digest that the daemon's entity tags show.
TAG_BYTES = 16

_CONF = ".conf"
_STATUS = ".status.json"
_READ_ONLY = 0o400
_PRIVATE = 0o700
#: What names are made of, besides letters and digits.
_PLAIN = "_.-"
#: What the daemon's HOCON is made of: strings, references, brackets, and words without quotes.
_PIECE = r"""
      "(?:[^"\\\n]|\\.)*"      # a string; the daemon never breaks one over lines
    | \$\{\??[^{}"\n]+\}       # a reference to a variable
    | (?P<open>[\[{]) | (?P<close>[\]}])
    | [^"\[\]{}$\\]+           # keys, numbers, colons, commas, blanks
"""
_PARTNER = {"]": "[", "}": "{"}


class UnpublishedError(Exception):
    """A configuration cannot be published; the text says why, and never holds a secret."""


def folder() -> str:
    """Return our own private folder on a file system in memory, made if it is not there.

    Raises `UnpublishedError` if there is none that is private.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and _trust.own_folder_fault(runtime) is None:
        return _private(os.path.join(_private(os.path.join(runtime, "clearml-resolver")), "files"))
    return _private("/dev/shm/clearml-resolver-{}".format(os.geteuid()))  # noqa: S108 -- checked


def stem(profile: str, tag: str) -> str:
    """Return the name of a file without its ending: the profile and the digest, as in R11."""
    return _safe(profile) + "@" + _safe(tag)


def path(home: str, profile: str, tag: str) -> str:
    """Return where the file of a profile with this digest is."""
    return os.path.join(home, stem(profile, tag) + _CONF)


def tags(home: str, profile: str) -> List[str]:
    """Return the digests of a profile's files that may be used, oldest first."""
    prefix = _safe(profile) + "@"
    found = []
    for name in os.listdir(home):
        whole = os.path.join(home, name)
        if name.startswith(prefix) and name.endswith(_CONF) and _trust.file_fault(whole) is None:
            found.append((os.lstat(whole).st_mtime, name[len(prefix) : -len(_CONF)]))
    return [tag for _, tag in sorted(found)]


def publish(home: str, profile: str, tag: str, body: bytes) -> str:
    """Write a configuration, read it back, and give it its name; return its path.

    Raises `UnpublishedError` if it is not what the tag announces, or not whole, or the system
    cannot keep it. Nothing of it is left then.
    """
    if _digest(body) != tag:
        raise UnpublishedError("the configuration is not what its tag says")
    whole = path(home, profile, tag)
    write(whole, body)
    _forget_oldest(home, profile, tag)
    return whole


def write(whole: str, body: bytes, mode: int = _READ_ONLY) -> None:
    """Write a configuration under any name, in the same two phases.

    Raises `UnpublishedError` if it is not whole, or cannot be kept.
    """
    _write(whole, body, mode, is_whole)


def found(home: str, profile: str, tag: str, kept: Optional[Dict[str, Any]]) -> Optional[str]:
    """Return the path of a file that is there, and note that it is in use.

    `None` if it has just gone, or is not as long as what was kept says.
    """
    whole = path(home, profile, tag)
    try:
        os.utime(whole)
        if kept is not None and kept.get("tag") == tag and kept.get("bytes") != _size(whole):
            return None
    except OSError:
        return None
    return whole


def intact(home: str, profile: str, kept: Dict[str, Any]) -> Optional[str]:
    """Return the path of the file that was kept, if it still is what it was."""
    tag = str(kept.get("tag"))
    whole = path(home, profile, tag)
    if _trust.file_fault(whole) is not None:
        return None
    try:
        with open(whole, "rb") as file:
            return whole if _digest(file.read()) == tag else None
    except OSError:
        return None


def keep_status(home: str, profile: str, tag: str, status: Dict[str, Any]) -> None:
    """Keep what the daemon said of a profile and its file, for when it is away."""
    size = _size(path(home, profile, tag))
    import json

    text = json.dumps(dict(status, tag=tag, bytes=size)).encode("utf-8")
    _write(os.path.join(home, _safe(profile) + _STATUS), text, _READ_ONLY, lambda _: True)


def kept_status(home: str, profile: str) -> Optional[Dict[str, Any]]:
    """Return what the daemon last said of a profile; `None` if nobody may believe it."""
    whole = os.path.join(home, _safe(profile) + _STATUS)
    if _trust.file_fault(whole) is not None:
        return None
    try:
        with open(whole, "rb") as file:
            status = read_json(file.read())
    except (OSError, ValueError):
        return None
    return status if isinstance(status, dict) else None


def forget_status(home: str, profile: str) -> None:
    """Forget what the daemon said of a profile, so that its files are not used without it."""
    _remove(os.path.join(home, _safe(profile) + _STATUS))


def kept_profiles(home: str) -> List[str]:
    """Return the profiles of which something is kept."""
    return [name[: -len(_STATUS)] for name in os.listdir(home) if name.endswith(_STATUS)]


def is_whole(body: bytes) -> bool:
    """Whether bytes are HOCON as the daemon spells it, from its first bracket to its last.

    The stock clients stop a task at a file that they cannot read; this is what keeps half of one,
    or the page of another server, from them. What is *in* the text is the daemon's promise.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    # Loaded here, as below: most processes find their file published already.
    import re

    pieces = re.compile(_PIECE, re.VERBOSE)
    opened = []
    at = 0
    while at < len(text):
        piece = pieces.match(text, at)
        if piece is None:
            return False
        at = piece.end()
        if piece.group("open"):
            opened.append(piece.group())
        elif piece.group("close") and (not opened or opened.pop() != _PARTNER[piece.group()]):
            return False
    return not opened


def _write(whole: str, body: bytes, mode: int, is_sound: Callable[[bytes], bool]) -> None:
    home, name = os.path.split(whole)
    draft = os.path.join(home, ".{}.{}.{}".format(name, os.getpid(), os.urandom(4).hex()))
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(draft, flags, _READ_ONLY)
        try:
            os.fchmod(descriptor, mode)
            _write_all(descriptor, body)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        with open(draft, "rb") as file:
            back = file.read()
        if back != body or not is_sound(back):
            raise UnpublishedError("what was written does not read back")
        os.rename(draft, whole)
    except OSError as error:
        raise UnpublishedError("cannot write `{}`: {}".format(whole, error.strerror)) from None
    finally:
        _remove(draft)


def _write_all(descriptor: int, body: bytes) -> None:
    left = memoryview(body)
    while left:
        left = left[os.write(descriptor, left) :]


def _forget_oldest(home: str, profile: str, newest: str) -> None:
    there = [tag for tag in tags(home, profile) if tag != newest]
    for tag in there[: max(0, len(there) + 1 - MAX_FILES)]:
        _remove(path(home, profile, tag))


def _size(whole: str) -> int:
    return os.lstat(whole).st_size


def _remove(whole: str) -> None:
    try:
        os.unlink(whole)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.EACCES, errno.EPERM):
            raise UnpublishedError("cannot remove `{}`".format(whole)) from None


def _private(whole: str) -> str:
    try:
        os.mkdir(whole, _PRIVATE)
    except FileExistsError:
        pass
    except OSError as error:
        raise UnpublishedError("cannot make `{}`: {}".format(whole, error.strerror)) from None
    fault = _trust.own_folder_fault(whole)
    if fault is not None:
        raise UnpublishedError("cannot use `{}`: {}".format(whole, fault))
    return whole


def _safe(name: str) -> str:
    is_plain = [char in _PLAIN or (char.isascii() and char.isalnum()) for char in name]
    return "".join(char if plain else "_" for char, plain in zip(name, is_plain))


def _digest(body: bytes) -> str:
    from hashlib import sha256

    return sha256(body).digest()[:TAG_BYTES].hex()
