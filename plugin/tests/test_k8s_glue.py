"""The adapter for the Kubernetes glue: what it adds to a pod, and what never gets into one."""

import os
import unittest
from unittest import mock

from clearml_resolver.k8s_glue import update_template


def _pod():
    return {"spec": {"containers": [{"name": "task", "env": [{"name": "A", "value": "b"}]}]}}


class GlueTest(unittest.TestCase):
    def test_a_pod_gets_the_socket(self):
        pod = update_template(template=_pod(), queue="q", task_config=object())["template"]["spec"]
        self.assertEqual(pod["volumes"][0]["hostPath"]["path"], "/run/clearml-resolver")
        container = pod["containers"][0]
        self.assertTrue(container["volumeMounts"][0]["readOnly"])
        self.assertNotIn("subPath", container["volumeMounts"][0])
        self.assertIn({"name": "CLEARML_RESOLVER", "value": "on"}, container["env"])
        self.assertIn({"name": "A", "value": "b"}, container["env"])
        self.assertNotIn("initContainers", pod)

    def test_an_image_publishes_first(self):
        with mock.patch.dict(os.environ, {"CLEARML_RESOLVER_K8S_IMAGE": "registry/image:1"}):
            pod = update_template(template=_pod())["template"]["spec"]
        publisher = pod["initContainers"][0]
        self.assertEqual(publisher["image"], "registry/image:1")
        self.assertEqual(publisher["command"][-1], "/run/clearml-config/clearml.conf")
        self.assertIn(
            {"name": "clearml-resolver-file", "emptyDir": {"medium": "Memory"}}, pod["volumes"]
        )

    def test_twice_is_once_and_the_argument_stays(self):
        pod = _pod()
        once = update_template(template=pod)["template"]
        self.assertEqual(pod, _pod())
        self.assertEqual(update_template(template=once)["template"], once)

    def test_what_the_template_says_is_left_alone(self):
        pod = _pod()
        pod["spec"]["containers"][0]["env"] = [{"name": "CLEARML_RESOLVER", "value": "off"}]
        env = update_template(template=pod)["template"]["spec"]["containers"][0]["env"]
        self.assertEqual(env, [{"name": "CLEARML_RESOLVER", "value": "off"}])


if __name__ == "__main__":
    unittest.main()
