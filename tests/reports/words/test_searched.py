import pytest

from ablations import Spec
from reports.pages.page import page
from reports.words.searched import searched_table, tuned
from runs import make_plan
from runs.trials import Found

SEARCH = {"optimizer.lr": {"low": 0.001, "high": 0.3, "log": True}, "dropout.p": {"low": 0.1, "high": 0.7}}


def plan(**tune):
    tree = {"name": "small", "seeds": 2, "factors": {"dropout": {}}}
    return make_plan(Spec.model_validate({**tree, **({"tune": tune} if tune else {})}))


@pytest.fixture
def searches():
    return (
        Found(("baseline", "lenet5"), {"optimizer.lr": 0.02}, {"optimizer.lr": 0.05}, 70.0, 75.25, 10, 0, 0, 240),
        Found(("dropout", "lenet5"), {"dropout.p": 0.5, "optimizer.lr": 0.02},
              {"dropout.p": 0.5, "optimizer.lr": 0.1}, 80.0, 81.0, 10, 3, 2, 1200),
    )  # fmt: skip


def test_without_a_search_the_report_says_that_nothing_was_tuned():
    assert tuned(plan()) == "nothing was tuned: every arm has the settings named in the spec"
    assert searched_table(()) == []


def test_the_budget_is_told_whole():
    said = tuned(plan(search=SEARCH, trials=10, seeds=2))
    assert said == (
        "optimizer.lr, dropout.p, on validation accuracy alone; 10 trials x 2 seeds (1000000, 1000001, none of them "
        "reported) for every arm, TPE; the first trial is the spec's own setting; sham: as chosen for the baseline"
    )


def test_an_arm_in_which_nothing_is_searched_is_named():
    said = tuned(plan(search={"dropout.p": [0.3, 0.5]}, sampler="random", pruning="hyperband"))
    assert said.endswith("; sham: as chosen for the baseline; nothing to search in: baseline")
    assert "at random, Hyperband: a ninth and a third of the epochs first" in said


def test_where_names_tell_what_was_tuned_away_that_is_said():
    decays = [{"strength": 0.1, "decay": "coupled"}, {"strength": 0.2, "decay": "decoupled"}]
    tree = {"name": "small", "seeds": 2, "tune": {"search": {"optimizer.weight_decay": [0.01, 0.1]}, "seeds": 1}}
    said = tuned(make_plan(Spec.model_validate({**tree, "factors": {"weight_decay": decays}})))
    assert "10 trials x 1 seed (1000000" in said
    assert said.endswith("arms are called by the settings that the spec gives them, not by those that were chosen")


def test_names_that_tell_nothing_of_what_is_searched_are_not_spoken_of():
    optimizers = [{"name": "adam", "lr": 0.001}, {"name": "sgd", "lr": 0.0005, "momentum": 0.8}]
    tree = {"name": "small", "seeds": 2, "tune": {"search": {"optimizer.lr": [0.01, 0.1]}, "seeds": 1}}
    spec = Spec.model_validate({**tree, "factors": {"optimizer": optimizers}})
    assert [arm.name for arm in spec.arms[1:3]] == ["optimizer adam", "optimizer sgd, momentum=0.8"]
    assert "called" not in tuned(make_plan(spec))


def test_the_table_has_a_row_for_every_search_and_says_what_moved(searches):
    assert searched_table(searches) == [
        ["Arm", "Chosen", "Validation", "With the spec's own", "Trials", "Given up", "Bad runs", "Epochs"],
        ["baseline", "optimizer.lr 0.05 (was 0.02)", "75.2 %", "70.0 %", "10", "0", "0", "240"],
        ["dropout", "dropout.p 0.5 (as in the spec); optimizer.lr 0.1 (was 0.02)", "81.0 %", "80.0 %", "10", "3", "2",
         "1,200"],
    ]  # fmt: skip


def test_several_architectures_are_told_apart(searches):
    other = searches[0].__class__(**{**vars(searches[0]), "cell": ("baseline", "mlp")})
    table = searched_table([*searches, other])
    assert table[0][:2] == ["Arm", "Model"]
    assert [row[1] for row in table[1:]] == ["lenet5", "lenet5", "mlp"]


def test_the_page_shows_what_was_chosen(studies, searches):
    assert "Chosen settings" in page(studies.study(searches=searches), {})
    assert "Chosen settings" not in page(studies.study(), {})
