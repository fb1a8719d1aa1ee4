import pydantic
import pytest
import yaml
from jsonschema import Draft202012Validator

from ablations import shipped_specs
from ablations.schema import spec_schema


@pytest.fixture(scope="module")
def validator():
    schema = spec_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("path", shipped_specs().values(), ids=shipped_specs())
def test_an_editor_accepts_what_is_shipped(path, validator):
    assert not list(validator.iter_errors(yaml.safe_load(path.read_text())))


@pytest.mark.parametrize(
    "spec",
    [
        {"name": "a", "factors": {"dropot": {}}},
        {"name": "a", "factors": {"dropout": {"p": 2}}},
        {"name": "a", "seeds": 0, "factors": {"dropout": {}}},
        {"name": "a", "factors": {}},
        {
            "name": "a",
            "factors": {"dropout": {}},
            "baseline": {"optimizer": {"name": "sgd", "lr": 0.1, "betas": [0, 0]}},
        },
    ],
)
def test_an_editor_underlines_what_the_loader_refuses(spec, validator):
    from ablations import Spec

    assert list(validator.iter_errors(spec))
    with pytest.raises(pydantic.ValidationError):
        Spec.model_validate(spec)
