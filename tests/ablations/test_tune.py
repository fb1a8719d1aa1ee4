import json
import pickle
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ablations import Spec, SpecError, load_spec
from ablations.tune import Range, Tune, holds

SPEC = "name: a\nfactors:\n  dropout: {p: 0.5}\n  optimizer: {name: adam, lr: 0.001}\ntune:\n"

BAD = {
    "unknown key": ("  serch: {}\n", r":5: tune\.search: this key is required"),
    "unknown key of a range": (
        "  search:\n    optimizer.lr: {low: 0.1, high: 1, lo: 2}\n",
        r":7: tune\.search\.optimizer\.lr\.lo: unknown key; did you mean low or log\?",
    ),
    "missing end": ("  search:\n    optimizer.lr: {low: 0.1}\n", r":7: tune\.search\.optimizer\.lr\.high: this key is required"),
    "end that is no number": (
        "  search:\n    optimizer.lr: {low: x, high: 1}\n",
        r":7: tune\.search\.optimizer\.lr\.low: must be a number, not 'x'",
    ),
    "range the wrong way round": (
        "  search:\n    optimizer.lr: {low: 1, high: 0.1}\n",
        r":7: tune\.search\.optimizer\.lr: low must be below high, but 1 is not below 0\.1",
    ),
    "log range from 0": (
        "  search:\n    optimizer.lr: {low: 0, high: 1, log: true}\n",
        r":7: tune\.search\.optimizer\.lr: a log range has no end at or below 0; raise low above 0, it is 0",
    ),
    "list of one": ("  search:\n    optimizer.lr: [0.1]\n", r":7: .*a list must hold at least two values"),
    "value twice": ("  search:\n    optimizer.lr: [0.1, 0.1]\n", r":7: .*0\.1 is listed twice"),
    "neither range nor list": ("  search:\n    optimizer.lr: 3\n", r":7: tune\.search\.optimizer\.lr: must be a mapping"),
    "nothing": ("  search: {}\n", r":6: tune\.search: must hold at least one"),
    "unknown path": (
        "  search:\n    optimiser.lr: [1, 2]\n",
        r":7: tune\.search\.optimiser\.lr: no arm has such a setting; did you mean optimizer\.lr",
    ),
    "unknown setting of a factor": ("  search:\n    dropout.q: [0.1, 0.2]\n", r":7: .*did you mean dropout\.p\?"),
    "factor that is not switched": ("  search:\n    width.factor: [1, 2]\n", r":7: .*no arm has such a setting"),
    "end that the recipe refuses": (
        "  search:\n    optimizer.momentum: {low: 0, high: 1.2}\n",
        r":7: tune\.search\.optimizer\.momentum: 1\.2 cannot be in arm 'baseline': input should be less than 1",
    ),
    "end that a factor refuses": (
        "  search:\n    dropout.p: {low: 0.1, high: 1}\n",
        r":7: tune\.search\.dropout\.p: 1\.0 cannot be in arm 'dropout'",
    ),
    "fractions of a batch": ("  search:\n    trainer.batch_size: {low: 1.5, high: 9}\n", r":7: .*1\.5 cannot be in arm 'baseline'"),
    "what is compared": (
        "  search:\n    data.label_noise: {low: 0.0, high: 0.5}\n",
        r":7: tune\.search\.data\.label_noise: says what is compared, so it is not tuned",
    ),
    "another network": ("  search:\n    model.name: [lenet5, lenet1]\n", r":7: tune\.search\.model\.name: says what is compared"),
    "reported seeds": (
        "  search: {optimizer.lr: [0.1, 0.2]}\n  seeds: [3]\n",
        r":7: tune\.seeds: 3 is among the seeds that are reported, on which nothing may be chosen; take others",
    ),
    "no seeds": ("  search: {optimizer.lr: [0.1, 0.2]}\n  seeds: 0\n", r":7: tune\.seeds: there must be at least 1 seed"),
    "no trials": ("  search: {optimizer.lr: [0.1, 0.2]}\n  trials: 1\n", r":7: tune\.trials: must be at least 2, not 1"),
    "unknown sampler": ("  search: {optimizer.lr: [0.1, 0.2]}\n  sampler: tp\n", r":7: tune\.sampler: .*did you mean tpe\?"),
    "epochs under hyperband": (
        "  search: {trainer.epochs: [1, 2]}\n  pruning: hyperband\n",
        r":6: tune\.search\.trainer\.epochs: hyperband sets the epochs of a trial; leave one of the two out",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_a_bad_search_gets_one_line_that_says_where_and_what(text, message, complaint):
    assert re.match(message, complaint(SPEC + text))


SAME = {
    "two levels that differ in nothing else": ({"dropout": [{"p": 0.3}, {"p": 0.6}]}, "dropout.p", "dropout p=0.3", "dropout p=0.6"),
    "a level that is searched in the baseline, too": ({"weight_decay": {}}, "optimizer.weight_decay", "baseline", "weight_decay"),
}  # fmt: skip


@pytest.mark.parametrize(("factors", "key", "one", "other"), SAME.values(), ids=SAME)
def test_arms_that_a_search_could_make_the_same_are_refused(factors, key, one, other):
    tune = {"search": {key: {"low": 0.1, "high": 0.7}}}
    with pytest.raises(ValueError, match=f"arms '{one}' and '{other}' differ only in what is searched; leave one out"):
        Spec.model_validate({"name": "a", "factors": factors, "tune": tune})


def test_a_range_may_reach_down_to_off():
    tune = {"search": {"dropout.p": {"low": 0.0, "high": 0.7}}}
    assert Spec.model_validate({"name": "a", "factors": {"dropout": {}}, "tune": tune}).tune


def test_a_count_of_seeds_means_seeds_that_are_not_reported():
    tune = Tune.model_validate({"search": {"optimizer.lr": [1, 2]}, "seeds": 3})
    assert tune.seeds == (1_000_000, 1_000_001, 1_000_002)
    assert Tune.model_validate({"search": {"optimizer.lr": [1, 2]}, "seeds": [7]}).seeds == (7,)


def test_hyperband_trains_a_ninth_then_a_third_then_all():
    tune = Tune.model_validate({"search": {"optimizer.lr": [1, 2]}, "pruning": "hyperband"})
    assert tune.rungs(60) == (7, 20, 60)
    assert tune.rungs(1) == (1, 1, 1)
    assert Tune(search=tune.search).rungs(60) == (60,)


numbers = st.integers(-1000, 1000) | st.floats(-1e6, 1e6)


@st.composite
def spaces(draw):
    if draw(st.booleans()):
        scalars = st.booleans() | st.none() | numbers | st.text(max_size=5)
        return draw(st.lists(scalars, min_size=2, max_size=5, unique_by=lambda value: value))
    low, high = sorted(draw(st.lists(numbers, min_size=2, max_size=2, unique=True)))
    return {"low": low, "high": high, "log": low > 0 and draw(st.booleans())}


@given(st.dictionaries(st.sampled_from(["optimizer.lr", "dropout.p", "trainer.batch_size"]), spaces(), min_size=1))
def test_a_search_survives_json_and_yaml_with_its_kinds_of_numbers(search):
    tune = Tune.model_validate({"search": search})
    written = tune.model_dump(mode="json")
    for reread in (json.loads(json.dumps(written)), yaml.safe_load(yaml.safe_dump(written, sort_keys=False))):
        again = Tune.model_validate(reread)
        assert again == tune
        assert repr(again) == repr(tune)
    assert pickle.loads(pickle.dumps(tune)) == tune


@given(numbers, numbers)
def test_a_range_holds_its_ends_and_nothing_beyond(one, other):
    low, high = sorted((one, other))
    if low == high:
        return
    where = Range(low=low, high=high)
    assert holds(where, low)
    assert holds(where, high)
    assert not holds(where, high + 1)
    assert not holds(where, None)


def test_a_spec_with_a_search_reads_back_as_an_equal_one():
    tune = {"search": {"optimizer.lr": {"low": 0.001, "high": 0.3, "log": True}, "trainer.batch_size": [16, 32]}}
    spec = Spec.model_validate({"name": "a", "factors": {"dropout": {}}, "tune": tune})
    assert Spec.model_validate(json.loads(json.dumps(spec.resolved()))) == spec


def test_a_search_can_be_overridden_by_dotted_path(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(SPEC + "  search:\n    optimizer.lr: {low: 0.01, high: 1}\n    dropout.p: [0.1, 0.2]\n")
    spec = load_spec(path, ["tune.search.optimizer.lr.high=0.5", "tune.search.dropout.p=[0.3, 0.4]", "tune.trials=4"])
    assert spec.tune.search == {"optimizer.lr": Range(low=0.01, high=0.5), "dropout.p": (0.3, 0.4)}
    assert spec.tune.trials == 4
    with pytest.raises(
        SpecError, match=r"^'tune\.search\.optimizer\.lr\.high=0': tune\.search\.optimizer\.lr: low must be"
    ):
        load_spec(path, ["tune.search.optimizer.lr.high=0"])
