"""Holds the planner to the vectors that the one in Rust is held to, too."""

import json
import os
import unittest

from clearml_resolver import _plan

VECTORS = os.path.join(os.path.dirname(__file__), "../../tests/fixtures/plugin/plan.json")
KEY = "AGENTKEY0123456789"


def _vectors():
    with open(VECTORS, encoding="utf-8") as file:
        return json.load(file)


class PlanTest(unittest.TestCase):
    def test_each_vector(self):
        for vector in _vectors():
            given, expected = vector["given"], vector["expected"]
            with self.subTest(vector["name"]):
                process = _plan.Process(
                    given["activation"],
                    given["environment"],
                    given["arguments"],
                    given["own_files"],
                )
                plan = _plan.plan(process, given["status"], given["kept"])
                to_set, to_unset = plan.changes(given["file"])
                got = {
                    "verdict": plan.verdict,
                    "reason": plan.reason,
                    "set": to_set,
                    "unset": to_unset,
                }
                self.assertEqual(got, expected)

    def test_each_rule_of_the_planner_has_a_vector(self):
        names = [vector["name"] for vector in _vectors()]
        for rule in ("r0", "r1", "r2", "r3", "r6", "r8", "r9"):
            self.assertTrue(any(name.startswith(rule + ":") for name in names), rule)

    def test_what_is_applied_is_named_by_profile_and_digest(self):
        """Rule R11: the digest only, never content."""
        for vector in _vectors():
            applied = vector["expected"]["set"].get("CLEARML_RESOLVER_APPLIED")
            if vector["expected"]["verdict"] == "apply":
                self.assertEqual(applied, "default@aa11")
            else:
                self.assertIsNone(applied)

    def test_no_variable_holds_a_secret(self):
        for vector in _vectors():
            self.assertNotIn(KEY, json.dumps(vector["expected"]))


if __name__ == "__main__":
    unittest.main()
