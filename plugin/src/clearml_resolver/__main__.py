"""``python -m clearml_resolver``: says what would be done here, or publishes a file for others."""

from __future__ import annotations

import argparse
import json
import sys

from . import _activation, _client, _daemon, _publish, _wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional

#: Exit codes, as `clearml-resolver` has them.
_UNAVAILABLE, _NO_ANSWER = 3, 1


def main(arguments: Optional[List[str]] = None) -> int:
    """Run one command, and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m clearml_resolver", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    plan = commands.add_parser("plan", help="say what a command would start with, and why")
    plan.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND")
    publish = commands.add_parser("publish", help="write the configuration to a file, atomically")
    publish.add_argument("file", metavar="FILE")
    publish.add_argument("--mode", type=lambda text: int(text, 8), default=0o400, metavar="OCTAL")
    publish.add_argument("--watch", action="store_true", help="and again each time it changes")
    typed = parser.parse_args(arguments)
    try:
        return _plan(typed.words) if typed.command == "plan" else _publish_file(typed)
    except _wire.UnansweredError as error:
        sys.stderr.write("error: {}\n".format(error))
        return _UNAVAILABLE
    except _publish.UnpublishedError as error:
        sys.stderr.write("error: {}\n".format(error))
        return _NO_ANSWER


def _plan(words: List[str]) -> int:
    plan, file = _activation.decide(words)
    to_set, to_unset = plan.changes(file)
    said = {
        "verdict": plan.verdict,
        "reason": plan.reason,
        "set": to_set,
        "unset": to_unset,
    }
    print(json.dumps(said, indent=2))
    return 0


def _publish_file(typed: argparse.Namespace) -> int:
    _write(typed.file, typed.mode)
    if typed.watch:
        for _ in _client.watch():
            _write(typed.file, typed.mode)
    return 0


def _write(file: str, mode: int) -> None:
    connection = _daemon.connect(_client.TIMEOUT_SECONDS, _client.TIMEOUT_SECONDS)
    try:
        body = _daemon.hocon(connection.ask(_daemon.file_target()))
    finally:
        connection.close()
    _publish.write(file, body, mode)


if __name__ == "__main__":
    sys.exit(main())
