import pydantic
import pytest
import yaml
from jsonschema import Draft202012Validator

from ablations import shipped_specs
from ablations.designs import DESIGNS
from ablations.schema import spec_schema


@pytest.fixture(scope="module")
def validator():
    schema = spec_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("path", shipped_specs().values(), ids=shipped_specs())
def test_an_editor_accepts_what_is_shipped(path, validator):
    assert not list(validator.iter_errors(yaml.safe_load(path.read_text())))


@pytest.mark.parametrize("design", DESIGNS)
def test_an_editor_accepts_every_design_and_whole_arms(design, validator):
    arms = {"light": {"dropout": {"p": 0.1}, "init": None}, "Ä, b + c": {"augmentation": {"shift": 0.1}}}
    assert not list(validator.iter_errors({"name": "a", "design": design, "factors": {"width": None}, "arms": arms}))
    assert not list(validator.iter_errors({"name": "a", "arms": arms}))


@pytest.mark.parametrize("seeds", [3, [5, 6]])
def test_an_editor_accepts_a_search(seeds, validator):
    search = {"optimizer.lr": {"low": 0.001, "high": 0.3, "log": True}, "trainer.batch_size": [16, 32]}
    tune = {"search": search, "trials": 5, "seeds": seeds, "sampler": "random", "pruning": "hyperband"}
    assert not list(validator.iter_errors({"name": "a", "factors": {"dropout": None}, "tune": tune}))


@pytest.mark.parametrize("seeds", [3, [5, 6], {"looks": [5, 10, 20]}, {"stein": 5}, {"stein": 5, "half_width": 0.5}])
def test_an_editor_accepts_seeds_and_rules(seeds, validator):
    assert not list(validator.iter_errors({"name": "a", "factors": {"dropout": None}, "seeds": seeds}))


@pytest.mark.parametrize(
    "spec",
    [
        {"name": "a", "factors": {"dropot": {}}},
        {"name": "a", "factors": {"dropout": {"p": 2}}},
        {"name": "a", "seeds": 0, "factors": {"dropout": {}}},
        {"name": "a", "seeds": {"looks": [5]}, "factors": {"dropout": {}}},
        {"name": "a", "seeds": {"look": [5, 10]}, "factors": {"dropout": {}}},
        {"name": "a", "seeds": {"looks": [2, 10]}, "factors": {"dropout": {}}},
        {"name": "a", "seeds": {"stein": 5, "half_width": 0}, "factors": {"dropout": {}}},
        {"name": "a", "factors": {}},
        {"name": "a"},
        {"name": "a", "factors": {"dropout": {}}, "design": "pairs"},
        {"name": "a", "arms": {}},
        {"name": "a", "arms": {"x": {}}},
        {"name": "a", "arms": {"x": {"dropot": {}}}},
        {"name": "a", "arms": {"x": {"dropout": [{"p": 0.2}]}}},
        {"name": "a", "arms": {"baseline": {"dropout": {}}}},
        {"name": "a", "arms": {"x" * 65: {"dropout": {}}}},
        {"name": "a", "arms": {" x": {"dropout": {}}}},
        {"name": "a", "factors": {"dropout": {}}, "tune": {"search": {}}},
        {"name": "a", "factors": {"dropout": {}}, "tune": {"search": {"optimizer.lr": [0.1]}}},
        {"name": "a", "factors": {"dropout": {}}, "tune": {"search": {"optimizer.lr": {"low": 0.1}}}},
        {"name": "a", "factors": {"dropout": {}}, "tune": {"search": {"optimizer.lr": [0.1, 0.2]}, "sampler": "grid"}},
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
