"""Logs a stock ClearML client in and prints the configuration that it ends up with, as JSON.

argv: `sdk` or `agent`. Which server and which file it takes is said by the environment, as always.
"""

import json
import sys


def sdk():
    from clearml.backend_api import Session

    return Session().config.to_dict()


def agent():
    from clearml_agent.commands.worker import Worker
    from clearml_agent.session import Session

    class Holder:
        """All that the worker's own start reads of its worker."""

        def __init__(self, session):
            self._session = session

    session = Session(trace=False, debug=False)
    Worker._apply_extra_configuration(Holder(session))
    return session.config.to_dict()


client = {"sdk": sdk, "agent": agent}[sys.argv[1]]
sys.argv = ["clearml-agent"]
print("\n" + json.dumps(client(), default=str))
