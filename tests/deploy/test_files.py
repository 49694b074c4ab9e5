"""The files of docs/deploy are what their tools take, and hold no secret."""

import re
import subprocess
import sys
import tomllib
import unittest
from pathlib import Path

import kubernetes_validate
import yaml

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def resources(name):
    """Returns the resources of a file, as Kubernetes reads them."""
    return list(yaml.safe_load_all((DEPLOY / name).read_text()))


def pod_of(values):
    """Returns a pod with what the chart puts into the pods of tasks."""
    template = values["agentk8sglue"]["basePodTemplate"]
    task = {"name": "task", "image": "ubuntu:24.04", "env": template["env"]}
    task["volumeMounts"] = template["volumeMounts"]
    spec = {"containers": [task], "initContainers": template["initContainers"]}
    spec["volumes"] = template["volumes"]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "task"}, "spec": spec}


def strings(node):
    """Returns the keys and texts below a node."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node


class Files(unittest.TestCase):
    def pods(self):
        yield from resources("kubernetes-daemonset.yaml")
        yield from resources("kubernetes-sidecar.yaml")
        yield from map(pod_of, resources("helm-values.yaml"))

    def test_kubernetes_takes_them(self):
        for pod in self.pods():
            version = kubernetes_validate.latest_version()
            kubernetes_validate.validate(pod, version, strict=True)

    def test_a_change_of_a_secret_reaches_every_pod_and_none_is_in_its_specification(self):
        for pod in self.pods():
            words = set(strings(pod))
            self.assertNotIn("subPath", words)
            self.assertNotIn("secretKeyRef", words, "a variable never changes, and is inherited")
            self.assertFalse([word for word in words if re.search(r"(?i)secret_key|password", word)])

    def test_what_holds_the_configuration_is_in_memory(self):
        for pod in self.pods():
            spec = pod["spec"].get("template", pod)["spec"]
            for volume in spec["volumes"]:
                if "emptyDir" in volume:
                    self.assertEqual(volume["emptyDir"]["medium"], "Memory", volume["name"])

    def test_ansible_takes_its_play(self):
        command = [Path(sys.executable).with_name("ansible-playbook"), "--syntax-check"]
        subprocess.run([*command, "-i", "localhost,", DEPLOY / "ansible.yaml"], check=True)

    def test_the_shell_takes_its_script(self):
        subprocess.run(["bash", "-n", DEPLOY / "autoscaler.sh"], check=True)

    def test_every_example_of_a_page_can_be_read(self):
        readers = {
            "sh": lambda text: subprocess.run(["bash", "-n"], input=text, text=True, check=True),
            "toml": tomllib.loads,
            "yaml": yaml.safe_load,
        }
        pages = list(DEPLOY.glob("*.md"))
        self.assertTrue(pages)
        for page in pages:
            for language, text in BLOCK.findall(page.read_text()):
                with self.subTest(page=page.name, text=text):
                    readers.get(language, lambda text: None)(text)

    def test_every_file_is_named_by_a_page(self):
        pages = "".join(page.read_text() for page in DEPLOY.glob("*.md"))
        for path in DEPLOY.iterdir():
            if path.suffix != ".md":
                self.assertIn(f"({path.name})", pages)


if __name__ == "__main__":
    unittest.main()
