"""The configuration of this host's clearml-resolver daemon, for Python.

>>> import clearml_resolver
>>> clearml_resolver.get("sdk.aws.s3.region")  # doctest: +SKIP
'eu-central-1'

Nothing is loaded before it is used: this package is imported at the start of every interpreter
that opts in with ``CLEARML_RESOLVER=on``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List

    from ._client import UnsetError, config, get, status, watch
    from ._redaction import RedactingFilter
    from ._wire import UnansweredError

__all__ = ["RedactingFilter", "UnansweredError", "UnsetError", "config", "get", "status", "watch"]
__version__ = "0.1.0"

_ROOMS = {
    "RedactingFilter": "_redaction",
    "UnansweredError": "_wire",
    "UnsetError": "_client",
    "config": "_client",
    "get": "_client",
    "status": "_client",
    "watch": "_client",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used (PEP 562)."""
    if name not in _ROOMS:
        raise AttributeError("module `clearml_resolver` has no attribute `{}`".format(name))
    module = __import__(__name__ + "." + _ROOMS[name], fromlist=[name])
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
