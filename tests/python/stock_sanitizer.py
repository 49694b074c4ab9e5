"""Masks lists of docker arguments as the stock agent does, for a test of ours.

One JSON object a line on standard input: {"arguments": [...], "hide": [...]}, where "hide" are the
names that CLEARML_AGENT_DOCKER_ARGS_HIDE_ENV is given. One JSON list a line on standard output.
"""

import json
import os
import sys

from clearml_agent.helper.docker_args import DockerArgsSanitizer


class Session:
    """As much of a session as the sanitizer asks for: the shipped configuration."""

    config = {"agent.hide_docker_command_env_vars.enabled": True}


def main() -> None:
    for line in sys.stdin:
        question = json.loads(line)
        os.environ["CLEARML_AGENT_DOCKER_ARGS_HIDE_ENV"] = " ".join(question["hide"])
        shown = DockerArgsSanitizer.sanitize_docker_command(Session, question["arguments"])
        print(json.dumps(shown), flush=True)


main()
