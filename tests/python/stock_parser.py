"""Reads HOCON as the stock clients do: a text a line in, what comes of it a line out, both as JSON.

Runs in the environment of `cargo xtask test --only python`. The answer is `{"value": …}` with each
scalar as a list of its kind and its spelling, `{"error": "…"}`, or `{"gave_up": "…"}` where the
parser ran out of time or stack, which says nothing about the text.
"""

import importlib.util
import json
import logging
import pathlib
import re
import signal
import sys
import warnings

# Of its own time, so that a busy machine changes no answer; texts that end take milliseconds.
SECONDS_FOR_A_TEXT = 0.2

# One text of so many is read with a grammar of its own, too.
TEXTS_OF_A_GRAMMAR = 500

ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def load_parser():
    """Loads the parser alone: the whole of `clearml` takes half a second and reads the host's files."""
    folder = pathlib.Path(importlib.util.find_spec("clearml").origin).parent
    sys.path.insert(0, str(folder / "utilities"))
    import pyhocon

    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    return pyhocon


class KeptGrammar:
    """The parser with one grammar, which it makes anew for each text: three quarters of its time."""

    def __init__(self, pyhocon):
        self.pyhocon = pyhocon
        self.grammar = grammar_of(pyhocon)

    def parse_string(self, text):
        config = self.grammar.parseString(text, parseAll=True)[0]
        self.pyhocon.ConfigParser.resolve_substitutions(config, False)
        return config


def grammar_of(pyhocon):
    """Returns the grammar that the parser makes, which nobody else can reach."""
    grammars = []
    element = pyhocon.config_parser.ParserElement
    parse_string = element.parseString

    def parse_and_keep(grammar, *arguments, **options):
        grammars.append(grammar)
        return parse_string(grammar, *arguments, **options)

    element.parseString = parse_and_keep
    pyhocon.ConfigFactory.parse_string("a = 1")
    element.parseString = parse_string
    [grammar] = grammars
    return grammar


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


def answer(parser, text):
    # Again and again: an exception inside of a `__del__` goes no further.
    signal.setitimer(signal.ITIMER_PROF, SECONDS_FOR_A_TEXT, 0.1)
    try:
        config = parser.parse_string(text)
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


def answer_in_time(parser, text):
    try:
        return answer(parser, text)
    except TimeoutError:  # The alarm rang while the answer was being given up.
        return {"gave_up": "TimeoutError"}


def must_agree(text, answers):
    # `null x` shows where its `null` lies in memory.
    judged = {ADDRESS.sub("", json.dumps(said)) for said in answers if "gave_up" not in said}
    if len(judged) > 1:
        sys.exit(f"the grammar of another text reads this one otherwise: {text!r}")


def main():
    pyhocon = load_parser()
    parser = KeptGrammar(pyhocon)
    signal.signal(signal.SIGPROF, out_of_time)
    for number, line in enumerate(sys.stdin):
        text = json.loads(line)
        said = answer_in_time(parser, text)
        if number % TEXTS_OF_A_GRAMMAR == 0:
            must_agree(text, [said, answer_in_time(pyhocon.ConfigFactory, text)])
        print(json.dumps(said), flush=True)


main()
