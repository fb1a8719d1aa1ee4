"""What every edit must keep: one contract, over every factor and every network."""

import json
import pickle
from collections import Counter
from itertools import combinations, product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from ablations.arms import Arm
from ablations.difference import changed_fields, difference
from ablations.edit import Conflict, ModelEdit, apply_all, covers
from ablations.factors import FACTORS, recipe_from_data
from modules.build import anatomy, build
from modules.data.settings import Augmentation as RecipeAugmentation
from modules.outputs import read_output
from modules.recipe import Data, Model, Recipe, Stage
from modules.settings import AdamW, Cosine
from modules.surgery import NoEffect
from tests.ablations.awkward import AWKWARD, Subject
from tests.ablations.members import MEMBERS, NETWORKS, RIVALS, ZOO, Member

SEED = 3
SURGERIES = sorted(name for name, member in MEMBERS.items() if isinstance(member.strong, ModelEdit))
ATTACHMENTS = [name for name in SURGERIES if MEMBERS[name].strong.stage >= Stage.ATTACH]
"""Those that leave the network's own modules where they are, so that even without taking turns they commute."""
RIVALRIES = [pair for group in RIVALS for pair in combinations(group, 2)]
PAIRS = [pair for pair in combinations(MEMBERS, 2) if pair not in RIVALRIES]
BASELINES = {
    "plain": Recipe(data=Data(image_size=16)),
    "loaded": Recipe(
        data=Data(image_size=16, label_noise=0.2, augmentation=RecipeAugmentation(flip=0.5)),
        optimizer=AdamW(name="adamw", lr=0.01, weight_decay=0.02),
        schedule=Cosine(),
    ),
}

every_factor = pytest.mark.parametrize("factor", MEMBERS)
every_surgery = pytest.mark.parametrize("factor", SURGERIES)
every_model = pytest.mark.parametrize("model", ZOO)
every_network = pytest.mark.parametrize("network", NETWORKS)
every_effect = pytest.mark.parametrize(
    ("factor", "network"), [(f, n) for f, n in product(SURGERIES, NETWORKS) if n not in MEMBERS[f].no_effect]
)
"""Every surgery on every network in which it finds something to change."""
every_attachment = pytest.mark.parametrize(
    ("factor", "network"), [(f, n) for f, n in product(ATTACHMENTS, NETWORKS) if n not in MEMBERS[f].no_effect]
)
every_effect_on_a_model = pytest.mark.parametrize(
    ("factor", "model"), [(f, m) for f, m in product(MEMBERS, ZOO) if m not in MEMBERS[f].no_effect]
)
every_baseline = pytest.mark.parametrize("baseline", BASELINES.values(), ids=BASELINES)


def subject(network: str) -> Subject:
    """The network, always with the same weights and the same batch."""
    torch.manual_seed(SEED)
    if network in AWKWARD:
        return AWKWARD[network]()
    return Subject(build(recipe_of(network), SEED), torch.rand(2, 1, 16, 16))


def recipe_of(model: str, baseline: Recipe = BASELINES["plain"]) -> Recipe:
    return baseline.model_copy(update={"model": Model(name=model)})


def operate(edit: ModelEdit, before: Subject) -> nn.Module:
    return edit.operate(before.model, torch.Generator().manual_seed(SEED), before.batch)


def operated(factor: str, network: str) -> tuple[Subject, nn.Module]:
    """The network, and what the factor's strong level makes of it."""
    before = subject(network)
    return before, operate(MEMBERS[factor].strong, before)


def numbers(model: nn.Module) -> dict[str, tuple]:
    """Every parameter and buffer as bytes."""
    return {name: (t.dtype, t.device, t.shape, t.numpy().tobytes()) for name, t in model.state_dict().items()}


def structure(model: nn.Module) -> dict[str, tuple]:
    """Every module by name, with its settings, its mode and its hooks."""
    return {
        name: (type(m), m.extra_repr(), m.training, *map(tuple, (m._forward_hooks.values(), m._forward_pre_hooks.values())))
        for name, m in model.named_modules(remove_duplicate=False)
    }  # fmt: skip


def identities(model: nn.Module) -> dict[str, int]:
    """Every module and parameter by name: equal numbers are shared things."""
    found = {f"module {name}": id(m) for name, m in model.named_modules(remove_duplicate=False)}
    return found | {f"parameter {name}": id(p) for name, p in model.named_parameters(remove_duplicate=False)}


def outputs(model: nn.Module, batch: torch.Tensor) -> list[torch.Tensor]:
    """What the network says as it is, then while training, then in eval mode."""
    torch.manual_seed(SEED)
    return [read_output(output).logits for output in (model(batch), model.train()(batch), model.eval()(batch))]


def calls(model: nn.Module, batch: torch.Tensor) -> Counter[str]:
    """How often each module is called in one pass."""
    counter: Counter[str] = Counter()
    for name, module in model.named_modules():
        module.register_forward_hook(lambda *_, name=name: counter.update([name]))
    model(batch)
    return counter


class TestTheTable:
    """The contract covers every factor."""

    def test_no_factor_is_missing(self):
        assert not missing(FACTORS)

    def test_a_missing_factor_would_be_seen(self):
        assert missing(FACTORS | {"dropblock": FACTORS["dropout"]}) == {"dropblock"}

    @every_factor
    def test_its_line_is_about_the_factor_it_names(self, factor):
        assert type(MEMBERS[factor].strong) is FACTORS[factor]
        assert FACTORS[factor].factor == factor

    @every_factor
    def test_it_says_whose_idea_it_is(self, factor):
        assert FACTORS[factor].source
        assert FACTORS[factor].cites
        assert FACTORS[factor].__doc__

    @every_factor
    def test_it_says_what_to_expect_and_what_people_get_wrong(self, factor):
        for text in (FACTORS[factor].expect, FACTORS[factor].pitfall):
            assert 20 < len(text) < 500
            assert text.endswith(".")
            assert text == " ".join(text.split())

    @every_factor
    def test_its_strong_level_is_not_off(self, factor):
        assert not MEMBERS[factor].strong.off


def missing(factors) -> set[str]:
    return set(factors) - set(MEMBERS)


class TestAValue:
    """Equal edits are equal, hash alike, pickle, and print so that the print can be read back."""

    @every_factor
    @given(data=st.data())
    def test_copies_by_settings_by_pickle_and_by_print_are_equal_and_hash_alike(self, factor, data):
        edit = data.draw(MEMBERS[factor].levels)
        kind = type(edit)
        for again in (
            kind(**edit.model_dump()),
            pickle.loads(pickle.dumps(edit)),
            eval(repr(edit), {kind.__name__: kind}),
        ):
            assert type(again) is kind
            assert again == edit
            assert hash(again) == hash(edit)

    @every_factor
    def test_other_settings_make_another_edit(self, factor):
        strong = MEMBERS[factor].strong
        assert strong != type(strong).null()
        assert len({strong, type(strong).null(), strong.model_copy()}) == 2

    @every_factor
    def test_it_cannot_be_changed(self, factor):
        strong = MEMBERS[factor].strong
        with pytest.raises(ValueError, match="frozen"):
            setattr(strong, next(iter(type(strong).model_fields)), 0.25)

    @every_factor
    def test_an_unknown_setting_is_refused(self, factor):
        with pytest.raises(ValueError, match="Extra inputs are not permitted"):
            FACTORS[factor](nonsense=1)


class TestOnRecipes:
    """An edit turns a recipe into another one, and does what it declares."""

    @every_baseline
    @every_model
    @every_factor
    def test_the_input_is_untouched_and_only_declared_fields_change(self, factor, model, baseline):
        edit, recipe = MEMBERS[factor].strong, recipe_of(model, baseline)
        before = recipe.model_copy(deep=True)
        edited = edit.apply(recipe)
        assert recipe == before
        changed = changed_fields(edited, recipe)
        assert changed
        assert all(any(covers(field, path) for field in edit.fields) for path in changed)

    @every_baseline
    @every_factor
    def test_strength_zero_is_the_baseline(self, factor, baseline):
        null = FACTORS[factor].null()
        assert null.off
        assert null.apply(baseline) == baseline
        assert null.apply(baseline).canonical() == baseline.canonical()

    @every_model
    @every_factor
    def test_strength_zero_builds_the_baseline_bit_for_bit(self, factor, model):
        base = build(recipe_of(model), SEED)
        null = build(FACTORS[factor].null().apply(recipe_of(model)), SEED)
        assert numbers(null) == numbers(base)
        assert structure(null) == structure(base)

    @every_factor
    def test_the_same_edit_gives_the_same_recipe(self, factor):
        strong, baseline = MEMBERS[factor].strong, BASELINES["loaded"]
        assert strong.apply(baseline) == strong.model_copy(deep=True).apply(baseline)

    @every_baseline
    @every_factor
    @given(data=st.data())
    def test_a_recorded_recipe_is_read_back(self, factor, baseline, data):
        recipe = data.draw(MEMBERS[factor].levels).apply(baseline)
        assert recipe_from_data(json.loads(json.dumps(recipe.canonical()))) == recipe

    @every_effect_on_a_model
    def test_the_proof_finds_no_undeclared_difference(self, factor, model):
        baseline = recipe_of(model)
        arm = Arm(factor, (MEMBERS[factor].strong,))
        assert difference(arm, baseline, lambda recipe: anatomy(build(recipe, SEED)))

    @every_effect_on_a_model
    def test_weights_of_untouched_layers_are_the_baselines(self, factor, model):
        member = MEMBERS[factor]
        base = build(recipe_of(model), SEED)
        assert_untouched(member, base, build(member.strong.apply(recipe_of(model)), SEED))


class TestOnNetworks:
    """Surgery takes any network and returns an edited copy."""

    @every_network
    @every_surgery
    def test_it_changes_something_or_says_that_it_cannot(self, factor, network):
        member, before = MEMBERS[factor], subject(network)
        if network in member.no_effect:
            with pytest.raises(NoEffect) as refusal:
                operate(member.strong, before)
            assert repr(member.strong) in str(refusal.value)
            if "it looks for" in str(refusal.value):
                for kind, count in Counter(type(m).__name__ for m in before.model.modules()).items():
                    assert f"{count} {kind}" in str(refusal.value)
        else:
            after = operate(member.strong, before)
            shown = [(numbers(model), structure(model)) for model in (before.model, after)]
            said = [torch.stack(outputs(model, before.batch)) for model in (before.model, after)]
            assert shown[0] != shown[1] or not torch.equal(*said)

    @every_network
    @every_surgery
    def test_the_input_is_untouched(self, factor, network):
        given = subject(network)
        model = given.model
        before = numbers(model), structure(model), identities(model), torch.get_rng_state().tolist()
        if network in MEMBERS[factor].no_effect:
            with pytest.raises(NoEffect):
                operate(MEMBERS[factor].strong, given)
        else:
            operate(MEMBERS[factor].strong, given)
        assert (numbers(model), structure(model), identities(model), torch.get_rng_state().tolist()) == before

    @every_effect
    def test_the_copy_shares_nothing_with_the_input(self, factor, network):
        before, after = operated(factor, network)
        assert not {id(t) for t in after.state_dict(keep_vars=True).values()} & {
            id(t) for t in before.model.state_dict(keep_vars=True).values()
        }

    @every_network
    @every_surgery
    def test_strength_zero_equals_the_baseline_bit_for_bit(self, factor, network):
        base = subject(network)
        null = operate(FACTORS[factor].null(), base)
        assert numbers(null) == numbers(base.model)
        assert structure(null) == structure(base.model)
        for ours, theirs in zip(outputs(null, base.batch), outputs(base.model, base.batch), strict=True):
            assert torch.equal(ours, theirs)

    @every_effect
    def test_the_same_stream_gives_the_same_network_and_no_other_is_drawn_from(self, factor, network):
        before, after = operated(factor, network)
        state = torch.get_rng_state()
        again = operate(MEMBERS[factor].strong, before)
        assert torch.equal(torch.get_rng_state(), state)
        assert numbers(again) == numbers(after)

    @every_effect
    def test_weights_of_untouched_layers_are_the_baselines(self, factor, network):
        before, after = operated(factor, network)
        assert_untouched(MEMBERS[factor], before.model, after)

    @every_effect
    def test_what_was_shared_is_still_shared_and_nothing_else_is(self, factor, network):
        before, after = operated(factor, network)
        old, new = identities(before.model), identities(after)
        kept = old.keys() & new.keys()
        if not MEMBERS[factor].strong.rebuilds:
            assert all(name.startswith("parameter") for name in old.keys() - kept)
        assert {(a, b) for a in kept for b in kept if old[a] == old[b]} == {
            (a, b) for a in kept for b in kept if new[a] == new[b]
        }

    @every_attachment
    def test_what_it_adds_is_called_as_often_as_the_module_it_is_added_to(self, factor, network):
        before, after = operated(factor, network)
        known = dict(before.model.named_modules())
        added = [name for name, _ in after.named_modules() if name not in known]
        if (factor, network) != ("dropout", "functional calls"):  # it gives the calls there another p
            assert bool(added) == bool(MEMBERS[factor].strong.adds)
        base_calls, new_calls = calls(before.model, before.batch), calls(after, before.batch)
        for name in added:
            parent = name.rpartition(".")[0]
            assert new_calls[name] == base_calls[parent] > 0

    @every_effect
    def test_mode_dtype_and_device_are_carried(self, factor, network):
        before, after = operated(factor, network)
        known = dict(before.model.named_modules(remove_duplicate=False))
        for name, module in after.named_modules(remove_duplicate=False):
            while name not in known:  # what is new goes with what it is a part of
                name = name.rpartition(".")[0]
            assert module.training == known[name].training, name
        kinds = {(t.dtype, t.device) for t in before.model.parameters()}
        assert {(t.dtype, t.device) for t in after.state_dict().values() if t.is_floating_point()} == kinds

    @every_effect
    def test_hooks_are_carried_and_come_first(self, factor, network):
        before, after = operated(factor, network)
        edited = structure(after)
        for name, (_, _, _, hooks, pre_hooks) in structure(before.model).items():
            if name not in edited and MEMBERS[factor].strong.rebuilds:
                continue
            assert edited[name][3][: len(hooks)] == hooks
            assert edited[name][4][: len(pre_hooks)] == pre_hooks

    @every_effect
    def test_the_edited_network_still_learns(self, factor, network):
        before, after = operated(factor, network)
        batch = before.batch.requires_grad_()
        read_output(after.train()(batch)).logits.square().sum().backward()
        gradients = [t.grad for t in (batch, *after.parameters()) if t.grad is not None]
        assert gradients
        assert all(g.isfinite().all() for g in gradients)

    @pytest.mark.parametrize("factor", [f for f in SURGERIES if "shared modules" not in MEMBERS[f].no_effect])
    def test_what_it_adds_lies_on_the_networks_device(self, factor):
        model, batch = subject("shared modules")
        after = operate(MEMBERS[factor].strong, Subject(model.to("meta"), batch))
        assert {t.device.type for t in after.state_dict().values()} == {"meta"}


def assert_untouched(member: Member, base: nn.Module, edited: nn.Module) -> None:
    """Every number of the baseline is still there under its name, but for what the member declares."""
    old, new = numbers(base), numbers(edited)
    if not member.strong.rebuilds:
        assert {name.rpartition(".")[2] for name in old.keys() - new.keys()} <= member.strong.drops
    for name, value in old.items():
        layer = base.get_submodule(name.rpartition(".")[0])
        if name in new and not isinstance(layer, member.redraws):
            assert new[name] == value, name


def built_or_refused(recipe: Recipe) -> tuple | str:
    """What the recipe builds, or why it does not."""
    try:
        model = build(recipe, SEED)
    except ValueError as refusal:
        return str(refusal)
    return numbers(model), structure(model)


class TestTogether:
    """Two edits that claim one thing conflict; all others commute, since each waits for its turn."""

    @every_factor
    def test_two_levels_of_a_factor_conflict_and_both_are_named(self, factor):
        strong = MEMBERS[factor].strong
        other = type(strong).null()
        with pytest.raises(Conflict) as refusal:
            apply_all((strong, other), BASELINES["plain"])
        assert repr(strong) in str(refusal.value)
        assert repr(other) in str(refusal.value)

    @pytest.mark.parametrize(("one", "other"), RIVALRIES)
    def test_two_factors_of_which_an_arm_has_one_conflict_and_both_are_named(self, one, other):
        first, second = MEMBERS[one].strong, MEMBERS[other].strong
        for edits in ((first, second), (second, first)):
            with pytest.raises(Conflict) as refusal:
                apply_all(edits, BASELINES["plain"])
            assert repr(first) in str(refusal.value)
            assert repr(second) in str(refusal.value)

    @every_baseline
    @pytest.mark.parametrize(("one", "other"), PAIRS)
    def test_recipes_do_not_depend_on_the_order_of_edits(self, one, other, baseline):
        first, second = MEMBERS[one].strong, MEMBERS[other].strong
        forth, back = apply_all((first, second), baseline), apply_all((second, first), baseline)
        assert forth == back
        assert hash(forth) == hash(back)
        alone = changed_fields(first.apply(baseline), baseline) | changed_fields(second.apply(baseline), baseline)
        assert changed_fields(forth, baseline) == alone

    @pytest.mark.parametrize(("one", "other"), PAIRS)
    def test_built_networks_do_not_depend_on_the_order_of_edits(self, one, other):
        first, second = MEMBERS[one].strong, MEMBERS[other].strong
        forth = built_or_refused(apply_all((first, second), BASELINES["plain"]))
        back = built_or_refused(apply_all((second, first), BASELINES["plain"]))
        assert forth == back

    @pytest.mark.parametrize(
        ("one", "other", "network"),
        [
            (one, other, network)
            for (one, other), network in product(combinations(ATTACHMENTS, 2), NETWORKS)
            if network not in MEMBERS[one].no_effect | MEMBERS[other].no_effect
        ],
    )
    def test_surgeries_themselves_commute_bit_for_bit(self, one, other, network):
        first, second = MEMBERS[one].strong, MEMBERS[other].strong
        before = subject(network)
        forth = operate(second, Subject(operate(first, before), before.batch))
        back = operate(first, Subject(operate(second, before), before.batch))
        assert numbers(forth) == numbers(back)
        for ours, theirs in zip(outputs(forth, before.batch), outputs(back, before.batch), strict=True):
            assert torch.equal(ours, theirs)

    def test_all_of_them_together_do_not_depend_on_the_order(self):
        beside_their_rivals = {factor for group in RIVALS for factor in group[1:]}
        edits = tuple(member.strong for factor, member in MEMBERS.items() if factor not in beside_their_rivals)
        assert apply_all(edits, BASELINES["plain"]) == apply_all(edits[::-1], BASELINES["plain"])
