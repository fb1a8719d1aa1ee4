import sys

import pytest

from modules.recipe import Data, Recipe
from modules.tasks.task import task_of

RECIPE = Recipe(data=Data(name="digit_boxes", arguments={"images": 10, "size": 24, "classes": 1}))


def test_a_plain_recipe_is_fit():
    task_of(RECIPE.data).refuse_unfit(RECIPE)


@pytest.mark.parametrize("library", ["cv2", "pycocotools.coco"])
def test_a_library_that_is_missing_is_told_of_before_anything_is_trained(library, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ValueError, match=r"pip install 'ablations\[detection\]' brings it"):
        task_of(RECIPE.data).refuse_unfit(RECIPE)
