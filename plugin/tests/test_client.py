"""`get`, `config`, `watch` and `status`, asked of a daemon that says what the test wants."""

import json
import os
import unittest
from unittest import mock

import clearml_resolver
from clearml_resolver import _client
from fake_daemon import FakeDaemon, reply, status


class ClientTest(unittest.TestCase):
    def _daemon(self, answer):
        daemon = FakeDaemon(answer)
        self.addCleanup(daemon.close)
        environment = mock.patch.dict(os.environ, {"CLEARML_RESOLVER_SOCKET": daemon.path})
        environment.start()
        self.addCleanup(environment.stop)
        return daemon

    def test_a_value_and_a_tree(self):
        daemon = self._daemon(
            lambda target, _: reply('"eu"' if "path=" in target else '{"a": [1]}')
        )
        self.assertEqual(clearml_resolver.get("sdk.aws.s3.region"), "eu")
        self.assertEqual(clearml_resolver.config(), {"a": [1]})
        self.assertEqual(daemon.asked, ["/v1/config?path=sdk.aws.s3.region", "/v1/config"])

    def test_a_key_that_is_not_set(self):
        self._daemon(lambda *_: reply('{"detail": "nothing"}', code="404 Not Found"))
        self.assertEqual(clearml_resolver.get("a.b", None), None)
        self.assertEqual(clearml_resolver.get("a.b", default=3), 3)
        with self.assertRaises(clearml_resolver.UnsetError) as raised:
            clearml_resolver.get("a.b")
        self.assertEqual(str(raised.exception), "nothing is set at `a.b`")
        self.assertIsInstance(raised.exception, KeyError)

    def test_a_refusal_says_what_to_do(self):
        problem = {"detail": "your user may not read", "hint": "ask its owner"}
        self._daemon(lambda *_: reply(json.dumps(problem), code="403 Forbidden"))
        with self.assertRaises(clearml_resolver.UnansweredError) as raised:
            clearml_resolver.get("a", default=1)
        self.assertEqual(str(raised.exception), "your user may not read; ask its owner")

    def test_no_daemon(self):
        with mock.patch.dict(os.environ, {"CLEARML_RESOLVER_SOCKET": "/nowhere/s"}):
            with self.assertRaises(clearml_resolver.UnansweredError):
                clearml_resolver.get("a", timeout=0.1)

    def test_references_are_closed_with_our_own_environment(self):
        tree = {
            "a": {"x.y": "${NAME}/z", "o": "${?ABSENT}", "l": ["k", "${?NAME}"]},
            "literal": "${NAME}",
            "m": "${ABSENT}",
        }
        unresolved = ['a."x.y"', "a.o", "a.l.1", "m"]

        def answer(target, _):
            if target == "/v1/status":
                return reply(json.dumps(status(unresolved=unresolved)))
            if "path=a.o" in target:
                return reply('"${?ABSENT}"')
            return reply(json.dumps(tree["a"] if "path=a" in target else tree))

        self._daemon(answer)
        with mock.patch.dict(os.environ, {"NAME": "n"}):
            os.environ.pop("ABSENT", None)
            closed = {"x.y": "n/z", "l": ["k", "n"]}
            self.assertEqual(clearml_resolver.config("a"), closed)
            self.assertIsNone(clearml_resolver.get("a.o", None))
            self.assertEqual(
                clearml_resolver.config(),
                {"a": closed, "literal": "${NAME}", "m": "${ABSENT}"},
            )

    def test_references_of_a_named_profile(self):
        profiles = {"team": status(unresolved=["a"])["profiles"]["default"], "default": {}}

        def answer(target, _):
            if target == "/v1/status":
                return reply(json.dumps({"profiles": profiles}))
            self.assertIn("profile=team", target)
            return reply('"${NAME}"')

        self._daemon(answer)
        with mock.patch.dict(os.environ, {"NAME": "n"}):
            self.assertEqual(clearml_resolver.get("a", profile="team"), "n")

    def test_status(self):
        self._daemon(lambda *_: reply(json.dumps(status())))
        self.assertEqual(clearml_resolver.status()["profiles"]["default"]["state"], "fresh")

    def test_watch_yields_changes_only_and_outlives_the_daemon(self):
        answers = [reply("1"), reply("1"), None, reply("2"), reply("{}", code="404 Not Found")]
        tags = []

        def answer(target, head):
            tags.append("if-none-match" in head)
            said = answers.pop(0) if answers else None
            if said is not None and len(tags) > 1 and said == reply("1"):
                tag = head.split('if-none-match: "')[1].split('"')[0]
                return 'HTTP/1.1 304 Not Modified\r\netag: "{}"\r\n\r\n'.format(tag).encode()
            return said if said is not None else b"garbage\r\n\r\n"

        self._daemon(answer)
        with mock.patch.object(_client, "_sleep") as slept:
            seen = clearml_resolver.watch("a")
            self.assertEqual([next(seen), next(seen), next(seen)], [1, 2, None])
        self.assertEqual(tags, [False, True, True, True, True])
        self.assertTrue(slept.called)

    def test_the_package_loads_nothing_before_it_is_used(self):
        import subprocess
        import sys

        script = (
            "import sys, clearml_resolver; print('json' in sys.modules, 'logging' in sys.modules)"
        )
        said = subprocess.run(
            [sys.executable, "-S", "-c", script],
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            check=True,
        )
        self.assertEqual(said.stdout, b"False False\n")


if __name__ == "__main__":
    unittest.main()
