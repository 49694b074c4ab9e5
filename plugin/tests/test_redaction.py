"""`RedactingFilter`: secrets of the configuration and secrets by their names."""

import base64
import io
import json
import logging
import os
import unittest
from unittest import mock
from urllib.parse import quote

import clearml_resolver
from fake_daemon import FakeDaemon, reply

SECRET = 'hunter2/"deep"+water'
TREE = {
    "agent": {"git_pass": SECRET, "git_user": "somebody"},
    "sdk": {"aws": {"s3": {"secret": "s3cr3t-value", "region": "eu-central-1", "key": "ab"}}},
    "environment": {"DB_PASSWORD": "pa55w0rd-of-db"},
}


class RedactionTest(unittest.TestCase):
    def _filter(self, tree=TREE):
        daemon = FakeDaemon(lambda *_: reply(json.dumps(tree)))
        self.addCleanup(daemon.close)
        with mock.patch.dict(os.environ, {"CLEARML_RESOLVER_SOCKET": daemon.path}):
            return clearml_resolver.RedactingFilter()

    def test_values_in_every_spelling(self):
        mask = self._filter().mask
        for spelling in (
            SECRET,
            quote(SECRET, safe=""),
            json.dumps(SECRET)[1:-1],
            "s3cr3t-value",
            "pa55w0rd-of-db",
        ):
            self.assertEqual(mask("<" + spelling + ">"), "<********>")
        for before in ("", "a", "ab", "abc"):
            coded = base64.b64encode((before + SECRET + "tail").encode()).decode()
            inner = base64.b64encode(SECRET.encode()).decode()[4:16]
            self.assertIn("********", mask(coded), before)
            self.assertNotIn(inner, mask(coded))

    def test_names(self):
        mask = self._filter({}).mask
        for text, masked in {
            "PASSWORD=abc next": "PASSWORD=******** next",
            'api_key: "a b c", x': "api_key: ********, x",
            "-e AWS_SECRET_ACCESS_KEY=abc": "-e AWS_SECRET_ACCESS_KEY=********",
            "git clone https://u:p4ss@host/r.git": "git clone https://u:********@host/r.git",
            "Authorization: Bearer ey.x": "Authorization: Bearer ********",
            "nothing to hide: lr=0.1": "nothing to hide: lr=0.1",
        }.items():
            self.assertEqual(mask(text), masked)

    def test_what_is_no_secret_stays(self):
        mask = self._filter().mask
        self.assertEqual(mask("somebody in eu-central-1, ab"), "somebody in eu-central-1, ab")

    def test_records_are_masked_with_their_arguments_and_tracebacks(self):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.addFilter(self._filter())
        logger = logging.getLogger("clearml_resolver.test")
        logger.propagate = False
        logger.addHandler(handler)
        self.addCleanup(logger.removeHandler, handler)
        logger.warning("cloning as %s with %s", "somebody", SECRET)
        try:
            raise ValueError(SECRET)
        except ValueError:
            logger.exception("failed")
        said = stream.getvalue()
        self.assertIn("cloning as somebody with ********", said)
        self.assertIn("ValueError: ********", said)
        self.assertNotIn("hunter2", said)

    def test_without_a_daemon_names_are_masked_and_nothing_fails(self):
        with mock.patch.dict(os.environ, {"CLEARML_RESOLVER_SOCKET": "/nowhere/s"}):
            masking = clearml_resolver.RedactingFilter()
            self.assertFalse(masking.refresh())
        self.assertEqual(masking.mask("token=abc"), "token=********")


if __name__ == "__main__":
    unittest.main()
