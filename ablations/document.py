"""The text of a spec, with what is needed to say where something in it is."""

from __future__ import annotations

import re
from typing import Any

import yaml

Location = tuple[str | int, ...]


class SpecError(ValueError):
    """A spec that cannot be run: one line with the file, the line, the key, the rule and the cure."""


class _Loader(yaml.SafeLoader):
    """YAML's safe subset, with numbers like 1e-3 read as numbers."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+0123456789.")
)


class Document:
    """A spec as written: `tree` is its content, with overrides put in."""

    def __init__(self, name: str, text: str):
        self.name = name
        self._overrides: dict[tuple[str, ...], str] = {}
        try:
            self._node = yaml.compose(text, Loader=_Loader)
            _refuse_duplicates(self._node)
            self.tree = yaml.load(text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            raise SpecError(_syntax_error(name, error)) from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise SpecError(f"{name}: not readable as YAML: {' '.join(str(error).split())}") from None
        if self.tree is None:
            raise SpecError(f"{name}: the file is empty; a spec needs at least `name`, and `factors` or `arms`")
        if not isinstance(self.tree, dict):
            raise SpecError(f"{name}:1: a spec is a mapping of keys to values, not a {type(self.tree).__name__}")

    def override(self, text: str) -> None:
        """Sets one value, as `baseline.trainer.epochs=5`."""
        path, equals, value = text.partition("=")
        if not equals or not path:
            raise SpecError(f"{text!r}: an override reads key=value, for instance seeds=3")
        *keys, last = self._keys(path.split("."))
        parent: Any = self.tree
        try:
            for key in keys:
                parent = parent[int(key)] if isinstance(parent, list) else parent.setdefault(key, {})
            parent[int(last) if isinstance(parent, list) else last] = yaml.load(value, Loader=_Loader)
        except yaml.YAMLError:
            raise SpecError(f"{text!r}: the value does not read as YAML") from None
        except (TypeError, ValueError, IndexError, AttributeError, KeyError):
            raise SpecError(f"{text!r}: {path!r} leads to no value of {self.name}") from None
        self._overrides[(*keys, last)] = text

    def _keys(self, words: list[str]) -> list[str]:
        """A dotted path as keys; one with dots of its own, such as `optimizer.lr` under a search, is one key."""
        keys: list[str] = []
        node: Any = self.tree
        while words:
            names = [".".join(words[:count]) for count in range(len(words), 1, -1)]
            key = next((name for name in names if isinstance(node, dict) and name in node), words[0])
            keys, words = [*keys, key], words[1 + key.count(".") :]
            node = node.get(key) if isinstance(node, dict) else node
        return keys

    def place(self, location: Location) -> Location:
        """The part of a checker's location that stands in the document: branches of unions are left out, the last
        part, which may be a key that is missing, stays."""
        node: Any = self.tree
        found: list[str | int] = []
        for index, part in enumerate(location):
            if (isinstance(node, dict) and part in node) or (isinstance(node, list) and part in range(len(node))):
                node = node[part]  # type: ignore[index]
                found.append(part)
            elif index == len(location) - 1 and isinstance(node, dict) and isinstance(part, str):
                found.append(part)
        return tuple(found)

    def where(self, place: Location) -> str:
        """The override or the line that a place comes from."""
        wanted = tuple(str(part) for part in place)
        for path, text in self._overrides.items():
            if wanted and (path == wanted[: len(path)] or path[: len(wanted)] == wanted):
                return repr(text)
        return f"{self.name}:{_line(self._node, place)}"


def _line(node: yaml.Node | None, place: Location) -> int:
    """The line of the deepest part of the place that the file has."""
    line = 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(part)]
            if not found:
                return line
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line


def _refuse_duplicates(node: yaml.Node | None) -> None:
    """YAML parsers let the last of two equal keys win in silence."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key must be text", problem_mark=key.start_mark)
            if key.value in seen:
                problem = f"the key {key.value!r} stands twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(key.value)
            _refuse_duplicates(value)
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_duplicates(item)


def _syntax_error(name: str, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
    problem = " ".join(str(error.problem or error).split())
    if isinstance(error, yaml.constructor.ConstructorError):
        return f"{where}: {problem}; a spec holds plain values only, no tags"
    return f"{where}: not readable as YAML: {problem}"
