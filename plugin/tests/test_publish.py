"""The published file: rules R4 (whose) and R5 (in two phases)."""

import hashlib
import os
import stat
import tempfile
import threading
import unittest

from clearml_resolver import _publish, _trust
from fake_daemon import FILE, FakeDaemon


def _tag(body):
    return hashlib.sha256(body).digest()[:16].hex()


class PublishTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = folder.name

    def test_a_file_is_read_only_and_named_by_profile_and_digest(self):
        body = FILE.encode()
        file = _publish.publish(self.home, "team/a", _tag(body), body)
        self.assertEqual(os.path.basename(file), "team_a@" + _tag(body) + ".conf")
        self.assertEqual(stat.S_IMODE(os.lstat(file).st_mode), 0o400)
        with open(file, "rb") as read:
            self.assertEqual(read.read(), body)
        self.assertEqual(_publish.tags(self.home, "team/a"), [_tag(body)])
        self.assertEqual(_publish.tags(self.home, "team"), [])

    def test_what_is_not_what_its_tag_says_is_not_published(self):
        with self.assertRaises(_publish.UnpublishedError):
            _publish.publish(self.home, "default", _tag(b"a: 1"), b"a: 2")
        self.assertEqual(os.listdir(self.home), [])

    def test_half_a_configuration_is_not_published(self):
        whole = FILE.encode()
        for body in (whole[:20], b"{{{{", b"a: }", b'a: "x', b"a: [1, 2}", b"\xff\xfe", b"a: ${HO"):
            with self.subTest(body), self.assertRaises(_publish.UnpublishedError):
                _publish.publish(self.home, "default", _tag(body), body)
        self.assertEqual(os.listdir(self.home), [])

    def test_all_that_the_daemon_spells_is_whole(self):
        for text in (
            'a: "\\"}{"\n',
            'a: ${?X}"/"${Y}\n',
            '"k.\\"x": [\n  {\n  },\n]\n',
            "a: -1.5e3\n",
            "",
        ):
            self.assertTrue(_publish.is_whole(text.encode()), text)

    def test_many_writers_at_once_leave_one_whole_file(self):
        body = (FILE * 200).encode()
        faults = []

        def write():
            try:
                _publish.publish(self.home, "default", _tag(body), body)
            except Exception as error:
                faults.append(error)

        writers = [threading.Thread(target=write) for _ in range(20)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        self.assertEqual(faults, [])
        self.assertEqual(os.listdir(self.home), ["default@" + _tag(body) + ".conf"])

    def test_only_the_oldest_files_go(self):
        for number in range(_publish.MAX_FILES + 3):
            body = b"a: %d\n" % number
            file = _publish.publish(self.home, "default", _tag(body), body)
            os.utime(file, (number, number))
        there = _publish.tags(self.home, "default")
        self.assertEqual(len(there), _publish.MAX_FILES)
        self.assertEqual(there[-1], _tag(body))
        self.assertNotIn(_tag(b"a: 0\n"), there)

    def test_what_the_daemon_said_is_kept_and_forgotten(self):
        body = FILE.encode()
        tag = _tag(body)
        file = _publish.publish(self.home, "default", tag, body)
        _publish.keep_status(self.home, "default", tag, {"state": "fresh"})
        kept = _publish.kept_status(self.home, "default")
        self.assertEqual(kept, {"state": "fresh", "tag": tag, "bytes": len(body)})
        self.assertEqual(_publish.intact(self.home, "default", kept), file)
        self.assertEqual(_publish.kept_profiles(self.home), ["default"])
        _publish.forget_status(self.home, "default")
        self.assertIsNone(_publish.kept_status(self.home, "default"))

    def test_half_of_what_the_daemon_said_is_nothing(self):
        path = os.path.join(self.home, "default.status.json")
        with open(path, "w") as file:
            file.write('{"state": "fre')
        os.chmod(path, 0o400)
        self.assertIsNone(_publish.kept_status(self.home, "default"))


class TrustTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = folder.name

    def _file(self, mode=0o400, owner=None, folder_mode=0o700):
        path = os.path.join(self.home, "default@aa.conf")
        with open(path, "w") as file:
            file.write("a: 1\n")
        os.chmod(path, mode)
        if owner is not None:
            os.chown(path, owner, -1)
        os.chmod(self.home, folder_mode)
        return path

    def test_a_file_of_our_own_that_nobody_can_change(self):
        self.assertIsNone(_trust.file_fault(self._file()))
        self.assertIsNone(_trust.file_fault(self._file(mode=0o440)))

    def test_a_file_that_others_may_change_or_read(self):
        for mode in (0o600, 0o444, 0o420, 0o402, 0o500):
            self.assertEqual(
                _trust.file_fault(self._file(mode)), "its permissions are too wide", mode
            )

    def test_a_file_in_a_folder_that_others_may_write_to(self):
        path = self._file(folder_mode=0o777)
        self.assertEqual(_trust.file_fault(path), "others may write to its folder")

    def test_a_link_is_no_file(self):
        path = os.path.join(self.home, "link.conf")
        os.symlink(self._file(), path)
        self.assertEqual(_trust.file_fault(path), "it is no file")

    def test_a_file_that_is_not_there(self):
        self.assertIsNotNone(_trust.file_fault(os.path.join(self.home, "nothing")))

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a file away")
    def test_a_file_of_somebody_else(self):
        self.assertEqual(_trust.file_fault(self._file(owner=1234)), "it belongs to somebody else")

    def test_a_socket_of_our_own(self):
        with FakeDaemon() as daemon:
            self.assertIsNone(_trust.socket_fault(daemon.path))
            self.assertIsNone(_trust.peer_fault(daemon.path, os.geteuid()))
            self.assertIsNone(_trust.peer_fault(daemon.path, 0))
            self.assertIsNotNone(_trust.peer_fault(daemon.path, 4321))

    def test_a_socket_in_a_folder_that_others_may_write_to(self):
        with FakeDaemon() as daemon:
            os.chmod(daemon.folder, 0o777)
            self.assertEqual(_trust.socket_fault(daemon.path), "others may write to its folder")

    def test_a_file_is_no_socket(self):
        self.assertEqual(_trust.socket_fault(self._file()), "it is no socket")

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a socket away")
    def test_a_socket_of_somebody_else(self):
        with FakeDaemon() as daemon:
            os.chown(daemon.path, 1234, -1)
            # In a place that everybody may write to, nobody has appointed that user.
            self.assertEqual(
                _trust.socket_fault(daemon.path),
                "it belongs to a user whom nobody has appointed",
            )

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a socket away")
    def test_a_socket_that_root_gave_a_place(self):
        with FakeDaemon() as daemon:
            # As systemd's RuntimeDirectory= does it: root's folder, in it the service's.
            above = os.path.join(daemon.folder, "run")
            inner = os.path.join(above, "clearml-resolver")
            os.makedirs(inner, 0o755)
            path = os.path.join(inner, "resolver.sock")
            os.rename(daemon.path, path)
            os.chown(path, 1234, -1)
            os.chown(inner, 1234, -1)
            self.assertIsNone(_trust.socket_fault(path))
            os.chown(inner, 99, -1)
            self.assertIsNotNone(_trust.socket_fault(path))


if __name__ == "__main__":
    unittest.main()
