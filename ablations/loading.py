"""Specs from YAML, with errors that say where, what, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ablations.edit import Edit
from ablations.factors import FACTORS
from ablations.spec import Spec
from modules.names import nearest

SHIPPED = Path(__file__).parent / "specs"
Location = tuple[str | int, ...]


class SpecError(ValueError):
    """A spec that cannot be run: one line with the file, the line, the key, the rule and the cure."""


class _Loader(yaml.SafeLoader):
    """YAML's safe subset, with numbers like 1e-3 read as numbers."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+0123456789.")
)


def shipped_specs() -> dict[str, Path]:
    """The specs that come with the project, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}


def load_spec(source: str | Path, overrides: Sequence[str] = ()) -> Spec:
    """Reads a spec from a file, or a shipped one by name; `key=value` overrides name values by dotted path.

    Raises SpecError for whatever is wrong with it.
    """
    path = find_spec(str(source))
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{path}: cannot be read as UTF-8 text ({error})") from None
    document = _Document(str(path), text)
    for override in overrides:
        document.override(override)
    return document.spec()


def find_spec(source: str) -> Path:
    """The file that a name or path stands for."""
    shipped = shipped_specs()
    if source in shipped:
        return shipped[source]
    path = Path(source)
    if path.is_file():
        return path
    advice = nearest(path.stem, shipped)
    raise SpecError(f"{source}: there is no such file, and no shipped spec of that name; {advice}")


class _Document:
    """A spec's text with what is needed to say where something in it is."""

    def __init__(self, name: str, text: str):
        self.name = name
        self.overridden: dict[Location, str] = {}
        try:
            self.node = yaml.compose(text, Loader=_Loader)
            _refuse_duplicates(self.node)
            self.tree = yaml.load(text, Loader=_Loader)  # noqa: S506, a subclass of SafeLoader
        except yaml.MarkedYAMLError as error:
            raise SpecError(_syntax_error(name, error)) from None
        except yaml.YAMLError as error:
            raise SpecError(f"{name}: not readable as YAML: {' '.join(str(error).split())}") from None
        except (ValueError, RecursionError) as error:
            raise SpecError(f"{name}: not readable as YAML: {error}") from None
        if self.tree is None:
            raise SpecError(f"{name}: the file is empty; a spec needs at least `name` and `factors`")
        if not isinstance(self.tree, dict):
            raise SpecError(f"{name}:1: a spec is a mapping of keys to values, not a {type(self.tree).__name__}")

    def override(self, text: str) -> None:
        """Sets one value, as `baseline.trainer.epochs=5`."""
        path, equals, value = text.partition("=")
        if not equals or not path:
            raise SpecError(f"{text!r}: an override reads key=value, for instance seeds=3")
        keys = path.split(".")
        parent: Any = self.tree
        try:
            for key in keys[:-1]:
                parent = parent[int(key)] if isinstance(parent, list) else parent.setdefault(key, {})
            parent[int(keys[-1]) if isinstance(parent, list) else keys[-1]] = yaml.load(value, Loader=_Loader)  # noqa: S506
        except yaml.YAMLError:
            raise SpecError(f"{text!r}: the value does not read as YAML") from None
        except (TypeError, ValueError, IndexError, AttributeError, KeyError):
            raise SpecError(f"{text!r}: {path!r} leads to no value of {self.name}") from None
        self.overridden[tuple(keys)] = text

    def spec(self) -> Spec:
        try:
            spec = Spec.model_validate(self.tree)
            factors = {name: self._edits(name, levels) for name, levels in spec.factors.items()}
            return Spec.model_validate({**spec.__dict__, "factors": factors})
        except ValidationError as error:
            raise self._error(error, ()) from None

    def _edits(self, name: str, levels: Iterable[Any]) -> tuple[Edit, ...]:
        several = isinstance(self.tree["factors"][name], list)
        edits = []
        for index, level in enumerate(levels):
            try:
                edits.append(FACTORS[name].model_validate(level))
            except ValidationError as error:
                raise self._error(error, ("factors", name, *([index] if several else []))) from None
        return tuple(edits)

    def _error(self, error: ValidationError, prefix: Location) -> SpecError:
        first = error.errors(include_url=False)[0]
        location = (*prefix, *(part for part in first["loc"] if self._names_something(part)))
        key = ".".join(str(part) for part in location)
        rule = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            rule = f"unknown key; {nearest(str(first['loc'][-1]), _known_keys(location[:-1]))}"
        if first["type"] == "missing":
            rule = "this key is required"
        given = first["input"]
        value = f", not {given!r}" if isinstance(given, str | int | float | bool) and given != "" else ""
        if first["type"] in ("value_error", "extra_forbidden", "missing"):
            value = ""
        return SpecError(f"{self._where(location)}: {key + ': ' if key else ''}{rule}{value}")

    @staticmethod
    def _names_something(part: str | int) -> bool:
        """pydantic's locations also name the branch of a union; those are no keys of the file."""
        return part not in ("sgd", "rmsprop", "adagrad", "adam", "adamw") and not str(part).startswith(
            ("tuple[", "dict[", "function-", "is-instance[", "lax-or-strict[")
        )

    def _where(self, location: Location) -> str:
        for path, text in self.overridden.items():
            if path == tuple(str(part) for part in location[: len(path)]):
                return f"{text!r}"
        line = _line(self.node, location)
        return f"{self.name}:{line}"


def _line(node: yaml.Node | None, location: Location) -> int:
    """The line of the deepest part of the location that the file has."""
    line = 1
    for part in location:
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
            if key.value in seen:
                problem = f"the key {key.value!r} stands twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(str(key.value))
            _refuse_duplicates(value)
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_duplicates(item)


def _syntax_error(name: str, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
    if isinstance(error, yaml.constructor.ConstructorError):
        return f"{where}: {error.problem}; a spec holds plain values only, no tags"
    return f"{where}: not readable as YAML: {error.problem or error}"


def _known_keys(location: Location) -> list[str]:
    """The keys allowed at a place of a spec."""
    if location[:1] == ("factors",) and len(location) > 1:
        return list(FACTORS[str(location[1])].model_fields)
    fields: Any = Spec.model_fields
    for part in location:
        kind = fields[part].annotation if part in fields else None
        fields = getattr(kind, "model_fields", {})
    if not fields and location[-1:] == ("optimizer",):
        return sorted({key for kind in _optimizers() for key in kind.model_fields})
    return [name for name, field in fields.items() if not field.exclude and name != "replicate"]


def _optimizers() -> list[Any]:
    from modules import recipe

    return [recipe.Sgd, recipe.RmsProp, recipe.Adagrad, recipe.Adam, recipe.AdamW]
