from modules.recipe import Data, Recipe
from modules.settings import Detection, Regularization, Trainer
from modules.workload import image_passes


def test_every_image_passes_once_an_epoch_and_twice_under_sam():
    plain = Recipe(data=Data(train_size=100), trainer=Trainer(epochs=3))
    assert image_passes(plain) == 300
    assert image_passes(plain.model_copy(update={"regularization": Regularization(sam=0.1)})) == 600


def test_a_detector_sees_regions():
    data = Data(name="digit_boxes", arguments={"images": 40, "size": 24, "classes": 1}, train_size=10)
    assert image_passes(Recipe(data=data, trainer=Trainer(epochs=3), detection=Detection(draws=16))) == 480
