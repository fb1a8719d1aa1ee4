"""A step by hand: somebody else's numbers, autograd's, and differences that would be seen."""

import itertools
import math
from dataclasses import dataclass

import pytest
from pydantic import ValidationError

from modules.handwork import backprop
from modules.handwork.autograd import compare
from modules.handwork.backprop import sigmoid, step
from modules.handwork.example import Example

MAZUR = Example(
    sizes=(2, 2, 2), inputs=(0.05, 0.10), targets=(0.01, 0.99), lr=0.5,
    weights=(((0.15, 0.20), (0.25, 0.30)), ((0.40, 0.45), (0.50, 0.55))), biases=((0.35, 0.35), (0.60, 0.60)),
)  # fmt: skip


def test_a_published_example_comes_out():
    """Mazur 2015, A step by step backpropagation example."""
    done = step(MAZUR.drawn())
    assert done.layers[0].h == pytest.approx((0.593269992, 0.596884378), abs=1e-9)
    assert done.layers[1].h == pytest.approx((0.75136507, 0.772928465), abs=1e-8)
    assert done.loss == pytest.approx(0.298371109, abs=1e-9)
    assert done.slopes[1].weights[0][0] == pytest.approx(0.082167041, abs=1e-9)
    assert done.slopes[0].weights[0][0] == pytest.approx(0.000438568, abs=1e-9)
    assert done.weights[1] == ((pytest.approx(0.35891648, abs=1e-8), pytest.approx(0.408666186, abs=1e-8)),
                               (pytest.approx(0.511301270, abs=1e-8), pytest.approx(0.561370121, abs=1e-8)))  # fmt: skip
    assert done.weights[0][0][0] == pytest.approx(0.149780716, abs=1e-9)


@pytest.mark.parametrize("loss", ["squared", "cross_entropy"])
@pytest.mark.parametrize("sizes", [(1, 1), (2, 2, 1), (3, 4, 2), (5, 5, 5, 5)])
@pytest.mark.parametrize("seed", range(3))
def test_every_number_is_that_of_autograd(loss, sizes, seed):
    found = compare(step(Example(sizes=sizes, loss=loss, seed=seed).drawn()))
    assert found.agrees and found.difference < 1e-14
    weights = sum(a * b for a, b in itertools.pairwise(sizes))
    units = sum(sizes[1:])
    assert found.numbers == 2 + sizes[-1] + 2 * weights + 6 * units + sum(sizes[:-1])


@pytest.mark.parametrize("name", ["loss", "loss_slopes", "sigmoid", "back"])
def test_a_mistake_would_be_seen(name, monkeypatch):
    true = getattr(backprop, name)
    wrong = {
        "loss": lambda *given: true(*given) * (1 + 1e-9),
        "loss_slopes": lambda kind, said, wanted: tuple(w - s for s, w in zip(said, wanted, strict=True)),
        "sigmoid": lambda z: true(z) + 1e-9,
        "back": lambda layers, slopes: tuple(one._replace(biases=one.h) for one in true(layers, slopes)),
    }
    monkeypatch.setattr(backprop, name, wrong[name])
    assert not compare(step(Example().drawn())).agrees


def test_cross_entropy_refuses_outputs_without_digits():
    with pytest.raises(ValueError, match="take smaller weights"):
        step(Example(sizes=(1, 1), weights=(((100.0,),),), inputs=(1.0,), loss="cross_entropy").drawn())


@pytest.mark.parametrize("z", [-800.0, -30.0, 0.0, 1e-3, 800.0])
def test_the_sigmoid_overflows_for_no_z(z):
    assert sigmoid(z) == pytest.approx(0.5 * (1 + math.tanh(z / 2)), abs=1e-15)


@dataclass
class Bad:
    given: dict
    at: tuple
    says: str


BAD = [
    Bad({"sizes": (2,)}, ("sizes",), "must hold 2 to 4"),
    Bad({"inputs": (1.0,)}, ("inputs",), "must hold 2 numbers, as `sizes` begins, not 1"),
    Bad({"targets": (1.0, 0.0)}, ("targets",), "must hold 1 numbers, as `sizes` ends, not 2"),
    Bad({"targets": (1.5,)}, ("targets", 0), "must be from 0 to 1, as a sigmoid is, not 1.5"),
    Bad({"weights": (((1.0, 1.0),) * 2,)}, ("weights",), "must hold 2 layers, one fewer than `sizes`, not 1"),
    Bad({"weights": (((1.0, 1.0),), ((1.0, 1.0),))}, ("weights", 0), "must hold 2 rows, one for each unit, not 1"),
    Bad(
        {"weights": (((1.0, 1.0),) * 2, ((1.0,),))},
        ("weights", 1, 0),
        "must hold 2 numbers, one for each that comes in",
    ),
    Bad({"biases": ((0.0, 0.0), ())}, ("biases", 1), "must hold 1 numbers, one for each unit, not 0"),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: ".".join(map(str, bad.at)))
def test_a_shape_that_does_not_fit_is_said_at_its_key(bad):
    with pytest.raises(ValidationError) as caught:
        Example(**bad.given)
    (error,) = caught.value.errors()
    assert error["ctx"]["location"] == bad.at
    assert bad.says in error["msg"]


@pytest.mark.parametrize("given", [1e308, -1e7])
def test_numbers_of_which_sums_have_no_digits_left_are_refused(given):
    with pytest.raises(ValidationError, match="1000000"):
        Example(inputs=(0.5, given))


def test_the_largest_numbers_leave_a_finite_step():
    done = step(Example(inputs=(1e6, -1e6), weights=(((1e6, -1e6),) * 2, ((1e6, 1e6),)), lr=1000).drawn())
    assert all(map(math.isfinite, (*done.layers[0].z, *done.slopes[0].a, done.loss_after)))


def test_what_is_given_changes_nothing_that_is_drawn():
    plain, given = Example().drawn(), Example(inputs=(0.1, 0.2), biases=((0.0, 0.0), (0.0,))).drawn()
    assert given.weights == plain.weights
    assert given.inputs == (0.1, 0.2) and given.biases == ((0.0, 0.0), (0.0,))
    assert Example(seed=1).drawn().weights != plain.weights
    assert all(round(w, 2) == w for matrix in plain.weights for row in matrix for w in row)
