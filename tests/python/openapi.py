"""Holds a running daemon to the document it gives of itself: python openapi.py DAEMON FOLDER.

schemathesis makes questions of `/openapi.json`, right and wrong ones, and compares what is
answered with what is described. It knows no Unix sockets, so a loopback port leads to each.
"""

import asyncio
import os
import pathlib
import socket
import subprocess
import sys
import time

PATIENCE = 30  # seconds until the daemon serves
CONFIGURATION = 'sdk { aws { s3 { key: KEYID, secret: "not one" } } }, agent { a: [1, 2] }\n'
# What is asked of the document: every status and media type described, every body as its schema
# says, no 5xx but the described, wrong parameters refused.
CHECKS = ",".join(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "unsupported_method",
    ]
)


def main(daemon: str, folder: pathlib.Path) -> int:
    """Runs schemathesis against both sockets; the first that fails decides."""
    config = folder / "a.conf"
    config.write_text(CONFIGURATION)
    sockets = {name: folder / "run" / f"{name}.sock" for name in ("resolver", "admin")}
    for left in sockets.values():
        left.unlink(missing_ok=True)
    command = [daemon, "daemon", "--no-vaults", "--config", config]
    command += ["--socket", sockets["resolver"], "--admin-socket", sockets["admin"]]
    running = subprocess.Popen(command, env={"HOME": str(folder)}, stderr=subprocess.DEVNULL)
    try:
        for path in sockets.values():
            wait_for(path)
        return max(asyncio.run(check(name, path)) for name, path in sockets.items())
    finally:
        running.terminate()
        running.wait()


def wait_for(path: pathlib.Path) -> None:
    """Waits until somebody listens there."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as stream:
                return stream.connect(str(path))
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


async def check(name: str, path: pathlib.Path) -> int:
    """Runs schemathesis against one socket; returns how it ended."""

    async def bridge(reader, writer):
        inner_reader, inner_writer = await asyncio.open_unix_connection(str(path))
        await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer))

    server = await asyncio.start_server(bridge, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    # Each event of /v1/watch is its own answer, and the stream has no end. Orders are taken on
    # the admin socket alone, where everything else is the same.
    chosen = ["--exclude-path", "/v1/watch"]
    chosen += ["--exclude-tag", "admin"] if name == "resolver" else ["--include-tag", "admin"]
    command = [sys.executable, "-m", "schemathesis.cli", "run", *chosen]
    command += ["--checks", CHECKS, "--max-examples", "40", "--seed", "1", "--no-color"]
    command += ["--phases", "examples,coverage,fuzzing", "--request-timeout", "20"]
    command.append(f"http://127.0.0.1:{port}/openapi.json")
    run = await asyncio.create_subprocess_exec(*command, env={**os.environ, "NO_PROXY": "*"})
    return await run.wait()


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copies to the end, which may come from either side."""
    try:
        while piece := await reader.read(1 << 16):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2])))
