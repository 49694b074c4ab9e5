"""Reads HOCON as the stock clients do: a text a line in, what comes of it a line out, both as JSON.

Runs in the environment of `cargo xtask test --only python`. The answer is `{"value": …}` with each
scalar as a list of its kind and its spelling, `{"error": "…"}`, or `{"gave_up": "…"}` where the
parser ran out of time or stack, which says nothing about the text.
"""

import importlib.util
import json
import logging
import pathlib
import signal
import sys

# Of its own time, so that a busy machine changes no answer; texts that end take milliseconds.
SECONDS_FOR_A_TEXT = 0.5


def load_parser():
    """Loads the parser alone: the whole of `clearml` takes half a second and reads the host's files."""
    folder = pathlib.Path(importlib.util.find_spec("clearml").origin).parent
    sys.path.insert(0, str(folder / "utilities"))
    import pyhocon

    logging.disable(logging.CRITICAL)
    return pyhocon.ConfigFactory


class SameSpelling(Exception):
    """A number and a text are two keys to Python, and one to everybody else."""


def spelled(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        keys = {str(key): spelled(item) for key, item in value.items()}
        if len(keys) < len(value):
            raise SameSpelling
        return keys
    if isinstance(value, list):
        return [spelled(item) for item in value]
    if isinstance(value, str):
        return str(value)
    kind = type(value).__name__
    if kind == "NoneValue":  # What `null` in a list of lists is left as.
        return None
    return {"\0kind": kind, "spelling": repr(value)}


def answer(factory, text):
    # Again and again: an exception inside of a `__del__` goes no further.
    signal.setitimer(signal.ITIMER_PROF, SECONDS_FOR_A_TEXT, 0.1)
    try:
        config = factory.parse_string(text)
        plain = config.as_plain_ordered_dict() if isinstance(config, dict) else list(config)
        return {"value": spelled(plain)}
    except (TimeoutError, RecursionError, MemoryError, SameSpelling) as gave_up:
        return {"gave_up": type(gave_up).__name__}
    except Exception as error:
        return {"error": type(error).__name__}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def out_of_time(_signal, _frame):
    raise TimeoutError


def main():
    factory = load_parser()
    signal.signal(signal.SIGPROF, out_of_time)
    for line in sys.stdin:
        text = json.loads(line)
        try:
            said = answer(factory, text)
        except TimeoutError:  # The alarm rang while the answer was being given up.
            said = {"gave_up": "TimeoutError"}
        print(json.dumps(said), flush=True)


main()
