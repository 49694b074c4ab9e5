"""Reads the daemon's answer for programs: `get`, `config`, `watch`, `status`."""

from __future__ import annotations

from . import _daemon, _wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Optional, Tuple

#: Seconds that a question may take where nothing else is said. The daemon's answers are ready
#: before they are asked for; only its very first one may take that long.
TIMEOUT_SECONDS = 10.0
#: Seconds that the daemon holds a question whose answer has not changed.
WAIT_SECONDS = 30
#: The longest pause of `watch` before it looks for a daemon again that has gone.
MAX_PAUSE_SECONDS = 30.0

_MISSING = object()


class UnsetError(KeyError):
    """Nothing is set at a key path."""

    def __str__(self) -> str:
        return "nothing is set at `{}`".format(self.args[0])


def get(
    key: str,
    default: Any = _MISSING,
    *,
    profile: Optional[str] = None,
    timeout: float = TIMEOUT_SECONDS,
) -> Any:
    """Return what is set at a key path such as ``sdk.aws.s3.region``.

    Raises `UnsetError` if nothing is, unless there is a `default`, and `UnansweredError` if the
    daemon does not answer within `timeout` seconds.
    """
    try:
        return config(key, profile=profile, timeout=timeout)
    except UnsetError:
        if default is _MISSING:
            raise
        return default


def config(
    path: str = "", *, profile: Optional[str] = None, timeout: float = TIMEOUT_SECONDS
) -> Any:
    """Return the merged configuration, or the part of it at a key path.

    References to variables that only a reader's environment can close are closed with this
    process's; one to a variable that is not set stays as it is written. Raises `UnsetError` if
    nothing is at `path`, `UnansweredError` if the daemon does not answer.
    """
    return _ask(path, profile, timeout)[0]


def status(*, timeout: float = TIMEOUT_SECONDS) -> Dict[str, Any]:
    """Return what the daemon says of itself and of each profile, as ``GET /v1/status`` has it.

    Raises `UnansweredError` if it does not answer.
    """
    connection = _daemon.connect(timeout, timeout)
    try:
        answer = connection.ask(_daemon.STATUS_TARGET)
    finally:
        connection.close()
    if answer.status != _wire.OK:
        raise _refusal(answer)
    whole: Dict[str, Any] = answer.json()
    return whole


def watch(
    path: str = "", *, profile: Optional[str] = None, timeout: float = TIMEOUT_SECONDS
) -> Iterator[Any]:
    """Yield what is at a key path now, then each time it changes; `None` while it is unset.

    A daemon that goes away is waited for; only the first answer raises `UnansweredError`.
    """
    value, tag = _ask_or_none(path, profile, timeout, None)
    yield value
    pause = 0.0
    while True:
        try:
            changed = _ask_or_none(path, profile, WAIT_SECONDS + timeout, tag)
        except _wire.UnansweredError:
            pause = min(2 * pause or 0.5, MAX_PAUSE_SECONDS)
            _sleep(pause)
            continue
        pause = 0.0
        if changed[1] == tag:
            # Held for the whole time, or nothing to hold: in that case not at once again.
            _sleep(0.0 if tag else 1.0)
            continue
        value, tag = changed
        yield value


def _sleep(seconds: float) -> None:
    from time import sleep

    sleep(seconds)


def _ask_or_none(
    path: str, profile: Optional[str], timeout: float, tag: Optional[str]
) -> Tuple[Any, str]:
    try:
        return _ask(path, profile, timeout, tag)
    except UnsetError:
        return None, ""


def _ask(
    path: str, profile: Optional[str], timeout: float, tag: Optional[str] = None
) -> Tuple[Any, str]:
    """Return what is at a path, and its tag; `None` and the same tag if it has not changed."""
    named = profile or _daemon.named_profile()
    connection = _daemon.connect(min(timeout, TIMEOUT_SECONDS), timeout)
    try:
        wait = "{}s".format(WAIT_SECONDS) if tag else None
        question = _wire.target("/v1/config", path=path or None, profile=named, wait=wait)
        answer = connection.ask(question, known=[tag] if tag else [])
        if answer.status == _wire.NOT_MODIFIED:
            return None, answer.tag()
        if answer.status == _wire.NOT_FOUND:
            raise UnsetError(path)
        if answer.status != _wire.OK:
            raise _refusal(answer)
        value = answer.json()
        if b"${" in answer.body:
            value = _closed(connection, value, path, named)
        return value, answer.tag()
    finally:
        connection.close()


def _refusal(answer: _wire.Answer) -> _wire.UnansweredError:
    """Return the error that a problem document (RFC 9457) tells of."""
    import json

    try:
        problem = json.loads(answer.body)
        parts = [problem["detail"], *([problem["hint"]] if "hint" in problem else [])]
    except (ValueError, KeyError, TypeError):
        parts = ["the daemon answered with status {}".format(answer.status)]
    return _wire.UnansweredError("; ".join(str(part) for part in parts))


def _closed(connection: _wire.Connection, value: Any, path: str, named: Optional[str]) -> Any:
    """Close the references that the daemon left open in what is at a path."""
    from . import _references

    answer = connection.ask(_daemon.STATUS_TARGET)
    _, profile = _daemon.profile_status(answer, named)
    try:
        return _references.closed(value, path, profile.get("unresolved", ()))
    except _references.AbsentError:
        raise UnsetError(path) from None
