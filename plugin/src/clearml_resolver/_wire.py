"""One question, one answer: HTTP/1.1 on the daemon's Unix socket.

Written by hand because every task pays for it at its start: loading ``http.client`` alone takes
three times as long as an empty interpreter. ``_socket`` is the part of ``socket`` that is compiled
in; what the rest of that module adds is not needed here.
"""

from __future__ import annotations

import struct
from time import monotonic

from ._reading import read_json

try:
    import _socket as socket
except ImportError:  # another Python than CPython
    import socket  # type: ignore[no-redef]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, Optional, Tuple

#: Bytes of an answer's head; the daemon's have about 400.
MAX_HEAD_BYTES = 16 << 10
#: Bytes of an answer's body: the largest tree that the daemon's default limits allow.
MAX_BODY_BYTES = 64 << 20
#: Bytes asked for at once; a usual configuration comes in one piece.
PIECE_BYTES = 64 << 10
#: How many budgets after its beginning nothing is read any more, though it be there.
PATIENCE = 20
#: Seconds below which there is no time left; the kernel takes zero for "for ever".
SHORTEST_WAIT = 0.001

OK = 200
NOT_MODIFIED = 304
NOT_FOUND = 404

_TIME_VALUE = "@ll"
_PEER = "@3i"


class UnansweredError(Exception):
    """The daemon gave no answer that can be used; the text says why, and never holds a secret."""


class Budget:
    """The time that may be waited for the daemon, in all.

    Only waiting counts: on a machine that is short of processors most time goes by while this
    process waits for its turn, with the answer before it. When the budget is used up, what has come
    by then still counts, but nothing is read any more after `PATIENCE` budgets on the clock, so
    that no trickle of bytes keeps a process from its start.
    """

    __slots__ = ("_last", "_seconds")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = monotonic() + PATIENCE * seconds

    def left(self) -> float:
        """Return the seconds that may be waited; zero if there are none.

        Raises `UnansweredError` if nothing may be read any more either.
        """
        if monotonic() >= self._last:
            raise UnansweredError("the daemon took too long")
        return self._seconds if self._seconds >= SHORTEST_WAIT else 0.0

    def spend(self, seconds: float) -> None:
        """Note that so many seconds were waited."""
        self._seconds -= seconds


class Answer:
    """What the daemon answered."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:
        """Return the body as what it spells.

        Raises `UnansweredError` if it is no JSON.
        """
        if not self.headers.get("content-type", "").startswith("application/json"):
            raise UnansweredError("the daemon's answer is no JSON")
        try:
            return read_json(self.body)
        except ValueError:
            raise UnansweredError("the daemon's answer is no JSON") from None

    def tag(self) -> str:
        """Return the entity tag without its quotes; empty if there is none."""
        return self.headers.get("etag", "").strip('"')


class Connection:
    """A connection to the daemon, for any number of questions."""

    __slots__ = ("_budget", "_rest", "_socket")

    def __init__(self, path: str, connect_seconds: float, budget: Budget) -> None:
        self._budget = budget
        self._rest = b""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # Linux takes the time-out of a connection to a Unix socket from its send time-out;
            # a non-blocking one would fail at once where the daemon's queue is full.
            self._wait(socket.SO_SNDTIMEO, connect_seconds, self._socket.connect, path)
        except OSError as error:
            self.close()
            raise UnansweredError("no daemon answers: " + _reason(error)) from None

    def peer_user(self) -> int:
        """Return the id of the user who listens at the other end."""
        size = struct.calcsize(_PEER)
        peer = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        return int(struct.unpack(_PEER, peer)[1])

    def ask(self, target: str, known: Iterable[str] = ()) -> Answer:
        """Return the answer to a target; `known` are entity tags that need not be sent again.

        Raises `UnansweredError` if there is none in time, or if it is none.
        """
        self.send(question(target, known))
        return self.receive()

    def send(self, *questions: bytes) -> None:
        """Ask questions, all at once: the daemon answers them in their order.

        Raises `UnansweredError` if they cannot be asked in time.
        """
        whole = b"".join(questions)
        try:
            # A socket that is new, or whose questions are answered, takes these without a wait.
            if self._socket.send(whole, socket.MSG_DONTWAIT) != len(whole):
                raise UnansweredError("the daemon cannot be asked: its queue is full")
        except OSError as error:
            raise UnansweredError("the daemon cannot be asked: " + _reason(error)) from None

    def receive(self) -> Answer:
        """Return the answer to the next question that was sent.

        Raises `UnansweredError` if there is none in time, or if it is none.
        """
        try:
            return self._read_answer()
        except OSError as error:
            raise UnansweredError("the daemon did not answer: " + _reason(error)) from None

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _wait(self, option: int, most: float, call: Callable[[Any], Any], argument: Any) -> Any:
        """Return what a call returns that may wait as long as there is budget, and `most`."""
        seconds = min(most, self._budget.left())
        if seconds < SHORTEST_WAIT:
            raise BlockingIOError
        whole = int(seconds)
        limit = struct.pack(_TIME_VALUE, whole, int((seconds - whole) * 1_000_000))
        self._socket.setsockopt(socket.SOL_SOCKET, option, limit)
        start = monotonic()
        try:
            return call(argument)
        finally:
            self._budget.spend(monotonic() - start)

    def _read_answer(self) -> Answer:
        while True:
            head, mark, rest = self._rest.partition(b"\r\n\r\n")
            if mark:
                break
            if len(self._rest) > MAX_HEAD_BYTES:
                raise UnansweredError("what answers is no daemon: its head is too long")
            self._rest += self._piece()
        status, headers = _understood(head)
        length = 0 if status == NOT_MODIFIED else _length(headers)
        pieces = [rest]
        there = len(rest)
        while there < length:
            pieces.append(self._piece())
            there += len(pieces[-1])
        whole = b"".join(pieces)
        self._rest = whole[length:]
        return Answer(status, headers, whole[:length])

    def _piece(self) -> bytes:
        try:
            most = self._budget.left()
            piece = self._wait(socket.SO_RCVTIMEO, most, self._socket.recv, PIECE_BYTES)
        except BlockingIOError:
            # It may have come while this process waited for its turn.
            piece = self._socket.recv(PIECE_BYTES, socket.MSG_DONTWAIT)
        if not piece:
            raise UnansweredError("what answers is no daemon: it ends before its time")
        return bytes(piece)


def question(target: str, known: Iterable[str] = ()) -> bytes:
    """Spell a question; `known` are entity tags that need not be sent again."""
    tags = ", ".join('"' + tag + '"' for tag in known)
    condition = "if-none-match: " + tags + "\r\n" if tags else ""
    head = "GET " + target + " HTTP/1.1\r\nhost: localhost\r\n" + condition + "\r\n"
    return head.encode("ascii")


def target(endpoint: str, **parameters: Optional[str]) -> str:
    """Return a request target, with the parameters that are not `None`."""
    given = [(name, value) for name, value in parameters.items() if value is not None]
    query = "&".join(name + "=" + _quoted(value) for name, value in given)
    return endpoint + "?" + query if query else endpoint


def _quoted(text: str) -> str:
    plain = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    return "".join(
        chr(byte) if byte in plain else "%{:02X}".format(byte)
        for byte in text.encode("utf-8", "surrogateescape")
    )


def _understood(head: bytes) -> Tuple[int, Dict[str, str]]:
    lines = head.decode("latin-1").split("\r\n")
    version, _, rest = lines[0].partition(" ")
    if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
        raise UnansweredError("what answers is no daemon: it does not speak HTTP")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return int(rest[:3]), headers


def _length(headers: Dict[str, str]) -> int:
    text = headers.get("content-length", "")
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(MAX_BODY_BYTES)):
        raise UnansweredError("what answers is no daemon: its length makes no sense")
    length = int(text)
    if length > MAX_BODY_BYTES:
        raise UnansweredError("what answers is no daemon: its body is too long")
    return length


def _reason(error: OSError) -> str:
    if isinstance(error, BlockingIOError):
        return "it took too long"
    return error.strerror or "the system does not say why"
