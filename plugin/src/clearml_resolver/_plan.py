"""What a process's environment should be: the rules R0 to R11, as a pure function.

The same planner in Rust serves ``clearml-resolver exec``; both are held to the vectors in
``tests/fixtures/plugin``. No secret goes into a variable: a plan names a file.
"""

from __future__ import annotations

from os.path import basename

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

SWITCH = "CLEARML_RESOLVER"
APPLIED = "CLEARML_RESOLVER_APPLIED"
#: The variables that a plan has set, for the plans of the process's children.
OURS = "CLEARML_RESOLVER_SET"
FAIL = "CLEARML_RESOLVER_FAIL"
FILES = ("CLEARML_CONFIG_FILE", "TRAINS_CONFIG_FILE")
SDK_VAULTS_OFF = "CLEARML_DISABLE_VAULT_SUPPORT"
AGENT_VAULTS_OFF = "CLEARML_AGENT_DISABLE_VAULT_SUPPORT"
HIDDEN_NAMES = "CLEARML_AGENT_DOCKER_ARGS_HIDE_ENV"

#: The verdicts of a plan.
APPLY, KEEP, LEAVE, REFUSE = "apply", "keep", "leave", "refuse"

_ON = ("1", "on", "true", "yes")
_OFF = ("0", "off", "false", "no")
_CONF = ".conf"


class Process:
    """What the planner knows of a process.

    `activation` is ``plugin`` or ``exec``: whether it wants the configuration by a variable, or
    because somebody typed so. `own_files` says how its user's ``~/clearml.conf`` stands to the
    daemon: ``none`` is there, it is ``served``, or it is ``foreign``, so that the daemon's answer
    would lack it.
    """

    __slots__ = ("activation", "arguments", "environment", "own_files")

    def __init__(
        self,
        activation: str,
        environment: Mapping[str, str],
        arguments: Sequence[str],
        own_files: str = "none",
    ) -> None:
        self.activation = activation
        self.environment = environment
        self.arguments = arguments
        self.own_files = own_files

    def text(self, name: str) -> str:
        """Return a variable's text as the clients read it: trimmed, empty if it is unset."""
        return self.environment.get(name, "").strip()

    def is_agent(self) -> bool:
        """Whether it is a ClearML agent: the script of that name, or ``-m clearml_agent``."""
        names = [basename(argument) for argument in self.arguments[:_SCRIPT_WITHIN]]
        return any(name in ("clearml-agent", "clearml_agent") for name in names)

    def is_glue(self) -> bool:
        """Whether it is the Kubernetes glue, which copies its file into the pods it makes."""
        names = [basename(argument) for argument in self.arguments[:_SCRIPT_WITHIN]]
        in_cluster = bool(self.text("KUBERNETES_SERVICE_HOST"))
        return in_cluster and any("k8s" in name and "glue" in name for name in names)


#: Within how many words a command line names its script: an interpreter and its flags come first.
_SCRIPT_WITHIN = 8


class Plan:
    """What to do, and why.

    `verdict` is `APPLY` (use the daemon's file), `KEEP` (what the parent process applied stays),
    `LEAVE` (the daemon's file is not used) or `REFUSE` (the process must not start). `from_kept`
    says that the daemon is away and the last good file counts.
    """

    __slots__ = ("_flags", "_owned", "from_kept", "reason", "verdict")

    def __init__(
        self,
        verdict: str,
        reason: str,
        owned: Sequence[str],
        flags: Optional[Dict[str, str]] = None,
        *,
        from_kept: bool = False,
    ) -> None:
        self.verdict = verdict
        self.reason = reason
        self.from_kept = from_kept
        self._owned = owned
        self._flags = flags or {}

    def changes(self, file: str) -> Tuple[Dict[str, str], List[str]]:
        """Return the variables to set, for a configuration that lies in `file`, and to unset."""
        if self.verdict == KEEP:
            return {}, []
        if self.verdict != APPLY:
            return {}, sorted(self._owned)
        to_set = {FILES[0]: file, APPLIED: _stem(file)}
        to_set.update(self._flags)
        # Names to hide only ever grow, so that nothing has to be taken back.
        to_set[OURS] = " ".join(sorted(name for name in to_set if name != HIDDEN_NAMES))
        return to_set, sorted(set(self._owned) - set(to_set))


def plan(
    process: Process,
    status: Optional[Mapping[str, Any]],
    kept: Optional[Mapping[str, Any]] = None,
) -> Plan:
    """Plan a process's environment.

    `status` is what the daemon says of the profile (``GET /v1/status``), `None` if it is away;
    `kept` is what it said when the last good file was published, `None` if there is no such file.
    """
    owned = _inherited(process)
    reason = _left_by_choice(process, owned)
    if reason is not None:
        return Plan(LEAVE, reason, owned)
    if status is not None and status.get("state") == "revoked":
        return Plan(LEAVE, "R3: the server has withdrawn the daemon's access", owned)
    usable = status is not None and status.get("digest") and status.get("state") != "expired"
    if usable:
        return _with_answer(process, status or {}, owned, from_kept=False)
    return _without_answer(process, status, kept, owned)


def fingerprint(access_key: str) -> str:
    """Return what stands for an access key where the key itself is nobody's business."""
    from hashlib import sha256

    return sha256(access_key.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _inherited(process: Process) -> List[str]:
    """Return the variables that a plan of a parent process has set and that still are ours."""
    applied = process.text(APPLIED)
    if not applied:
        return []
    named = process.text(OURS).split()
    ours = [name for name in named if name in (APPLIED, OURS, SDK_VAULTS_OFF, AGENT_VAULTS_OFF)]
    # The agent copies each CLEARML_X to TRAINS_X.
    ours += [name for name in FILES if _stem(process.text(name)) == applied]
    return sorted({*ours, APPLIED, *([OURS] if OURS in process.environment else [])})


def _left_by_choice(process: Process, owned: Sequence[str]) -> Optional[str]:
    switch = process.text(SWITCH).lower()
    if switch in _OFF:
        return "R0: switched off by CLEARML_RESOLVER"
    if process.activation == "plugin" and switch not in _ON:
        return "R0: not switched on by CLEARML_RESOLVER=on"
    if process.is_glue():
        return "R8: the Kubernetes glue copies its file into pods"
    return _chosen_file(process, owned) or _owner_token(process)


def _chosen_file(process: Process, owned: Sequence[str]) -> Optional[str]:
    """Say which file somebody has chosen already: rule R1. Who types `exec` chooses ours."""
    for argument in process.arguments:
        if argument == "--config-file" or argument.startswith("--config-file="):
            return "R1: --config-file names another file"
    names = FILES if process.activation == "plugin" else ()
    for name in names:
        if process.text(name) and name not in owned:
            return "R1: {} names another file".format(name)
    return None


def _owner_token(process: Process) -> Optional[str]:
    if process.text("CLEARML_AUTH_TOKEN"):
        return "R2: the process acts for the owner of CLEARML_AUTH_TOKEN"
    return None


def _with_answer(
    process: Process, status: Mapping[str, Any], owned: Sequence[str], *, from_kept: bool
) -> Plan:
    reason = _foreign(process, status)
    if reason is None and status.get("masked"):
        reason = "the daemon shows this user masks in the place of secrets"
    if reason is not None:
        return Plan(LEAVE, reason, owned)
    if process.is_agent():
        return _for_agent(process, status, owned, from_kept=from_kept)
    return _for_sdk(process, status, owned, from_kept=from_kept)


def _foreign(process: Process, status: Mapping[str, Any]) -> Optional[str]:
    """Say why the profile is not that of the process's identity: rule R2."""
    key = process.text("CLEARML_API_ACCESS_KEY") or process.text("TRAINS_API_ACCESS_KEY")
    identity = status.get("identity")
    if key and identity and fingerprint(key) != identity:
        return "R2: the process has another access key than the daemon"
    host = process.text("CLEARML_API_HOST") or process.text("TRAINS_API_HOST")
    server = status.get("server")
    if host and server and host.rstrip("/") != server.rstrip("/"):
        return "R2: the process uses another server than the daemon"
    if process.own_files == "foreign":
        return "R2: the user's own clearml.conf is not among the files that the daemon reads"
    return None


def _for_agent(
    process: Process, status: Mapping[str, Any], owned: Sequence[str], *, from_kept: bool
) -> Plan:
    flags = {}
    names = sorted({*process.text(HIDDEN_NAMES).split(), *status.get("hide_names", ())})
    if names:
        flags[HIDDEN_NAMES] = " ".join(names)
    spoiled = _spoiled(status)
    if spoiled:
        if "--use-owner-token" in process.arguments:
            return Plan(LEAVE, _conflict(spoiled, "with --use-owner-token"), owned)
        if any(vault.get("kind") == "monitoring" for vault in status.get("vaults", ())):
            return Plan(LEAVE, _conflict(spoiled, "beside a monitoring vault"), owned)
        if _is_free(process, AGENT_VAULTS_OFF, owned):
            flags[AGENT_VAULTS_OFF] = "1"
    return Plan(APPLY, _answered(status, from_kept=from_kept), owned, flags, from_kept=from_kept)


def _for_sdk(
    process: Process, status: Mapping[str, Any], owned: Sequence[str], *, from_kept: bool
) -> Plan:
    is_complete = (
        bool(status.get("identity"))
        and status.get("state") in ("fresh", "stale")
        and not status.get("quarantined")
    )
    flags = {}
    if is_complete and _is_free(process, SDK_VAULTS_OFF, owned):
        flags[SDK_VAULTS_OFF] = "1"
    spoiled = _spoiled(status)
    if spoiled and not is_complete:
        return Plan(LEAVE, _conflict(spoiled, "in an incomplete answer"), owned)
    return Plan(APPLY, _answered(status, from_kept=from_kept), owned, flags, from_kept=from_kept)


def _spoiled(status: Mapping[str, Any]) -> List[str]:
    """Return the vaults that the clients' own fetch would spoil: they read all texts as HOCON."""
    if not status.get("identity"):
        return []  # no server gives them, so that the clients fetch none
    vaults = status.get("vaults", ())
    return [
        vault.get("name") or vault.get("id", "")
        for vault in vaults
        if vault.get("kind") == "config" and (vault.get("spoiled") or vault.get("format") == "yaml")
    ]


def _conflict(vaults: Sequence[str], circumstance: str) -> str:
    named = ", ".join("`" + vault + "`" for vault in vaults)
    return "R6: conflict: {} {} would be spoiled by the client's own fetch".format(
        named, circumstance
    )


def _is_free(process: Process, name: str, owned: Sequence[str]) -> bool:
    return not process.text(name) or name in owned


def _answered(status: Mapping[str, Any], *, from_kept: bool) -> str:
    if from_kept:
        return "R3: the daemon is away; its last good answer is used"
    return "the daemon's answer is {}".format(status.get("state"))


def _without_answer(
    process: Process,
    status: Optional[Mapping[str, Any]],
    kept: Optional[Mapping[str, Any]],
    owned: Sequence[str],
) -> Plan:
    why = "the daemon is away" if status is None else "the daemon's answer is expired"
    if status is not None and status.get("state") != "expired":
        why = "the daemon has no answer"
    if any(name in owned for name in FILES):
        return Plan(KEEP, "R3: {}; what the parent process applied stays".format(why), owned)
    fail = process.text(FAIL).lower() or ("last_good" if process.is_agent() else "open")
    if fail == "closed":
        return Plan(REFUSE, "R3: {}, and CLEARML_RESOLVER_FAIL=closed".format(why), owned)
    if fail == "last_good" and kept is not None and kept.get("state") != "revoked":
        return _with_answer(process, kept, owned, from_kept=True)
    return Plan(LEAVE, "R3: {}".format(why), owned)


def _stem(file: str) -> str:
    name = basename(file)
    return name[: -len(_CONF)] if name.endswith(_CONF) else name
