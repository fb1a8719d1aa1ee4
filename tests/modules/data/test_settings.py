import pickle

import pytest

from modules.data.generated import GENERATED
from modules.data.readers import READERS
from modules.data.settings import PATHS, Augmentation, Data, Mixing, RandAugment
from modules.recipe import Recipe


def test_nothing_is_looked_up_before_it_is_planned():
    data = Data(name="folder", path="/there/is/no/such/folder", train_size=1_000_000)
    assert data.place == "/there/is/no/such/folder"


def test_every_kind_of_data_has_a_reader():
    assert READERS.keys() == {*PATHS, *GENERATED}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"name": "folders", "path": "x"}, "there is no data set 'folders'; did you mean folder"),
        ({"name": "imagenet"}, "there is no data set 'imagenet'"),
        ({"name": "/my/images.py"}, r"name the function in it that returns the images: /my/images\.py:function"),
        ({"name": "folder"}, "folder needs a path: a folder with a folder of images for every class"),
        ({"name": "npz"}, r"npz needs a path: a \.npz file"),
        ({"name": "hub"}, "hub needs a path: a data set of the Hugging Face hub"),
        ({"path": "x"}, "digits takes no path, only folder, npz, hub do"),
        ({"name": "a:b", "path": "x"}, "a:b takes no path"),
        ({"arguments": {"a": 1}}, "digits takes no arguments, only hub and functions do"),
        ({"name": "hub", "path": "mnist", "arguments": {"configs": "x"}}, "did you mean config"),
        ({"name": "folder", "path": "x", "channels": 4}, "1 or 3"),
        ({"name": "folder", "path": "x", "bad_files": "ignore"}, "'stop' or 'skip'"),
        ({"name": "folder", "path": "x", "chanels": 3}, "Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_advice(settings, words):
    with pytest.raises(ValueError, match=words):
        Data(**settings)


def test_data_with_arguments_are_a_value_and_a_mapping_where_they_are_written():
    one, other = (Data(name="m:f", arguments=arguments) for arguments in ({"a": 1, "b": [1, 2]}, {"b": [1, 2], "a": 1}))
    assert one == other
    assert hash(one) == hash(other)
    assert pickle.loads(pickle.dumps(one)) == one
    assert Data.model_validate(one.model_dump(mode="json")) == one
    assert one.model_dump(mode="json")["arguments"] == {"a": 1, "b": [1, 2]}
    names = {kind.__name__: kind for kind in (Data, Augmentation, RandAugment, Mixing)}
    assert eval(repr(one), names) == one


def test_the_source_forgets_what_is_done_to_the_images():
    settings = {"name": "folder", "path": "x", "channels": 1, "bad_files": "skip"}
    assert Data(**settings, image_size=8, label_noise=0.5, stream=True).source == Data(**settings)


def test_a_schema_explains_every_setting():
    schema = Recipe.model_json_schema()["$defs"]["Data"]["properties"]
    assert all(schema[name].get("description") or "$ref" in schema[name] for name in Data.model_fields)
    assert schema["arguments"]["type"] == "object"
