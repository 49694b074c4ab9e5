"""The reader of the socket: what it understands, and what it refuses."""

import os
import socket
import struct
import tempfile
import unittest
from unittest import mock

from clearml_resolver import _wire
from fake_daemon import FakeDaemon, reply


def _ask(answer, target="/v1/status", total=5.0):
    with FakeDaemon(lambda *_: answer) as daemon:
        connection = _wire.Connection(daemon.path, 1.0, _wire.Budget(total))
        try:
            return connection.ask(target)
        finally:
            connection.close()


class _Clock:
    """A clock that stands still until it is put forward."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class WireTest(unittest.TestCase):
    def test_reads_a_reply_whatever_its_size(self):
        for body in ("", "{}", "x" * 200_000):
            answer = _ask(reply(body))
            self.assertEqual((answer.status, answer.body), (200, body.encode()))

    def test_asks_twice_over_one_connection(self):
        with FakeDaemon() as daemon:
            connection = _wire.Connection(daemon.path, 1.0, _wire.Budget(5.0))
            first = connection.ask("/v1/status").json()
            second = connection.ask("/v1/config", known=["a", "b"])
            connection.close()
            self.assertIn("default", first["profiles"])
            self.assertEqual(second.headers["content-type"], "application/hocon")

    def test_a_reply_that_is_none_is_refused(self):
        for name, answer in {
            "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
            "no length": b"HTTP/1.1 200 OK\r\n\r\n",
            "a negative length": b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
            "a length of other digits": "HTTP/1.1 200 OK\r\ncontent-length: ²\r\n\r\n".encode(
                "latin-1"
            ),
            "too long": b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n",
            "an endless head": b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 5000,
            "no status": b"HTTP/1.1 abc\r\n\r\n",
        }.items():
            with self.subTest(name), self.assertRaises(_wire.UnansweredError):
                _ask(answer)

    def test_a_reply_that_stops_is_refused(self):
        answer = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab"
        with FakeDaemon(lambda *_: answer) as daemon:
            connection = _wire.Connection(daemon.path, 1.0, _wire.Budget(0.2))
            with self.assertRaises(_wire.UnansweredError):
                connection.ask("/v1/status")
            connection.close()

    def test_silence_ends_with_the_budget(self):
        with self.assertRaises(_wire.UnansweredError) as raised:
            _ask(None, total=0.05)
        self.assertIn("too long", str(raised.exception))

    def test_no_wait_is_longer_than_what_is_left_of_the_budget(self):
        size = struct.calcsize("@ll")
        for spent, left in ((0.0, 250_000), (0.2, 50_000), (0.248, 2_000)):
            budget = _wire.Budget(0.25)
            with FakeDaemon(lambda *_: None) as daemon:
                connection = _wire.Connection(daemon.path, 0.05, budget)
                budget.spend(spent)
                with self.assertRaises(_wire.UnansweredError):
                    connection.ask("/v1/status")
                for option, most in ((socket.SO_SNDTIMEO, 50_000), (socket.SO_RCVTIMEO, left)):
                    limit = connection._socket.getsockopt(socket.SOL_SOCKET, option, size)
                    seconds, micros = struct.unpack("@ll", limit)
                    self.assertEqual(seconds, 0)
                    # The kernel counts in ticks, of ten milliseconds at most.
                    self.assertTrue(0 < micros <= most + 10_000, (spent, micros))
                with self.assertRaises(_wire.UnansweredError):
                    connection.ask("/v1/status")
                connection.close()

    def test_what_has_come_by_the_end_counts_and_no_trickle_does(self):
        for spent, gone, counts in (
            (0.0, 0.3, True),
            (0.2, 0.0, True),
            (0.3, 0.3, True),
            (0.3, 4.9, True),
            (0.0, 5.1, False),
        ):
            clock = _Clock()
            with FakeDaemon() as daemon, mock.patch.object(_wire, "monotonic", clock):
                budget = _wire.Budget(0.25)
                connection = _wire.Connection(daemon.path, 0.05, budget)
                connection.send(_wire.question("/v1/status"))
                connection._socket.recv(1 << 20, socket.MSG_PEEK)  # until it is there
                clock.now += gone
                budget.spend(spent)
                if counts:
                    self.assertEqual(connection.receive().status, 200)
                with self.assertRaises(_wire.UnansweredError):
                    connection.receive()
                connection.close()

    def test_a_full_queue_ends_with_the_budget(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s")
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(path)
            listener.listen(0)
            held = []
            with self.assertRaises(_wire.UnansweredError):
                for _ in range(20):
                    held.append(_wire.Connection(path, 0.03, _wire.Budget(0.03)))
            for connection in held:
                connection.close()
            listener.close()

    def test_nobody_there(self):
        with self.assertRaises(_wire.UnansweredError) as raised:
            _wire.Connection("/nowhere/resolver.sock", 1.0, _wire.Budget(1.0))
        self.assertIn("no daemon answers", str(raised.exception))

    def test_a_target_is_spelled_for_the_wire(self):
        self.assertEqual(
            _wire.target("/v1/config", path='sdk."a b".c&d', wait=None, profile="é"),
            "/v1/config?path=sdk.%22a%20b%22.c%26d&profile=%C3%A9",
        )
        self.assertEqual(_wire.target("/livez"), "/livez")


if __name__ == "__main__":
    unittest.main()
