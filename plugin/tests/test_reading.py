"""The reader of JSON, beside the standard library's."""

import json
import sys
import unittest
from unittest import mock

from clearml_resolver._reading import read_json

TEXTS = ("{}", " [1, -2.5e3, true, null] \n", '{"a": {"b": ["\\u00e9\\n", ""]}}', '"x"', "7")
BROKEN = (
    "",
    " ",
    "{",
    '{"a" 1}',
    "[1,]",
    "{} {}",
    "NaN",
    "[Infinity]",
    "nul",
    '"a\nb"',
    "[" * 10**6,
)


class ReadingTest(unittest.TestCase):
    def test_reads_as_the_standard_library(self):
        for text in TEXTS:
            self.assertEqual(read_json(text.encode()), json.loads(text), text)

    def test_what_is_no_json_is_refused(self):
        for text in (*BROKEN, b"\xff"):
            body = text if isinstance(text, bytes) else text.encode()
            with self.subTest(body[:20]), self.assertRaises(ValueError):
                read_json(body)

    def test_without_the_scanner_the_standard_library_reads(self):
        with mock.patch.dict(sys.modules, {"_json": None}):
            for text in TEXTS:
                self.assertEqual(read_json(text.encode()), json.loads(text), text)


if __name__ == "__main__":
    unittest.main()
