import pytest
from pydantic import ValidationError

from modules.recipe import Recipe
from modules.settings import Trainer


def test_a_trainer_is_plain_unless_it_says_otherwise():
    assert (Trainer().precision, Trainer().compile) == ("float32", False)
    trainer = Recipe.model_validate({"trainer": {"precision": "bf16", "compile": True}}).trainer
    assert (trainer.precision, trainer.compile) == ("bf16", True)


@pytest.mark.parametrize("precision", ["fp16", "bfloat16", 16])
def test_another_precision_is_answered_with_those_there_are(precision):
    with pytest.raises(ValidationError, match="'float32' or 'bf16'"):
        Trainer(precision=precision)
