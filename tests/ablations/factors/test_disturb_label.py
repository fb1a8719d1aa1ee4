from ablations.factors.disturb_label import DisturbLabel
from modules.recipe import Data, Recipe
from modules.settings import Trainer
from modules.training import train


def memorised(p=0.0, label_noise=0.0):
    data = Data(train_size=40, image_size=32, label_noise=label_noise)
    recipe = Recipe(data=data, trainer=Trainer(epochs=40, batch_size=16))
    return train(DisturbLabel(p=p).apply(recipe), 0).metrics["train_accuracy"]


def test_unlike_label_noise_it_cannot_be_memorised():
    """Labels drawn at random once are learnt by heart; drawn at random in every step they are not."""
    assert memorised(label_noise=1.0) > 90
    assert memorised(p=1.0) < 40
