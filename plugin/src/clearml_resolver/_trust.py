"""Whose sockets, folders and files may be believed: rule R4."""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

_ROOT = 0
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
#: A published file is read only: by its owner, and by its group where root wrote it.
_MAY_BE_SET = stat.S_IRUSR | stat.S_IRGRP


def socket_fault(path: str) -> Optional[str]:
    """Say why a socket is not a daemon's of root, of our own or of the system; `None` if it is."""
    folder = os.path.dirname(path)
    try:
        there, above = os.lstat(path), os.lstat(folder)
        if not stat.S_ISSOCK(there.st_mode):
            return "it is no socket"
        if not stat.S_ISDIR(above.st_mode):
            return "its folder is none"
        if above.st_mode & _OTHERS_MAY_WRITE:
            return "others may write to its folder"
        if there.st_uid not in (_ROOT, os.geteuid()):
            return _system_fault(there, above, os.lstat(os.path.dirname(folder)))
    except OSError as error:
        return error.strerror
    return None


def _system_fault(
    there: os.stat_result, above: os.stat_result, over: os.stat_result
) -> Optional[str]:
    """Say why another user's socket is not one that root gave a place, as systemd does in /run."""
    if above.st_uid not in (_ROOT, there.st_uid):
        return "its folder belongs to somebody else than it does"
    if over.st_uid != _ROOT or over.st_mode & _OTHERS_MAY_WRITE:
        return "it belongs to a user whom nobody has appointed"
    return None


def peer_fault(path: str, user: int) -> Optional[str]:
    """Say why a listener is not whom its socket belongs to; `None` if it is, or is root."""
    try:
        owner = os.lstat(path).st_uid
    except OSError as error:
        return error.strerror
    return None if user in (_ROOT, owner) else "somebody else listens than it belongs to"


def file_fault(path: str) -> Optional[str]:
    """Say why a published file is not to be used; `None` if it is."""
    try:
        there, above = os.lstat(path), os.lstat(os.path.dirname(path))
    except OSError as error:
        return error.strerror
    if not stat.S_ISREG(there.st_mode):
        return "it is no file"
    if there.st_uid not in (_ROOT, os.geteuid()):
        return "it belongs to somebody else"
    if stat.S_IMODE(there.st_mode) & ~_MAY_BE_SET:
        return "its permissions are too wide"
    if above.st_mode & _OTHERS_MAY_WRITE:
        return "others may write to its folder"
    return None


def own_folder_fault(path: str) -> Optional[str]:
    """Say why a folder is not our own and private; `None` if it is."""
    try:
        there = os.lstat(path)
    except OSError as error:
        return error.strerror
    if not stat.S_ISDIR(there.st_mode):
        return "it is no folder"
    if there.st_uid != os.geteuid():
        return "it belongs to somebody else"
    if stat.S_IMODE(there.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        return "others may use it"
    return None
