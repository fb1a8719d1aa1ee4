import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ablations import SpecError, load_spec, shipped_specs
from ablations.document import Document
from ablations.factors import FACTORS
from ablations.spec import Spec

GOOD = "name: a\nfactors:\n  dropout: {p: 0.5}\n"

BAD = {
    "unknown key": ("nam: a\nfactors: {dropout: }\n", r":1: (nam: unknown key; did you mean name\?|name: this key is required)"),
    "unknown deep key": (
        "name: a\nbaseline:\n  trainer:\n    epoch: 3\nfactors: {dropout: }\n",
        r":4: baseline\.trainer\.epoch: unknown key; did you mean epochs\?",
    ),
    "unknown factor": ("name: a\nfactors:\n  dropot: {}\n", r":3: factors\.dropot: .*did you mean dropout\?"),
    "misspelt model": (
        "name: a\nbaseline:\n  model: {name: lenet}\nfactors: {dropout: }\n",
        r":3: baseline\.model\.name: there is no model 'lenet'; did you mean lenet5 ",
    ),
    "misspelt optimizer": (
        "name: a\nbaseline:\n  optimizer: {name: admm, lr: 1}\nfactors: {dropout: }\n",
        r":3: baseline\.optimizer\.name: there is no optimizer 'admm'; did you mean adam",
    ),
    "misspelt scheme": ("name: a\nfactors:\n  init: {scheme: he_norm}\n", r":3: factors\.init\.scheme: .*did you mean he_normal"),
    "setting of another optimizer": (
        "name: a\nfactors:\n  optimizer: {name: adam, lr: 0.01, momentum: 0.9}\n",
        r":3: factors\.optimizer\.momentum: adam has no such setting",
    ),
    "level out of range": ("name: a\nfactors:\n  dropout: {p: 1.5}\n", r":3: factors\.dropout\.p: must be below 1, not 1\.5"),
    "second level out of range": (
        "name: a\nfactors:\n  dropout:\n    - {p: 0.5}\n    - {p: -1}\n",
        r":5: factors\.dropout\.1\.p: must be at least 0, not -1",
    ),
    "wrong type": ("name: a\nfactors:\n  dropout: {p: high}\n", r":3: factors\.dropout\.p: must be a number, not 'high'"),
    "level that is no mapping": ("name: a\nfactors:\n  dropout: 3\n", r":3: factors\.dropout: must be a mapping"),
    "infinite level": ("name: a\nfactors:\n  mixup: {alpha: .inf}\n", r":3: factors\.mixup\.alpha: must be a finite number, not inf"),
    "infinite setting": (
        "name: a\nbaseline:\n  regularization: {l1: 1e400}\nfactors: {dropout: }\n",
        r":3: baseline\.regularization\.l1: must be a finite number",
    ),
    "too few numbers": (
        "name: a\nfactors:\n  optimizer: {name: adam, betas: [0.9]}\n",
        r":3: factors\.optimizer\.betas: must hold at least 2 values",
    ),
    "number in a list out of range": (
        "name: a\nfactors:\n  optimizer: {name: adam, betas: [0.9, 1.5]}\n",
        r":3: factors\.optimizer\.betas\.1: must be below 1, not 1\.5",
    ),
    "truth value by YAML's reading": (
        "name: a\nfactors:\n  max_norm: {norm: off}\n",
        r":3: factors\.max_norm\.norm: must be a number, not False; False is how YAML reads false, no and off",
    ),
    "choice by YAML's reading": (
        "name: a\nfactors:\n  averaging: {kind: no}\n",
        r":3: factors\.averaging\.kind: .*'False'; known: ema, swa; False is how YAML reads",
    ),
    "key that is a list": ("name: a\nfactors:\n  ? [dropout, mixup]\n  : {}\n", r":3:5: not readable as YAML: a key must be text"),
    "empty file": ("", r": the file is empty; a spec needs at least"),
    "list": ("- a\n", r":1: a spec is a mapping"),
    "unparsable": ("name: a\nfactors: [1, {\n", r":3:1: not readable as YAML"),
    "tag that builds an object": (
        'name: a\nfactors: !!python/object/apply:os.system ["true"]\n',
        r":2:10: .*a spec holds plain values only, no tags",
    ),
    "key twice": (GOOD + "name: b\n", r":4:1: not readable as YAML: the key 'name' stands twice"),
    "name with a path": ("name: ../x\n" + GOOD[8:], r":1: name: must be 1 to 64 letters.*not '\.\./x'"),
    "no seeds": ("seeds: 0\n" + GOOD, r":1: seeds: there must be at least 1 seed"),
    "seed twice": ("seeds: [1, 1]\n" + GOOD, r":1: seeds: a seed is listed twice"),
    "margin that is no number": ("margin: .nan\n" + GOOD, r":1: margin: must be a finite number"),
    "arm equal to the baseline": (
        "name: a\nfactors:\n  batchnorm: {}\n  dropout: {p: 0}\n",
        r":4: factors\.dropout: arm 'dropout' equals the baseline \(a level that is off leaves everything as it is\)",
    ),
    "arm that cannot switch off what the baseline has": (
        "name: a\nbaseline:\n  averaging: {kind: ema}\nfactors:\n  averaging: {kind: null}\n",
        r":5: factors\.averaging: arm 'averaging' equals the baseline \(a level that is off",
    ),
    "arm that the baseline is already": (
        "name: a\nbaseline:\n  regularization: {sam: 0.1}\nfactors:\n  sam: {rho: 0.1}\n",
        r":5: factors\.sam: arm 'sam' equals the baseline \(rho=0\.1 is its setting already\)",
    ),
    "arms that differ in what their kind does not read": (
        "name: a\nfactors:\n  averaging: [{kind: ema}, {kind: ema, start: 0.5}]\n",
        r":3: factors\.averaging\.1: arms .* are the same",
    ),
    "two arms that are the same": (
        "name: a\nfactors:\n  dropout: [{p: 0.5}, {p: 0.3}, {}]\n",
        r":3: factors\.dropout\.0: arms 'dropout p=0\.5' and 'dropout p=0\.5' are the same",
    ),
    "claim about no arm": (
        GOOD + "claims:\n  - {arm: drop, direction: lower}\n",
        r":5: claims\.0\.arm: there is no arm 'drop'; did you mean dropout\?",
    ),
    "too many images": (
        "name: a\nbaseline:\n  data: {train_size: 5000}\nfactors: {dropout: }\n",
        r":3: baseline\.data: train_size is 5000, but validation and test leave 808 of 1797 images of digits; lower it",
    ),
    "sham in the baseline": ("name: a\nbaseline: {replicate: 1}\nfactors: {dropout: }\n", r":2: baseline\.replicate: belongs"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_a_bad_spec_gets_one_line_that_says_where_and_what(text, message, complaint):
    assert re.match(message, complaint(text))


@pytest.mark.parametrize("name", shipped_specs())
def test_shipped_specs_load_and_read_back_as_they_are(name):
    spec = load_spec(name)
    assert spec.name == name
    assert spec.question
    assert Spec.model_validate(yaml.safe_load(yaml.safe_dump(spec.resolved(), sort_keys=False))) == spec


def test_remedies_names_its_arms_as_people_do():
    names = [arm.name for arm in load_spec("remedies").arms]
    assert (names[0], names[-1]) == ("baseline", "sham")
    assert {"dropout", "batchnorm", "averaging ema", "averaging swa", "init he_normal", "init zeros"} < set(names)


NOT_A_REMEDY = {
    "architecture", "depth", "skip", "auxiliary", "remove", "convolution", "subsampling", "activation", "loss",
    "stochastic_depth", "standardization", "sham", "upsampling", "rcnn_finetuning", "rcnn_classifier", "rcnn_regression",
    "rcnn_context",
}  # fmt: skip
"""Factors that LeNet-5 on digits has nothing for, that ask about the network or the loss, or that the baseline has already."""


def test_remedies_has_every_remedy():
    assert load_spec("remedies").factors.keys() == FACTORS.keys() - NOT_A_REMEDY


def test_remedies_full_has_all_that_remedies_has():
    assert load_spec("remedies").factors.keys() <= load_spec("remedies-full").factors.keys()


@pytest.mark.parametrize(
    ("levels", "names"),
    [
        ("{p: 0.3}", ["dropout"]),
        ("[{p: 0.3}, {}]", ["dropout p=0.3", "dropout p=0.5"]),
        ("", ["dropout"]),
    ],
)
def test_one_level_takes_the_factors_name_several_what_differs(levels, names, tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(f"name: a\nfactors:\n  dropout: {levels}\n")
    assert [arm.name for arm in load_spec(path).arms[1:-1]] == names


def test_overrides_reach_any_value():
    spec = load_spec(
        "remedies", ["seeds=[3, 5]", "baseline.trainer.epochs=5", "factors.init.1.scheme=orthogonal", "claims=[]"]
    )
    assert spec.seeds == (3, 5)
    assert spec.baseline.trainer.epochs == 5
    assert "init orthogonal" in [arm.name for arm in spec.arms]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seeds=0", "'seeds=0': seeds: there must be at least 1 seed"),
        ("factors.dropout.p=0", "'factors.dropout.p=0': factors.dropout: arm 'dropout' equals the baseline"),
        ("seeds", "'seeds': an override reads key=value"),
        ("name.x=1", "'name.x=1': 'name.x' leads to no value of remedies.yaml"),
        ("seeds=[", r"'seeds=\[': the value does not read as YAML"),
    ],
)
def test_a_bad_override_is_named(override, message):
    with pytest.raises(SpecError, match=f"^{message}"):
        load_spec("remedies", [override])


def test_a_misspelt_spec_is_offered_the_nearest():
    with pytest.raises(SpecError, match=r"remedes: there is no such file.*did you mean remedies or remedies-full\?"):
        load_spec("remedes")


@given(st.text(max_size=200) | st.binary(max_size=50).map(lambda raw: raw.decode("latin-1")))
def test_whatever_the_text_there_is_a_document_or_a_spec_error(text):
    try:
        document = Document("any", text)
    except SpecError as error:
        assert str(error).startswith("any")
    else:
        assert isinstance(document.tree, dict)


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*Spec.model_fields, "arms", "seeds", "looks", "stein", "dropout", "init", "p", "name", "lr"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(TREES)
def test_whatever_the_values_there_is_a_spec_or_one_line(tmp_path_factory, tree):
    path = tmp_path_factory.mktemp("specs") / "any.yaml"
    path.write_text(yaml.safe_dump(tree))
    try:
        load_spec(path)
    except SpecError as error:
        assert "\n" not in str(error)


@given(
    seeds=st.integers(1, 40) | st.lists(st.integers(0, 99), min_size=1, unique=True),
    p=st.floats(0.01, 0.99),
    lr=st.floats(1e-6, 10),
)
def test_a_resolved_spec_reads_back_as_an_equal_one(seeds, p, lr):
    factors = {"dropout": {"p": p}, "optimizer": {"name": "adam", "lr": lr}}
    spec = Spec.model_validate({"name": "a", "seeds": seeds, "factors": factors})
    assert Spec.model_validate(yaml.safe_load(yaml.safe_dump(spec.resolved(), sort_keys=False))) == spec
