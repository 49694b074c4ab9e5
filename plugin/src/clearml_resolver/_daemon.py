"""Finds this host's daemon, and asks it what everybody here wants to know."""

from __future__ import annotations

import os

from . import _trust, _wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

_SYSTEM_SOCKET = "/run/clearml-resolver/resolver.sock"


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


def connect(connect_seconds: float, total_seconds: float) -> _wire.Connection:
    """Connect to the daemon.

    Raises `UnansweredError` if none is there, or none that may be believed.
    """
    budget = _wire.Budget(total_seconds)
    fault = "no daemon answers"
    for path in sockets():
        distrust = _trust.socket_fault(path)
        if distrust is not None:
            fault = "`{}` is not used: {}".format(path, distrust)
            continue
        try:
            connection = _wire.Connection(path, connect_seconds, budget)
        except _wire.UnansweredError as error:
            fault = str(error)
            continue
        distrust = _trust.peer_fault(path, connection.peer_user())
        if distrust is None:
            return connection
        connection.close()
        fault = "`{}` is not used: {}".format(path, distrust)
    raise _wire.UnansweredError(fault)


#: The question that `profile_status` understands the answer to.
STATUS_TARGET = "/v1/status"


def profile_status(answer: _wire.Answer, named: Optional[str]) -> Tuple[str, Dict[str, Any]]:
    """Return the profile that is meant (the one named, the only one, or `default`) and its status.

    Raises `UnansweredError` if the daemon does not say.
    """
    if answer.status != _wire.OK:
        raise _wire.UnansweredError("the daemon answered with status {}".format(answer.status))
    status = answer.json()
    profiles = status.get("profiles") if isinstance(status, dict) else None
    if not isinstance(profiles, dict):
        raise _wire.UnansweredError("the daemon's answer is no status")
    name = next(iter(profiles)) if named is None and len(profiles) == 1 else named or "default"
    profile = profiles.get(name)
    if not isinstance(profile, dict):
        raise _wire.UnansweredError("the daemon has no profile `{}`".format(name))
    return name, profile


def file_target() -> str:
    """Return the question for what a client's own file may hold: rules R7 and R10."""
    return _wire.target("/v1/config", format="hocon", view="client", profile=named_profile())


def hocon(answer: _wire.Answer) -> bytes:
    """Return the HOCON that was answered.

    Raises `UnansweredError` if the answer is something else.
    """
    if answer.status != _wire.OK:
        raise _wire.UnansweredError("the daemon answered with status {}".format(answer.status))
    if not answer.headers.get("content-type", "").startswith("application/hocon"):
        raise _wire.UnansweredError("the daemon's answer is no HOCON")
    return answer.body


def named_profile() -> Optional[str]:
    """Return the profile that a variable names, if one does."""
    return os.environ.get("CLEARML_RESOLVER_PROFILE", "").strip() or None
