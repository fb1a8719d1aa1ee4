from ablations import load_spec
from ablations.spec_view import baseline_in_words


def cells(spec):
    return [[cell.text for cell in row] for row in spec.view.rows]


def test_a_spec_shows_its_question_and_every_arm():
    spec = load_spec("dropout", ["seeds=3", "margin=2"])
    assert spec.view.title == f"dropout: {spec.question}"
    assert "7 arms (one_at_a_time), 3 seeds, margin 2." in spec.view.sentences
    assert cells(spec)[0] == ["baseline", "–", "–"]
    assert cells(spec)[1] == ["dropout p=0.1", "dropout", "p=0.1"]
    assert [row[0] for row in cells(spec)] == [arm.name for arm in spec.arms]


def test_of_the_baseline_it_says_what_is_changed_and_what_everybody_asks_for():
    words = baseline_in_words(load_spec("dropout", ["baseline.trainer.epochs=7", "baseline.optimizer.momentum=0.5"]))
    for said in ("label_noise 0.2", "name lenet5", "epochs 7", "momentum 0.5"):
        assert said in words
    assert "dampening" not in words
    assert "momentum" not in baseline_in_words(load_spec("dropout", ["baseline.optimizer={name: sgd, lr: 0.1}"]))


def test_seeds_that_a_rule_adds_are_told_by_their_rule():
    assert "looks at 3 and 6 seeds" in repr(load_spec("dropout", ["seeds={looks: [3, 6]}"]))


def test_further_architectures_are_named():
    assert "Also on: lenet5, mlp." in load_spec("dropout", ["models=[lenet5, mlp]"]).view.sentences


def test_a_spec_still_equals_and_hashes_by_its_values():
    one, other = load_spec("dropout"), load_spec("dropout")
    assert one == other
    assert one != load_spec("dropout", ["seeds=3"])
