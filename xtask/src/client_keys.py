"""Writes the keys that the installed clients know, one a line: path, kinds, clients, default.

With `--check`, says whether the file holds them already.

Three sources, each weaker than the one before: the packaged defaults as the client's own parser
reads them; the assignments that stand in their comments as examples; the paths that stand as
literals in the client's code. Only the first two tell a kind; a key that is known by name alone
may hold anything (`any`).
"""

import importlib.metadata
import json
import pathlib
import re
import sys

from clearml.utilities.pyhocon import ConfigFactory

# Each client: its distribution, its package, where its defaults are, its sections.
CLIENTS = {
    "agent": (
        "clearml-agent", "clearml_agent", ["backend_api/config/default"], ["agent", "sdk", "api"]
    ),
    "sdk": (
        "clearml", "clearml", ["backend_api/config/default", "config/default"], ["sdk", "api"]
    ),
}
# Texts that look like a path in the code and are none.
NO_KEY_ENDINGS = {"ml", "py", "conf", "json", "jsonl", "io", "com", "org", "log", "txt", "yaml", "sh", "git"}
# Examples in comments that stand beside the section they are about.
NO_KEYS = {"Example", "https", "environment", "files", "extra_keys"}
# What the code takes beside what the defaults show.
MORE_KINDS = {
    "agent.cuda_version": "string",
    "agent.cudnn_version": "string",
    "api.verify_certificate": "string",
    "sdk.storage.cache.size.max_used_bytes": "string",
    "sdk.storage.cache.size.min_free_bytes": "number",
}
EXAMPLE = re.compile(r'^\s*(?:#|//)\s*"?([A-Za-z_][\w]*)"?\s*([:={])\s*(.*)$')
OPENING = re.compile(r'^\s*"?([A-Za-z_][\w.]*)"?\s*[:=]?\s*{\s*(?:#.*)?$')
WORDS = re.compile(r"[a-z]{3,} [a-z]{2,} ")


class Keys:
    def __init__(self):
        self.found = {}

    def add(self, path, kind, client, default=None):
        key = self.found.setdefault(path, {"kinds": set(), "clients": set(), "default": None})
        key["kinds"].add(kind)
        key["clients"].add(client)
        if default is not None and key["default"] is None:
            key["default"] = default

    def add_tree(self, path, value, client):
        """Adds a value and all objects in it; a list counts as a whole."""
        if isinstance(value, dict):
            self.add(path, "object", client)
            for key, child in value.items():
                self.add_tree(path + "." + key.strip('"'), child, client)
        elif path.startswith("logging."):
            self.add(path, kind_of(value), client)
        else:
            self.add(path, kind_of(value), client, json.dumps(value))


def kind_of(value):
    if value is None:
        return "any"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, (list, tuple)):
        return "list"
    return "string"


def kind_of_example(mark, text):
    text = text.strip()
    if mark == "{" or text.startswith("{"):
        return "object"
    if text.startswith("["):
        return "list"
    word = text.rstrip(",").split("#")[0].strip()
    if word.lower() in ("true", "false"):
        return "boolean"
    if re.fullmatch(r"-?\d+(\.\d+)?", word):
        return "number"
    if word.startswith('"') or re.fullmatch(r"[\w~/.-]+", word):
        return "string"
    return None


def add_examples(keys, section, text, client):
    """Adds what stands in comments, below the sections that are open around it.

    What stands in a section that is itself an example is left out: its items are examples, too.
    """
    open_sections, depth_of_example = [], 0
    for line in text.splitlines():
        if line.lstrip().startswith(("#", "//")):
            found = EXAMPLE.match(line)
            if found and depth_of_example == 0:
                key, mark, rest = found.groups()
                is_prose = key in NO_KEYS or WORDS.match(rest)
                kind = None if is_prose else kind_of_example(mark, rest)
                if kind:
                    keys.add(".".join([section, *open_sections, key]), kind, client)
            balance = line.count("{") + line.count("[") - line.count("}") - line.count("]")
            depth_of_example = max(0, depth_of_example + balance)
            continue
        depth_of_example = 0
        opened = OPENING.match(line)
        if opened:
            open_sections.append(opened.group(1))
        else:
            for _ in range(line.split("#")[0].count("}") - line.split("#")[0].count("{")):
                if open_sections:
                    open_sections.pop()


def add_literals(keys, root, sections, client, sdk_sections):
    literal = re.compile(r"""["']([a-z_][a-z0-9_]*(?:\.[a-z0-9_]+)+)["']""")
    for path in sorted(root.rglob("*.py")):
        for text in literal.findall(path.read_text(encoding="utf-8", errors="replace")):
            first, last = text.split(".")[0], text.rsplit(".", 1)[1]
            if last in NO_KEY_ENDINGS or last.isdigit():
                continue
            if first in sections:
                keys.add(text, "any", client)
            elif client == "sdk" and first in sdk_sections:
                keys.add("sdk." + text, "any", client)


def table_of_clients():
    keys, versions = Keys(), []
    for client, (distribution, module, folders, sections) in CLIENTS.items():
        versions.append(f"{distribution} {importlib.metadata.version(distribution)}")
        root = pathlib.Path(importlib.metadata.distribution(distribution).locate_file(module))
        sdk_sections = set()
        for folder in folders:
            for path in sorted((root / folder).glob("*.conf")):
                text = path.read_text(encoding="utf-8")
                tree = ConfigFactory.parse_string(text, resolve=False).as_plain_ordered_dict()
                keys.add_tree(path.stem, tree, client)
                add_examples(keys, path.stem, text, client)
                if path.stem == "sdk":
                    sdk_sections.update(tree)
        add_literals(keys, root, sections, client, sdk_sections)
    for section in ("environment", "files"):
        keys.add(section, "object", "agent")
        keys.add(section, "object", "sdk")
    for path, kind in MORE_KINDS.items():
        keys.found[path]["kinds"].add(kind)
    lines = ["# " + ", ".join(sorted(versions))]
    for path, key in sorted(keys.found.items()):
        kinds = sorted(key["kinds"] - {"any"}) or ["any"]
        default = key["default"] if key["default"] is not None else ""
        lines.append("\t".join([path, " ".join(kinds), " ".join(sorted(key["clients"])), default]))
    return "\n".join(lines) + "\n"


def main():
    target, *flags = sys.argv[1:]
    table = table_of_clients()
    if "--check" not in flags:
        pathlib.Path(target).write_text(table, encoding="utf-8")
    elif pathlib.Path(target).read_text(encoding="utf-8") != table:
        sys.exit(f"{target} is not what the clients' packages say; run `cargo xtask schema`")


main()
