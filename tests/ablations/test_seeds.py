import json
import pickle

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ablations import Spec, SpecError, load_spec
from ablations.seeds import Looks, Stein

SPEC = "name: a\nfactors:\n  dropout: {}\nseeds: "


@pytest.fixture
def load(tmp_path):
    def load(seeds, *overrides):
        (tmp_path / "a.yaml").write_text(f"{SPEC}{seeds}\n")
        return load_spec(tmp_path / "a.yaml", overrides)

    return load


@pytest.mark.parametrize(
    ("written", "rule", "most"),
    [
        ("7", None, 7),
        ("[0, 4, 9]", None, 3),
        ("{looks: [5, 10, 20]}", Looks(looks=(5, 10, 20)), 20),
        ("{stein: 5}", Stein(stein=5), 50),
        ("{stein: 5, half_width: 0.5, most: 40}", Stein(stein=5, half_width=0.5, most=40), 40),
    ],
)
def test_seeds_are_all_that_an_arm_may_come_to_have(written, rule, most, load):
    spec = load(written)
    assert spec.rule == rule
    assert len(spec.seeds) == most
    assert spec.rule is None or spec.seeds == tuple(range(most))


BAD = {
    "{look: [5]}": r":4: seeds\.look: unknown key; did you mean looks\?",
    "\n  stein: 5\n  mots: 9": r":6: seeds\.mots: unknown key; did you mean most\?",
    "{looks: [3, 5], most: 9}": r":4: seeds\.most: unknown key; known: looks",
    "{looks: [3, 5], stein: 3}": r":4: seeds\.stein: looks and stein are two rules; keep one of them",
    "{half_width: 1}": r":4: seeds\.stein: this key is required",
    "{}": r":4: seeds: seeds are a count \(10\) or a list",
    "{looks: 5}": r":4: seeds\.looks: must be a list, not 5",
    "{looks: [5]}": r":4: seeds\.looks: there must be at least two looks; for one, write seeds: 5",
    "{looks: []}": r":4: seeds\.looks: there must be at least two looks",
    "{looks: [5, 5]}": r":4: seeds\.looks: looks must rise, but 5 comes after 5; each is a number of seeds in all",
    "{looks: [2, 5]}": r":4: seeds\.looks\.0: must be at least 3, not 2",
    "{looks: [5, 9.5]}": r":4: seeds\.looks\.1: must be a whole number, not 9\.5",
    "{looks: [5, 1000000]}": r":4: seeds\.looks\.1: must be at most 10000",
    "{stein: 2}": r":4: seeds\.stein: must be at least 3, not 2",
    "{stein: 50}": r":4: seeds: most must be above stein, but 50 is not above 50; raise most",
    "{stein: 5, half_width: 0}": r":4: seeds\.half_width: must be above 0, not 0",
    "{stein: 5, half_width: .nan}": r":4: seeds\.half_width: must be a finite number",
}


@pytest.mark.parametrize(("written", "message"), BAD.items(), ids=BAD)
def test_a_rule_that_is_none_gets_one_line_that_says_where_and_what(written, message, load):
    with pytest.raises(SpecError, match=rf"^\S*a\.yaml{message}") as error:
        load(written)
    assert "\n" not in str(error.value)


def test_overrides_replace_a_rule_or_part_of_it(load):
    assert load("3", "seeds={looks: [3, 6]}").rule == Looks(looks=(3, 6))
    assert load("{looks: [3, 6]}", "seeds=4").seeds == (0, 1, 2, 3)
    assert load("{stein: 4}", "seeds.half_width=2").rule == Stein(stein=4, half_width=2)
    assert load("{looks: [3, 6]}", "seeds.looks.1=9").rule == Looks(looks=(3, 9))
    with pytest.raises(SpecError, match=r"^'seeds=\{look: 3\}': seeds\.look: unknown key; did you mean looks\?"):
        load("3", "seeds={look: 3}")


def test_a_search_shares_no_seed_that_a_rule_may_come_to(load):
    search = "tune: {search: {optimizer.lr: [0.1, 0.2]}, seeds: [19]}"
    assert load(f"{{looks: [5, 19]}}\n{search}").tune.seeds == (19,)
    with pytest.raises(SpecError, match=r":5: tune\.seeds: 19 is among the seeds that are reported"):
        load(f"{{looks: [5, 20]}}\n{search}")


counts = st.integers(3, 10_000)
rules = st.builds(lambda looks: Looks(looks=tuple(sorted(looks))), st.sets(counts, min_size=2, max_size=5)) | st.builds(
    lambda pair, width: Stein(stein=min(pair), most=max(pair), half_width=width),
    st.sets(counts, min_size=2, max_size=2),
    st.none() | st.floats(0.01, 100),
)


@given(rules)
def test_a_spec_with_a_rule_reads_back_as_an_equal_one(rule):
    spec = Spec.model_validate({"name": "a", "factors": {"dropout": {}}, "seeds": rule.model_dump(mode="json")})
    assert spec.rule == rule
    for resolved in (json.loads(json.dumps(spec.resolved())), yaml.safe_load(yaml.safe_dump(spec.resolved()))):
        assert Spec.model_validate(resolved) == spec
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert len({rule, spec.rule, eval(repr(rule))}) == 1
