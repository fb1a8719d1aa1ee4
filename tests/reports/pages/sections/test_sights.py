import pandas as pd

from reports.pages.page import page
from reports.pages.sections.sights import sights
from tests.reports.conftest import make_runs, make_study

IMAGE = {
    "png": "iVBORw0KGgo=",
    "side": 64,
    "true": [[10.0, 5.0, 30.0, 25.0, "3"]],
    "found": [[11.2, 5.0, 30.1, 24.0, "<b>", -0.25]],
}
EMPTY = {"png": "iVBORw0KGgo=", "side": 64, "true": [], "found": []}
RUNS = make_runs()


def study(runs=RUNS, **images):
    models = runs["model"].unique()
    return make_study(runs, sights={(model, arm): one for model in models for arm, one in images.items()})


def test_nothing_is_shown_where_no_run_left_images():
    assert sights(make_study(RUNS)) == []
    assert "What each arm sees" not in page(make_study(RUNS), {})


def test_every_arm_but_the_sham_shows_its_images():
    (baseline, dropout) = sights(study(baseline=[IMAGE, EMPTY], dropout=[IMAGE], sham=[IMAGE]))
    assert (baseline.title, dropout.title) == ("baseline", "dropout")
    (box,) = baseline.images[0].found
    assert (box.left, box.top, box.width, box.height) == (11.2, 5.0, 18.9, 19.0)
    assert [image.words for image in baseline.images] == [
        "There: 3. Found: <b> (−0.25).",
        "There: nothing. Found: nothing.",
    ]


def test_arms_are_told_from_each_other_on_several_models():
    runs = pd.concat([RUNS, make_runs(models=("vgg11",))])
    assert [arm.title for arm in sights(study(runs, baseline=[IMAGE]))] == ["baseline · lenet5", "baseline · vgg11"]


def test_the_page_shows_boxes_over_images_and_escapes_what_others_named():
    written = page(study(baseline=[IMAGE]), {})
    assert '<h2 id="sights">What each arm sees</h2>' in written
    assert 'href="#sights"' in written
    assert '<rect class="true" x="10.0" y="5.0" width="20.0" height="20.0"/>' in written
    assert "&lt;b&gt; (−0.25)" in written and "<b>" not in written.replace("<body>", "")


def test_masks_stand_beside_their_image_and_classes_are_told_in_words():
    masked = {"png": "iVBORw0KGgo=", "side": 48, "masks": ["dHJ1ZQ==", "Zm91bmQ="], "true": ["3"], "found": []}
    (baseline,) = sights(study(baseline=[masked]))
    assert baseline.images[0].words == "There: 3. Found: nothing."
    shown = page(study(baseline=[masked]), {})
    assert 'viewBox="0 0 144 48"' in shown
    assert all(mask in shown for mask in masked["masks"])
    assert "a colour for each class" in shown
