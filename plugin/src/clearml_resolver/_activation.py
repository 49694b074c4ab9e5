"""What happens at the start of an interpreter: a plan is made and its variables are set.

Whatever goes wrong, the process starts with what it would have had: each failure is silent, unless
``CLEARML_RESOLVER_DEBUG=1`` asks for one line about it.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    from ._plan import Plan
    from ._wire import Connection

#: Seconds to wait for a connection.
CONNECT_SECONDS = 0.05
#: Seconds for all of an activation.
TOTAL_SECONDS = 0.25
#: The exit code where `CLEARML_RESOLVER_FAIL=closed` forbids a start: "daemon not reachable".
REFUSED_CODE = 3

#: How the reasons begin that the last good answer may help against.
_FRESHNESS = "R3"
_done: List[bool] = []


def activate() -> None:
    """Point this process's stock clients at the daemon's answer, if it wants that and may.

    Ends the process only where ``CLEARML_RESOLVER_FAIL=closed`` asks for it.
    """
    # `site` may read one folder under two names, and with it our hook.
    if not os.environ.get("CLEARML_RESOLVER") or _done:
        return
    _done.append(True)
    try:
        plan, file = decide(_arguments())
    except Exception as error:  # noqa: BLE001 -- no fault of ours may stop a task
        _say("not applied: {}: {}".format(type(error).__name__, error))
        return
    to_set, to_unset = plan.changes(file)
    for name in to_unset:
        os.environ.pop(name, None)
    os.environ.update(to_set)
    _say("{}: {}".format(plan.verdict, plan.reason))
    if plan.verdict == "refuse":
        sys.stderr.write("clearml-resolver: {}\n".format(plan.reason))
        sys.stderr.flush()
        # `site` turns an exception into a fault of the interpreter, with a code of its own.
        os._exit(REFUSED_CODE)


def decide(arguments: List[str]) -> Tuple[Plan, str]:
    """Return the plan for a command line, and the file that it is for (empty if for none)."""
    from . import _daemon, _plan, _publish, _wire

    process = _plan.Process("plugin", os.environ, arguments)
    # What needs no daemon to be said is said without one.
    early = _plan.plan(process, None)
    if not early.reason.startswith(_FRESHNESS):
        return early, ""
    status = None
    try:
        connection = _daemon.connect(CONNECT_SECONDS, TOTAL_SECONDS)
        try:
            # Both at once: whoever waits for one turn of the daemon's waits for no second.
            connection.send(
                _wire.question(_daemon.STATUS_TARGET),
                _wire.question(_daemon.file_target(), _published_tags()),
            )
            name, status = _daemon.profile_status(connection.receive(), _daemon.named_profile())
            process.own_files = _own_files(status)
            plan = _plan.plan(process, status)
            if plan.verdict == _plan.APPLY:
                return plan, _published(connection, name, status)
            if not plan.reason.startswith(_FRESHNESS):
                return plan, ""
            if status.get("state") == "revoked":
                _publish.forget_status(_publish.folder(), name)
                return plan, ""
        finally:
            connection.close()
    except (_wire.UnansweredError, _publish.UnpublishedError) as error:
        _say(str(error))
        status = None
    kept, file = _last_good()
    if kept is not None:
        process.own_files = _own_files(kept)
    return _plan.plan(process, status, kept), file


def _last_good() -> Tuple[Optional[Dict[str, Any]], str]:
    """Return what the daemon said last, and the file it was said of; `None` if there is no such."""
    from . import _publish

    try:
        home = _publish.folder()
    except _publish.UnpublishedError:
        return None, ""
    profile = _only_profile(home)
    if profile is None:
        return None, ""
    kept = _publish.kept_status(home, profile)
    file = _publish.intact(home, profile, kept) if kept is not None else None
    return (kept, file) if kept is not None and file else (None, "")


def _published(connection: Connection, name: str, status: Dict[str, Any]) -> str:
    """Return the file with the daemon's answer, published now unless it is there already.

    The answer is the next that comes over the connection.
    """
    from . import _daemon, _publish, _wire

    home = _publish.folder()
    kept = _publish.kept_status(home, name)
    answer = connection.receive()
    tag = answer.tag()
    file = None
    if answer.status == _wire.NOT_MODIFIED:
        file = _publish.found(home, name, tag, kept)
        answer = answer if file else connection.ask(_daemon.file_target())
    if file is None:
        file = _publish.publish(home, name, tag, _daemon.hocon(answer))
    if kept is None or kept.get("tag") != tag:
        _publish.keep_status(home, name, tag, status)
    return file


def _published_tags() -> List[str]:
    """Return the digests of the files that are there, if it is known for which profile."""
    from . import _publish

    try:
        home = _publish.folder()
        profile = _only_profile(home)
        return _publish.tags(home, profile) if profile is not None else []
    except (_publish.UnpublishedError, OSError):
        return []


def _only_profile(home: str) -> Optional[str]:
    """Return the profile that is named, or the only one of which something is kept."""
    from . import _daemon, _publish

    named = _daemon.named_profile()
    names = _publish.kept_profiles(home) if named is None else [named]
    return names[0] if len(names) == 1 else None


def _own_files(status: Dict[str, Any]) -> str:
    """Say how the files that the stock clients would read here stand to those the daemon reads."""
    home = os.path.expanduser("~")
    own = [os.path.join(home, name) for name in ("trains.conf", "clearml.conf")]
    own = [path for path in own if os.path.isfile(path)]
    served = [file.get("path", "") for file in status.get("files", ())]
    if not own:
        return "none"
    return "served" if all(_is_among(path, served) for path in own) else "foreign"


def _is_among(path: str, served: List[str]) -> bool:
    """Whether the daemon reads a file, under whatever name, or one that says the same."""
    for other in served:
        try:
            if path == other or os.path.samefile(path, other):
                return True
            if os.path.getsize(path) == os.path.getsize(other) and _read(path) == _read(other):
                return True
        except OSError:
            continue
    return False


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _arguments() -> List[str]:
    """Return the command line; `sys.argv` is not there yet when `site` runs."""
    try:
        words = _read("/proc/self/cmdline").split(b"\0")
    except OSError:
        return []
    return [os.fsdecode(word) for word in words]


def _say(text: str) -> None:
    if os.environ.get("CLEARML_RESOLVER_DEBUG") == "1":
        sys.stderr.write("clearml-resolver: {}\n".format(text))
