"""A daemon that says what a test wants, on a socket in a private folder."""

import contextlib
import hashlib
import json
import os
import shutil
import socket
import tempfile
import threading

FILE = 'agent {\n  git_user: "ada"\n}\nsdk {\n  home: ${HOME}\n  list: ["a}b", 1]\n}\n'


def status(**changes):
    """Return what a daemon says of a profile that fares well."""
    profile = {
        "state": "fresh",
        "digest": "d0",
        "identity": None,
        "server": None,
        "masked": False,
        "vaults": [],
        "quarantined": [],
        "unresolved": [],
        "hide_names": [],
        "files": [],
    }
    profile.update(changes)
    return {"version": "0.1.0", "profiles": {"default": profile}}


def reply(body, kind="application/json", code="200 OK", tag=None):
    """Spell an answer."""
    body = body.encode("utf-8") if isinstance(body, str) else body
    tag = tag or hashlib.sha256(body).digest()[:16].hex()
    head = 'HTTP/1.1 {}\r\ncontent-type: {}\r\ncontent-length: {}\r\netag: "{}"\r\n\r\n'
    return head.format(code, kind, len(body), tag).encode("ascii") + body


class FakeDaemon:
    """Answers questions by a function from target and headers to bytes; `None` says nothing."""

    def __init__(self, answer=None, profile=None, file=FILE):
        self.folder = tempfile.mkdtemp()
        self.path = os.path.join(self.folder, "resolver.sock")
        self.asked = []
        self._file = file
        self._profile = profile or status()
        self._answer = answer or self.usual
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(256)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def usual(self, target, head):
        """Answer as a daemon does."""
        if target == "/v1/status":
            return reply(json.dumps(self._profile))
        whole = reply(self._file, "application/hocon")
        tag = hashlib.sha256(self._file.encode()).digest()[:16].hex()
        if tag in head:
            return 'HTTP/1.1 304 Not Modified\r\netag: "{}"\r\n\r\n'.format(tag).encode()
        return whole

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with contextlib.suppress(OSError), connection:
            rest = b""
            while True:
                while b"\r\n\r\n" not in rest:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    rest += piece
                head, _, rest = rest.partition(b"\r\n\r\n")
                head = head.decode("latin-1")
                target = head.split(" ")[1]
                self.asked.append(target)
                answer = self._answer(target, head)
                if answer is None:
                    connection.recv(1)  # until the other end has had enough
                    return
                connection.sendall(answer)

    def close(self):
        """Stop listening, and remove the folder."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
