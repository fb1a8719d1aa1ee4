"""The page: one file that works offline, on a phone, on paper, in the dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.figures import describe, javascript
from reports.numbers import points
from reports.pages.cards import cards, other_lines
from reports.pages.pictures import Picture, embedded, inlined, title_of
from reports.pages.sections import architecture_table, chosen_settings, comparison, further_tables
from reports.pages.sections.sights import sights
from reports.pages.templating import rendered, script
from reports.study import Study
from reports.words.alerts import alerts
from reports.words.answer import answer
from reports.words.claims import claims_method
from reports.words.cost import cost


def page(study: Study, pictures: Mapping[str, Picture], files: Sequence[str] = ()) -> str:
    """The report as HTML: `pictures` by name in the order in which they are shown; `files` that lie beside it."""
    scripts = [script("tables.js"), script("viewer.js"), *([javascript(), script("charts.js")] if pictures else [])]
    return rendered("page.html", scripts, **_content(study, pictures), downloads=files)


def _content(study: Study, pictures: Mapping[str, Picture]) -> dict[str, Any]:
    """What the template shows; what there is no data for is empty or None."""
    status = study.runs["status"].value_counts()
    return {
        "study": study,
        "method": _method(study),
        "several": len(study.models) > 1,
        "counts": ", ".join(f"{count:,} {word}" for word, count in status.items()),
        "margin": points(study.margin),
        "answer": answer(study),
        "cost": cost(study),
        "alerts": alerts(study),
        "comparison": comparison(study),
        "overall": architecture_table(study),
        "pictures": [_picture(study, name, picture) for name, picture in pictures.items()],
        "tables": further_tables(study),
        "sights": sights(study),
        "cards": cards(study),
        "other_lines": other_lines(study),
        "settings": chosen_settings(study),
    }


def _method(study: Study) -> dict[str, str]:
    """What it takes to do it again, label -> text."""
    claims = claims_method(study)
    return {**study.provenance, **({"Claims judged": claims} if claims else {})}


def _picture(study: Study, name: str, picture: Picture) -> dict[str, Any]:
    return {
        "name": name,
        "title": title_of(name, study.score),
        "said": describe(study, name),
        "drawing": inlined(picture.svg, name),
        "chart": embedded(picture.chart),
    }
