"""What an interpreter starts with: the failure table, in real interpreters with the real hooks.

Whatever the daemon does, the process starts, within its budget, with what it would have had.
"""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

from fake_daemon import FILE, FakeDaemon, reply, status

PLUGIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
#: Bounds a start that hangs; a busy machine takes a tenth of it.
PATIENCE = 60

SHOW = """
import json, os
names = [name for name in os.environ if name.startswith(("CLEARML_", "TRAINS_"))]
print(json.dumps({name: os.environ[name] for name in names}))
"""

SPAWN = """
import json, multiprocessing, os, sys
def show(_):
    return os.environ.get("CLEARML_CONFIG_FILE")
if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        print(json.dumps([show(0)] + pool.map(show, range(2))))
"""


class ActivationTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        venv = os.path.join(cls.folder, "venv")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
        cls.python = os.path.join(venv, "bin", "python")
        show = "import site; print(site.getsitepackages()[0])"
        site = subprocess.check_output([cls.python, "-c", show]).decode().strip()
        shutil.copytree(
            os.path.join(PLUGIN, "src", "clearml_resolver"), os.path.join(site, "clearml_resolver")
        )
        for hook in ("zz_clearml_resolver.pth", "zz_clearml_resolver.start"):
            shutil.copy(os.path.join(PLUGIN, hook), site)
        cls.script = os.path.join(cls.folder, "spawn.py")
        with open(cls.script, "w") as file:
            file.write(SPAWN)

    def setUp(self):
        self.runtime = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.runtime)
        self.home = os.path.join(self.runtime, "home")
        os.mkdir(self.home)

    def environment(self, daemon=None, **variables):
        path = daemon.path if daemon else os.path.join(self.runtime, "nobody.sock")
        usual = {
            "CLEARML_RESOLVER": "on",
            "CLEARML_RESOLVER_DEBUG": "1",
            "CLEARML_RESOLVER_SOCKET": path,
            "HOME": self.home,
            "XDG_RUNTIME_DIR": self.runtime,
        }
        usual.update(variables)
        return {name: text for name, text in usual.items() if text is not None}

    def run_python(self, environment, *words):
        words = words or ("-c", SHOW)
        done = subprocess.run(
            [self.python, *words],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def assert_applied(self, environment, *words):
        code, said, talk = self.run_python(environment, *words)
        self.assertEqual(code, 0, talk)
        shown = json.loads(said)
        self.assertIn("CLEARML_CONFIG_FILE", shown, talk)
        return shown

    def assert_left(self, environment, why, *words):
        """The process starts with exactly what it was given, and the reason is told."""
        code, said, talk = self.run_python(environment, *words)
        self.assertEqual(code, 0, talk)
        given = {name: text for name, text in environment.items() if name.startswith("CLEARML_")}
        self.assertEqual(json.loads(said), given, talk)
        self.assertIn(why, talk)
        silent = dict(environment)
        del silent["CLEARML_RESOLVER_DEBUG"]
        self.assertEqual(self.run_python(silent, *words)[2], "")

    def test_the_daemons_answer_is_applied(self):
        with FakeDaemon() as daemon:
            shown = self.assert_applied(self.environment(daemon))
            file = shown["CLEARML_CONFIG_FILE"]
            with open(file) as read:
                self.assertEqual(read.read(), FILE)
            self.assertEqual(stat.S_IMODE(os.lstat(file).st_mode), 0o400)
            self.assertEqual(os.path.basename(file), shown["CLEARML_RESOLVER_APPLIED"] + ".conf")
            self.assertEqual(daemon.asked, ["/v1/status", "/v1/config?format=hocon&view=client"])

    def test_without_the_opt_in_nobody_is_asked(self):
        with FakeDaemon() as daemon:
            environment = self.environment(daemon, CLEARML_RESOLVER=None)
            code, said, talk = self.run_python(environment)
            self.assertNotIn("CLEARML_CONFIG_FILE", json.loads(said))
            self.assertEqual((code, talk, daemon.asked), (0, "", []))

    def test_what_needs_no_daemon_asks_none(self):
        with FakeDaemon() as daemon:
            for variables in (
                {"CLEARML_RESOLVER": "off"},
                {"CLEARML_CONFIG_FILE": "/etc/mine.conf"},
                {"CLEARML_AUTH_TOKEN": "a.b.c"},
            ):
                self.assert_left(self.environment(daemon, **variables), "leave: R")
            self.assertEqual(daemon.asked, [])

    def test_absent(self):
        self.assert_left(self.environment(), "R3: the daemon is away")

    def test_slow(self):
        with FakeDaemon(lambda *_: None) as daemon:
            self.assert_left(self.environment(daemon), "it took too long")

    def test_slow_after_its_status(self):
        def answer(target, _):
            return reply(json.dumps(status())) if target == "/v1/status" else None

        with FakeDaemon(answer) as daemon:
            self.assert_left(self.environment(daemon), "the daemon is away")

    def test_garbage(self):
        whole = json.dumps(status())
        for name, said, config in (
            ("no HTTP", b"\x00\x01garbage\r\n\r\n", b""),
            ("no JSON", reply("<html>", "text/html"), b""),
            ("another JSON", reply("[1, 2]"), b""),
            ("deep JSON", reply("[" * 100_000), b""),
            ("no profile", reply('{"profiles": {"default": 7}}'), b""),
            ("an error", reply("{}", code="503 Service Unavailable"), b""),
            ("a page for HOCON", reply(whole), reply("<html>{", "text/html")),
            ("half a file", reply(whole), reply(FILE[:20], "application/hocon")),
            ("a file of another tag", reply(whole), reply(FILE, "application/hocon", tag="00")),
            ("a tag with a path", reply(whole), reply("a: 1", "application/hocon", tag="../../x")),
            ("an unknown 304", reply(whole), b'HTTP/1.1 304 Not Modified\r\netag: "0"\r\n\r\n'),
        ):

            def answer(target, _, said=said, config=config):
                return said if target == "/v1/status" else config

            with self.subTest(name), FakeDaemon(answer) as daemon:
                self.assert_left(self.environment(daemon), "leave: R3")

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a socket away")
    def test_wrong_owner(self):
        with FakeDaemon() as daemon:
            os.chown(daemon.path, 1234, -1)
            self.assert_left(self.environment(daemon), "a user whom nobody has appointed")
            self.assertEqual(daemon.asked, [])

    def test_a_folder_that_others_can_write_to(self):
        with FakeDaemon() as daemon:
            os.chmod(daemon.folder, 0o777)
            self.assert_left(self.environment(daemon), "others may write to its folder")

    def test_masks_are_not_applied(self):
        with FakeDaemon(profile=status(masked=True)) as daemon:
            self.assert_left(self.environment(daemon), "masks in the place of secrets")

    def test_the_users_own_file_must_be_among_those_served(self):
        own = os.path.join(self.home, "clearml.conf")
        with open(own, "w") as file:
            file.write("api.web_server: mine\n")
        with FakeDaemon() as daemon:
            self.assert_left(self.environment(daemon), "R2: the user's own clearml.conf")
        copy = os.path.join(self.runtime, "copy.conf")
        shutil.copy(own, copy)
        for path in (own, copy):
            with FakeDaemon(profile=status(files=[{"path": path, "layer": "file"}])) as daemon:
                self.assert_applied(self.environment(daemon))

    def test_dash_s_starts_without_us(self):
        with FakeDaemon() as daemon:
            code, said, talk = self.run_python(self.environment(daemon), "-S", "-c", SHOW)
            self.assertEqual((code, talk), (0, ""))
            self.assertNotIn("CLEARML_CONFIG_FILE", json.loads(said))
            self.assertEqual(daemon.asked, [])

    def test_isolated_interpreters_are_served(self):
        with FakeDaemon() as daemon:
            for flag in ("-I", "-E"):
                self.assert_applied(self.environment(daemon), flag, "-c", SHOW)

    def test_fork_and_spawn_see_one_file(self):
        for method in ("fork", "spawn", "forkserver"):
            with self.subTest(method), FakeDaemon() as daemon:
                code, said, talk = self.run_python(self.environment(daemon), self.script, method)
                self.assertEqual(code, 0, talk)
                self.assertEqual(len(set(json.loads(said))), 1)

    def test_a_child_keeps_its_parents_file_when_the_daemon_goes(self):
        with FakeDaemon() as daemon:
            shown = self.assert_applied(self.environment(daemon))
        again = self.assert_applied(self.environment(daemon, **shown))
        self.assertEqual(again, shown)

    def test_an_owners_token_takes_a_parents_file_back(self):
        with FakeDaemon() as daemon:
            shown = self.assert_applied(self.environment(daemon))
            shown["CLEARML_AUTH_TOKEN"] = "a.b.c"
            _, said, _ = self.run_python(self.environment(daemon, **shown))
            self.assertNotIn("CLEARML_CONFIG_FILE", json.loads(said))

    def test_the_last_good_answer(self):
        last_good = {"CLEARML_RESOLVER_FAIL": "last_good"}
        with FakeDaemon() as daemon:
            shown = self.assert_applied(self.environment(daemon))
        again = self.assert_applied(self.environment(daemon, **last_good))
        self.assertEqual(again["CLEARML_CONFIG_FILE"], shown["CLEARML_CONFIG_FILE"])
        with FakeDaemon(profile=status(state="revoked")) as daemon:
            self.assert_left(self.environment(daemon, **last_good), "withdrawn")
        self.assert_left(self.environment(**last_good), "R3: the daemon is away")

    def test_a_half_written_last_good_file_is_not_used(self):
        with FakeDaemon() as daemon:
            file = self.assert_applied(self.environment(daemon))["CLEARML_CONFIG_FILE"]
        os.chmod(file, 0o600)
        with open(file, "w") as half:
            half.write(FILE[:20])
        environment = self.environment(CLEARML_RESOLVER_FAIL="last_good")
        self.assert_left(environment, "R3: the daemon is away")
        # Even one that looks sound from outside.
        os.chmod(file, 0o400)
        self.assert_left(environment, "R3: the daemon is away")

    def test_a_file_that_lost_its_end_is_published_again(self):
        with FakeDaemon() as daemon:
            file = self.assert_applied(self.environment(daemon))["CLEARML_CONFIG_FILE"]
            os.chmod(file, 0o600)
            os.truncate(file, 20)
            os.chmod(file, 0o400)
            self.assertEqual(
                self.assert_applied(self.environment(daemon))["CLEARML_CONFIG_FILE"], file
            )
            with open(file) as read:
                self.assertEqual(read.read(), FILE)

    def test_closed_forbids_the_start(self):
        code, said, talk = self.run_python(self.environment(CLEARML_RESOLVER_FAIL="closed"))
        self.assertEqual((code, said), (3, ""))
        self.assertIn("CLEARML_RESOLVER_FAIL=closed", talk)

    def test_no_private_folder(self):
        os.mkdir(os.path.join(self.runtime, "clearml-resolver"))
        os.chmod(os.path.join(self.runtime, "clearml-resolver"), 0o777)
        with FakeDaemon() as daemon:
            self.assert_left(self.environment(daemon), "others may use it")

    def test_two_hundred_at_once(self):
        with FakeDaemon() as daemon:
            environment = self.environment(daemon, CLEARML_RESOLVER_DEBUG=None)
            started = [
                subprocess.Popen(
                    [self.python, "-c", SHOW],
                    env=environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                )
                for _ in range(200)
            ]
            ended = [process.communicate(timeout=PATIENCE) for process in started]
        self.assertEqual({process.returncode for process in started}, {0})
        self.assertEqual({talk for _, talk in ended}, {b""})
        # On a machine that is short of time a start may give up on the daemon, as it should.
        shown = {json.loads(said).get("CLEARML_CONFIG_FILE") for said, _ in ended}
        files = shown - {None}
        self.assertEqual(len(files), 1)
        with open(files.pop()) as read:
            self.assertEqual(read.read(), FILE)
        published = os.listdir(os.path.join(self.runtime, "clearml-resolver", "files"))
        self.assertEqual(len(published), 2, published)

    def test_the_entry_point_for_later_pythons(self):
        import importlib

        with open(os.path.join(PLUGIN, "zz_clearml_resolver.start")) as file:
            lines = [line.strip() for line in file if not line.startswith("#")]
        self.assertEqual(len(lines), 1)
        module, name = lines[0].split(":")
        self.assertTrue(callable(getattr(importlib.import_module(module), name)))

    def test_the_plan_can_be_asked_for(self):
        with FakeDaemon() as daemon:
            environment = self.environment(daemon)
            words = ("-m", "clearml_resolver", "plan", "clearml-agent", "daemon")
            code, said, talk = self.run_python(environment, *words)
            self.assertEqual(code, 0, talk)
            self.assertEqual(json.loads(said)["verdict"], "apply")

    def test_a_file_can_be_published_for_others(self):
        file = os.path.join(self.runtime, "overlay.conf")
        with FakeDaemon() as daemon:
            words = ("-m", "clearml_resolver", "publish", file, "--mode", "0444")
            code, _, talk = self.run_python(self.environment(daemon), *words)
            self.assertEqual(code, 0, talk)
        with open(file) as read:
            self.assertEqual(read.read(), FILE)
        self.assertEqual(stat.S_IMODE(os.lstat(file).st_mode), 0o444)
        code, _, talk = self.run_python(self.environment(), *words)
        self.assertEqual(code, 3, talk)
        self.assertIn("error: ", talk)


if __name__ == "__main__":
    unittest.main()
