"""Templates become pages of one file each: styles and scripts inside, and a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup


def rendered(template: str, scripts: Sequence[str], **content: Any) -> str:
    """A template of `reports/pages/templates/`; the scripts run in their order, each as a module."""
    inlined = [Markup(script) for script in scripts]
    return _environment().get_template(template).render(scripts=inlined, policy=policy(scripts), **content)


def script(name: str) -> str:
    """The text of a script that lies beside the templates."""
    return resources.files("reports.pages").joinpath("templates", name).read_text(encoding="utf-8")


def policy(scripts: Sequence[str]) -> str:
    """A content security policy (W3C 2016): these scripts, told by their checksums, and no request to anywhere.

    Whatever a name of an arm may smuggle in is neither executed nor fetched, should it ever escape its escaping.
    """
    sums = " ".join(f"'sha256-{_checksum(script)}'" for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {sums}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def _checksum(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("reports.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
