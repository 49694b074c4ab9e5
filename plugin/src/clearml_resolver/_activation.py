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
    from ._wire import Answer, Connection

#: Seconds to wait for a connection.
CONNECT_SECONDS = 0.05
#: Seconds for all of an activation.
TOTAL_SECONDS = 0.25
#: The exit code where `CLEARML_RESOLVER_FAIL=closed` forbids a start: "daemon not reachable".
REFUSED_CODE = 3

#: How the reasons begin that the last good answer may help against.
_FRESHNESS = "R3"
_done: List[bool] = []
_SYSTEM_SOCKET = "/run/clearml-resolver/resolver.sock"


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


def sockets() -> List[str]:
    """Return where to look for a daemon: the place that is named, or our own and the system's."""
    named = os.environ.get("CLEARML_RESOLVER_SOCKET", "").strip()
    if named:
        return [named]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "").strip()
    if os.geteuid() == 0:
        return [_SYSTEM_SOCKET]
    if runtime:
        own = os.path.join(runtime, "clearml-resolver", "resolver.sock")
    else:
        own = "/tmp/clearml-resolver-{}/resolver.sock".format(os.geteuid())  # noqa: S108 -- checked
    return [own, _SYSTEM_SOCKET]


def connect(connect_seconds: float, total_seconds: float) -> Connection:
    """Connect to the daemon.

    Raises `UnansweredError` if none is there, or none that may be believed.
    """
    from . import _trust, _wire

    deadline = _wire.Deadline(total_seconds)
    fault = "no daemon answers"
    for path in sockets():
        distrust = _trust.socket_fault(path)
        if distrust is not None:
            fault = "`{}` is not used: {}".format(path, distrust)
            continue
        try:
            connection = _wire.Connection(path, connect_seconds, deadline)
        except _wire.UnansweredError as error:
            fault = str(error)
            continue
        distrust = _trust.peer_fault(path, connection.peer_user())
        if distrust is None:
            return connection
        connection.close()
        fault = "`{}` is not used: {}".format(path, distrust)
    raise _wire.UnansweredError(fault)


def profile_status(connection: Connection) -> Tuple[str, Dict[str, Any]]:
    """Return the profile that is meant, and what the daemon says of it.

    Raises `UnansweredError` if the daemon does not say.
    """
    from . import _wire

    answer = connection.ask("/v1/status")
    if answer.status != _wire.OK:
        raise _wire.UnansweredError("the daemon answered with status {}".format(answer.status))
    status = answer.json()
    profiles = status.get("profiles") if isinstance(status, dict) else None
    if not isinstance(profiles, dict):
        raise _wire.UnansweredError("the daemon's answer is no status")
    named = _named_profile()
    name = next(iter(profiles)) if named is None and len(profiles) == 1 else named or "default"
    profile = profiles.get(name)
    if not isinstance(profile, dict):
        raise _wire.UnansweredError("the daemon has no profile `{}`".format(name))
    return name, profile


def decide(arguments: List[str]) -> Tuple[Plan, str]:
    """Return the plan for a command line, and the file that it is for (empty if for none)."""
    from . import _plan, _publish, _wire

    process = _plan.Process("plugin", os.environ, arguments)
    # What needs no daemon to be said is said without one.
    early = _plan.plan(process, None)
    if not early.reason.startswith(_FRESHNESS):
        return early, ""
    status = None
    try:
        connection = connect(CONNECT_SECONDS, TOTAL_SECONDS)
        try:
            name, status = profile_status(connection)
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
    named = _named_profile()
    names = _publish.kept_profiles(home) if named is None else [named]
    if len(names) != 1:
        return None, ""
    kept = _publish.kept_status(home, names[0])
    file = _publish.intact(home, names[0], kept) if kept is not None else None
    return (kept, file) if kept is not None and file else (None, "")


def _published(connection: Connection, name: str, status: Dict[str, Any]) -> str:
    """Return the file with the daemon's answer, published now unless it is there already."""
    from . import _publish, _wire

    home = _publish.folder()
    question = file_target(_named_profile())
    kept = _publish.kept_status(home, name)
    answer = connection.ask(question, known=_publish.tags(home, name))
    tag = answer.tag()
    file = None
    if answer.status == _wire.NOT_MODIFIED:
        file = _publish.found(home, name, tag, kept)
        answer = answer if file else connection.ask(question)
    if file is None:
        file = _publish.publish(home, name, tag, hocon(answer))
    if kept is None or kept.get("tag") != tag:
        _publish.keep_status(home, name, tag, status)
    return file


def file_target(profile: Optional[str]) -> str:
    """Return the question for what a client's own file may hold: rules R7 and R10."""
    from . import _wire

    return _wire.target("/v1/config", format="hocon", view="client", profile=profile)


def hocon(answer: Answer) -> bytes:
    """Return the HOCON that was answered.

    Raises `UnansweredError` if the answer is something else.
    """
    from . import _wire

    if answer.status != _wire.OK:
        raise _wire.UnansweredError("the daemon answered with status {}".format(answer.status))
    if not answer.headers.get("content-type", "").startswith("application/hocon"):
        raise _wire.UnansweredError("the daemon's answer is no HOCON")
    return answer.body


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


def _named_profile() -> Optional[str]:
    return os.environ.get("CLEARML_RESOLVER_PROFILE", "").strip() or None


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
