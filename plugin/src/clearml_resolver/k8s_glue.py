"""Gives the pods of the Kubernetes glue the node's daemon.

An Enterprise server's glue calls it before it applies a task's pod::

    CLEARML_K8S_GLUE_TEMPLATE_MODULE=clearml_resolver.k8s_glue:update_template

No secret gets into a pod's specification: the pod gets the socket's folder and, where
``CLEARML_RESOLVER_K8S_IMAGE`` names an image with this package, an init container that publishes
the configuration into memory.
"""

from __future__ import annotations

import os
from copy import deepcopy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

#: The folder of the node's socket, the same inside the pod.
SOCKET_FOLDER = "/run/clearml-resolver"
#: Where the init container publishes.
FILE_FOLDER = "/run/clearml-config"

_SOCKET_VOLUME = "clearml-resolver-socket"
_FILE_VOLUME = "clearml-resolver-file"
_CONFIG_FILE = FILE_FOLDER + "/clearml.conf"


def update_template(*_: Any, template: Dict[str, Any], **__: Any) -> Dict[str, Any]:
    """Return a pod's template with the daemon's socket, as the glue wants it.

    Applying it twice is applying it once; what the template says itself is left alone.
    """
    template = deepcopy(template)
    spec = template.setdefault("spec", {})
    socket = {"name": _SOCKET_VOLUME, "mountPath": SOCKET_FOLDER, "readOnly": True}
    host_path = {"path": SOCKET_FOLDER, "type": "Directory"}
    _add(spec, "volumes", {"name": _SOCKET_VOLUME, "hostPath": host_path})
    for container in spec.get("containers", []):
        _add(container, "volumeMounts", socket)
        _add(container, "env", {"name": "CLEARML_RESOLVER", "value": "on"})
    image = os.environ.get("CLEARML_RESOLVER_K8S_IMAGE", "").strip()
    if image:
        _publish_first(spec, socket, image)
    return {"template": template}


def _publish_first(spec: Dict[str, Any], socket: Dict[str, Any], image: str) -> None:
    file = {"name": _FILE_VOLUME, "mountPath": FILE_FOLDER}
    _add(spec, "volumes", {"name": _FILE_VOLUME, "emptyDir": {"medium": "Memory"}})
    publisher = {
        "name": "clearml-resolver",
        "image": image,
        "command": ["python3", "-m", "clearml_resolver", "publish", _CONFIG_FILE],
        "volumeMounts": [socket, file],
    }
    _add(spec, "initContainers", publisher)
    for container in spec.get("containers", []):
        _add(container, "volumeMounts", dict(file, readOnly=True))
        _add(container, "env", {"name": "CLEARML_CONFIG_FILE", "value": _CONFIG_FILE})


def _add(holder: Dict[str, Any], section: str, entry: Dict[str, Any]) -> None:
    entries: List[Dict[str, Any]] = holder.setdefault(section, [])
    if all(there.get("name") != entry["name"] for there in entries):
        entries.append(deepcopy(entry))
