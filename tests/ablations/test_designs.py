"""Designs: how many arms there are, what each switches, and that what cannot be is refused in one line."""

import re
from functools import reduce
from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial.polynomial import polymul
from sklearn.model_selection import ParameterGrid

from ablations import Arm, load_spec
from ablations.designs import DESIGNS, MOST_ARMS, factorial, leave_one_out, one_at_a_time, pairwise
from ablations.difference import Undeclared, difference
from ablations.factors.augmentation import Augmentation
from ablations.factors.batchnorm import BatchNorm
from ablations.factors.dropout import Dropout
from ablations.factors.init import Init
from ablations.factors.weight_decay import WeightDecay
from ablations.factors.width import Width
from ablations.spec import Spec
from modules.build import anatomy, build
from modules.recipe import Data, Recipe

MAKERS = {
    "dropout": lambda dose: Dropout(p=dose / 10),
    "weight_decay": lambda dose: WeightDecay(strength=dose / 100),
    "augmentation": lambda dose: Augmentation(rotate=float(dose)),
    "width": lambda dose: Width(multiplier=1 + dose / 8),
}
DOSES = st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True)
FACTORS = st.dictionaries(st.sampled_from(sorted(MAKERS)), DOSES, max_size=4).map(
    lambda doses: {name: tuple(map(MAKERS[name], levels)) for name, levels in doses.items()}
)
FOUR = {"dropout": (Dropout(),), "batchnorm": (BatchNorm(),), "weight_decay": (WeightDecay(),), "init": (Init(),)}


def sizes(factors):
    """Combinations by how many factors are on: the coefficients of the product of (1 + levels x)."""
    return reduce(polymul, ([1, len(levels)] for levels in factors.values()), [1])


class TestCombinations:
    """one_at_a_time, pairwise, factorial."""

    @pytest.mark.parametrize("count", [1, 2, 3, 4])
    def test_with_one_level_each_pairwise_has_all_singles_and_all_pairs(self, count):
        factors = dict(list(FOUR.items())[:count])
        assert len(pairwise(factors)) == 1 + count + comb(count, 2)
        assert len(factorial(factors)) == 2**count

    @given(FACTORS)
    def test_counts_are_those_of_the_levels(self, factors):
        counts = sizes(factors)
        for design, most in ((one_at_a_time, 1), (pairwise, 2), (factorial, len(factors))):
            assert len(design(factors)) == sum(counts[: most + 1])

    @given(FACTORS)
    def test_no_arm_stands_twice_and_no_factor_is_on_twice(self, factors):
        for arms in map(lambda design: design(factors), (one_at_a_time, pairwise, factorial)):
            assert len({arm.name for arm in arms}) == len({frozenset(arm.edits) for arm in arms}) == len(arms)
            assert all(len({edit.factor for edit in arm.edits}) == len(arm.edits) for arm in arms)

    @given(FACTORS)
    def test_a_factorial_is_the_grid_of_scikit_learn(self, factors):
        grid = ParameterGrid({name: [None, *levels] for name, levels in factors.items()})
        wanted = {frozenset(level for level in point.values() if level is not None) for point in grid}
        assert {frozenset(arm.edits) for arm in factorial(factors)} == wanted

    @given(FACTORS)
    def test_a_smaller_design_is_the_beginning_of_a_larger_one(self, factors):
        pairs, all_arms = pairwise(factors), factorial(factors)
        assert pairs[: len(one_at_a_time(factors))] == one_at_a_time(factors)
        assert all_arms[: len(pairs)] == pairs
        assert pairs[0] == Arm("baseline")

    def test_arms_are_named_by_what_is_on(self):
        factors = {"dropout": (Dropout(p=0.2), Dropout(p=0.5)), "weight_decay": (WeightDecay(),), "init": (Init(),)}
        assert [arm.name for arm in pairwise(factors)] == [
            "baseline", "dropout p=0.2", "dropout p=0.5", "weight_decay", "init", "dropout p=0.2 + weight_decay",
            "dropout p=0.5 + weight_decay", "dropout p=0.2 + init", "dropout p=0.5 + init", "weight_decay + init",
        ]  # fmt: skip
        assert factorial(factors)[-1].name == "dropout p=0.5 + weight_decay + init"

    def test_a_factorial_too_large_is_refused_with_the_numbers_of_smaller_ones(self):
        factors = {f"factor{index}": (Dropout(p=0.1 + index / 100),) for index in range(9)}
        with pytest.raises(ValueError, match=f"9 factors has 512 arms, and {MOST_ARMS} .* pairwise has 46 .* 10$"):
            factorial(factors)
        assert len(factorial(dict(list(factors.items())[:8]))) == MOST_ARMS


class TestLeaveOneOut:
    """The full set is the baseline; every other arm lacks something."""

    @given(st.lists(st.sampled_from(sorted(FOUR)), unique=True))
    def test_there_is_the_full_set_each_without_one_and_none(self, names):
        arms = leave_one_out({name: FOUR[name] for name in names})
        assert len(arms) == {0: 1, 1: 2}.get(len(names), len(names) + 2)
        full, *others = (set(arm.edits) for arm in arms)
        assert len(full) == len(names)
        left_out = [full - edits for edits in others[: len(names)]]
        assert [{edit.factor for edit in gone} for gone in left_out] == [{name} for name in names]
        assert all(edits < full for edits in others)

    def test_arms_say_what_they_lack(self):
        spec = Spec.model_validate({"name": "a", "design": "leave_one_out", "factors": {"dropout": {}, "init": {}}})
        told = [(arm.name, arm.factor, arm.level, arm.title) for arm in spec.arms]
        assert told == [
            ("baseline", "baseline", "", "baseline"),
            ("without dropout", "dropout", "off", "without dropout"),
            ("without init", "init", "off", "without init"),
            ("none", "dropout + init", "off", "none"),
            ("sham", "sham", "", "sham"),
        ]

    def test_the_sham_is_the_full_set_with_other_streams(self):
        spec = Spec.model_validate({"name": "a", "design": "leave_one_out", "factors": {"dropout": {}, "init": {}}})
        baseline, sham = (arm.recipe(spec.baseline) for arm in (spec.arms[0], spec.arms[-1]))
        assert sham == baseline.model_copy(update={"replicate": 1})
        assert baseline.model.surgeries == (Dropout(), Init())

    def test_several_levels_cannot_all_be_on(self):
        with pytest.raises(ValueError, match="each has one level, but dropout has 2; keep one of them"):
            leave_one_out({"dropout": (Dropout(p=0.2), Dropout(p=0.5))})


PLAIN = Recipe(data=Data(image_size=16))
LEVELS = (Dropout(), BatchNorm(), WeightDecay(), Init(), Augmentation(shift=0.1), Width(multiplier=2.0))


def proved(arm, plain=PLAIN):
    return difference(arm, plain, lambda recipe: anatomy(build(recipe, 0)))


class TestProof:
    """Declarations hold in both directions."""

    @pytest.mark.parametrize("edit", LEVELS, ids=lambda edit: edit.factor)
    def test_what_is_left_out_is_declared_as_much_as_what_is_added(self, edit):
        rest = tuple(other for other in LEVELS[:4] if other.factor != edit.factor)
        added = proved(Arm("added", (*rest, edit), reference=rest))
        left_out = proved(Arm("left out", rest, reference=(*rest, edit)))
        assert len(added) == len(left_out)
        assert proved(Arm("baseline", (*rest, edit), reference=(*rest, edit))) == []

    def test_signs_turn_round(self):
        lines = proved(Arm("without batchnorm", (Dropout(),), reference=(Dropout(), BatchNorm())))
        assert lines[1] == "-2 BatchNorm2d modules"
        assert lines[-1] == "-22 parameters"

    @pytest.mark.parametrize(("one", "other"), list(combinations(LEVELS[:5], 2)), ids=lambda edit: edit.factor)
    def test_an_arm_may_lack_one_thing_and_have_another(self, one, other):
        assert proved(Arm("swapped", (one,), reference=(other,)))

    @pytest.mark.parametrize(("edits", "reference"), [((), "lie"), ("lie", ()), ((Dropout(),), "lie")])
    def test_an_undeclared_difference_is_found_wherever_the_edit_is(self, edits, reference, monkeypatch):
        monkeypatch.setattr(BatchNorm, "adds", frozenset())
        edits, reference = ((BatchNorm(),) if part == "lie" else part for part in (edits, reference))
        with pytest.raises(Undeclared, match=r"arm 'a' also changes .* number of BatchNorm2d modules"):
            proved(Arm("a", edits, reference))


SPEC = "name: a\ndesign: {design}\nfactors:\n  dropout: {{p: 0.5}}\n  batchnorm:\n  groupnorm:\n"
REFUSED = {
    "an unknown design": ("name: a\ndesign: pairs\nfactors: {dropout: }\n", r":2: design: there is no design 'pairs'; did you mean pairwise\?"),
    "a conflict in a pair": (SPEC.format(design="pairwise"), r":6: factors\.groupnorm: arm 'batchnorm \+ groupnorm': BatchNorm\(.*\) and GroupNorm\(.*\) both set the norm"),
    "a conflict in a factorial": (SPEC.format(design="factorial"), r":6: factors\.groupnorm: arm 'batchnorm \+ groupnorm': "),
    "a conflict in the full set": (SPEC.format(design="leave_one_out"), r":6: factors\.groupnorm: arm 'baseline': BatchNorm\(.*\) and GroupNorm\("),
    "a conflict in a named arm": ("name: a\narms:\n  x:\n    batchnorm:\n    groupnorm:\n", r":3: arms\.x: arm 'x': BatchNorm\("),
    "several levels of a full set": (
        "name: a\nfactors:\n  dropout: [{p: 0.1}, {p: 0.2}]\ndesign: leave_one_out\n", r":4: design: leave_one_out .* but dropout has 2",
    ),
    "too many arms": (
        f"name: a\ndesign: factorial\nfactors:\n  dropout: {[{'p': i / 300} for i in range(1, 290)]}\n",
        r":2: design: a factorial of these 1 factors has 290 arms",
    ),
    "nothing to switch": ("name: a\n", r":1: factors: there is nothing to switch; name factors here, or whole arms under `arms`"),
    "no arms": ("name: a\narms: {}\n", r":2: arms: must hold at least one"),
    "arms in a list": ("name: a\narms: [dropout]\n", r":2: arms: must be a mapping"),
    "an arm without factors": ("name: a\narms:\n  x: {}\n", r":3: arms\.x: must be a mapping of factors to levels"),
    "an arm called baseline": ("name: a\narms:\n  baseline: {dropout: }\n", r":3: arms\.baseline: 'baseline' is an arm of every ablation"),
    "an arm called sham": ("name: a\narms:\n  sham: {dropout: }\n", r":3: arms\.sham: 'sham' is an arm of every ablation"),
    "an arm called by a number": ("name: a\narms:\n  1: {dropout: }\n", r":3: arms\.1: an arm's name is text of 1 to 64 characters.*, not 1"),
    "an arm with a line break": ('name: a\narms:\n  "a\\nb": {dropout: }\n', r":3: arms\.'a\\nb': .*no control characters, not 'a\\nb'"),
    "an arm with a long name": (f"name: a\narms:\n  {'x' * 65}: {{dropout: }}\n", r":3: arms\.x+: an arm's name is text of 1 to 64"),
    "an unknown factor of an arm": (
        "name: a\narms:\n  x:\n    dropot: {}\n", r":4: arms\.x\.dropot: there is no factor 'dropot'; did you mean dropout",
    ),
    "a level of an arm out of range": ("name: a\narms:\n  x:\n    dropout: {p: 2}\n", r":4: arms\.x\.dropout\.p: must be below 1, not 2"),
    "an unknown setting of an arm": (
        "name: a\narms:\n  x:\n    dropout: {q: 0.1}\n", r":4: arms\.x\.dropout\.q: unknown key; known: p",
    ),
    "several levels in an arm": ("name: a\narms:\n  x:\n    dropout: [{p: 0.1}]\n", r":4: arms\.x\.dropout: must be a mapping of settings"),
    "an arm that changes nothing": ("name: a\narms:\n  x: {dropout: {p: 0}}\n", r":3: arms\.x: arm 'x' equals the baseline"),
    "an arm that a factor makes already": (
        "name: a\nfactors: {dropout: }\narms:\n  x: {dropout: }\n", r":4: arms\.x: arms 'dropout' and 'x' are the same",
    ),
    "an arm with another's name": (
        "name: a\nfactors: {dropout: }\narms:\n  dropout: {dropout: {p: 0.1}}\n", r":4: arms\.dropout: two arms are called 'dropout'",
    ),
    "a claim about no arm": (
        "name: a\narms: {light: {dropout: }}\nclaims:\n  - {arm: ligth, direction: lower}\n", r":4: claims\.0\.arm: there is no arm 'ligth'; did you mean light",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_in_one_line(text, message, complaint):
    assert re.match(message, complaint(text))


def test_named_arms_stand_beside_those_of_the_design(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        "name: a\ndesign: pairwise\nfactors: {dropout: , init: }\n"
        "arms:\n  light: {dropout: {p: 0.1}, augmentation: {shift: 0.1}}\n  Ein Wenig: {weight_decay: }\n"
        "claims: [{arm: light, direction: higher}]\n"
    )
    spec = load_spec(path)
    assert [arm.name for arm in spec.arms] == [
        "baseline", "dropout", "init", "dropout + init", "light", "Ein Wenig", "sham",
    ]  # fmt: skip
    assert spec.arms[4].edits == (Dropout(p=0.1), Augmentation(shift=0.1))
    assert spec.arms[5].edits == (WeightDecay(),)


@pytest.mark.parametrize("design", DESIGNS)
def test_a_spec_of_every_design_reads_back_as_an_equal_one(design):
    tree = {
        "name": "a",
        "design": design,
        "factors": {"dropout": {"p": 0.2}, "init": None},
        "arms": {"x": {"width": {}}},
    }
    spec = Spec.model_validate(tree)
    assert Spec.model_validate(spec.resolved()) == spec
    assert [arm.reference for arm in spec.arms] == [spec.arms[0].edits] * len(spec.arms)


def test_a_sham_with_a_level_of_its_own_is_in_no_combination():
    spec = Spec.model_validate(
        {"name": "a", "design": "factorial", "factors": {"sham": {"replicate": 3}, "dropout": {}}}
    )
    assert [(arm.name, arm.recipe(spec.baseline).replicate) for arm in spec.arms] == [
        ("baseline", 0), ("dropout", 0), ("sham", 3),
    ]  # fmt: skip
