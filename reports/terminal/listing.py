"""What a person sees of what there is to choose from: everything in short, or one thing whole. Loads nothing heavy."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from typing import Any

import yaml

WIDTH = 100


def listing(listed: dict[str, Any]) -> str:
    """Ablations, factors and models, as `ablations.catalog.catalog` has them, a line or two each."""
    lines = ["Ablations (ablate run NAME):"]
    lines += [f"  {one['name']:18} {one['question']}" for one in listed["ablations"]]
    lines += ["", "Factors (ablate list NAME: what to expect of one, and what its settings take):"]
    for one in listed["factors"]:
        lines += [f"  {one['name']:18} {_defaults(one)}", f"  {'':18} {one['source']}"]
    lines += ["", f"{'Models:':20}{'parameters':>12}{'MACs':>15}   reference form"]
    for one in listed["models"]:
        lines.append(f"  {one['name']:18}{one['parameters']:>12,}{one['macs']:>15,}   {_form(one)}")
    return "\n".join(lines)


def whole(named: dict[str, Any]) -> str:
    """All that is known of what has one name, as `ablations.catalog.named` found it."""
    return "\n\n".join(tell(one) for kind, tell in TOLD.items() for one in named[kind])


def _factor(one: dict[str, Any]) -> str:
    parts = [f"{one['name']}, a factor", *(_filled(text) for text in (one["about"], *one["details"]))]
    parts += [_labelled({
        "Source": one["source"], "What the literature found": one["expect"], "What people get wrong": one["pitfall"],
    })]  # fmt: skip
    settings = [_setting(name, setting) for name, setting in one["settings"].items()]
    return "\n\n".join([*parts, "\n".join(["Settings, with their defaults:", *settings]), "To cite:", one["bibtex"]])


def _setting(name: str, setting: dict[str, Any]) -> str:
    about = _filled(f"Takes {setting['takes']}. {setting['about']}", " " * 6)
    return f"  {name}: {_plain(setting['default'])}\n{about}"


def _ablation(one: dict[str, Any]) -> str:
    told = {key: value for key, value in one["spec"].items() if key not in ("name", "question")}
    written = yaml.safe_dump(told, sort_keys=False, default_flow_style=None, width=WIDTH)
    head = f"{one['name']}, a shipped ablation (ablate run {one['name']})"
    return f"{head}\n\n{_filled(one['question'])}\n\n{textwrap.indent(written, '  ').rstrip()}"


def _model(one: dict[str, Any]) -> str:
    counts = f"{one['parameters']:,} parameters, {one['macs']:,} MACs for an image"
    return f"{one['name']}, a model\n\n" + _labelled({
        "Source": one["source"], "Reference form": f"{_form(one)}: {counts}", "Builder": one["builder"],
    })  # fmt: skip


TOLD: dict[str, Callable[[dict[str, Any]], str]] = {"factors": _factor, "ablations": _ablation, "models": _model}


def _defaults(factor: dict[str, Any]) -> str:
    """Settings with their defaults; those without one by their names."""
    return ", ".join(_default(name, setting["default"]) for name, setting in factor["settings"].items())


def _default(name: str, value: Any) -> str:
    return name if value in (None, "", {}) else f"{name}: {_plain(value)}"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _form(model: dict[str, Any]) -> str:
    return f"{model['classes']} classes, {model['channels']} x {model['image_size']} x {model['image_size']}"


def _labelled(texts: dict[str, str]) -> str:
    return "\n".join(f"{label}:\n{_filled(text, '    ')}" for label, text in texts.items())


def _filled(text: str, indent: str = "") -> str:
    words = " ".join(text.split())
    return textwrap.fill(words, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
