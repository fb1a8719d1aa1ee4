"""What a recipe says of its images: which, how many, and what is done to them. Plain data, nothing is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from modules.catalog import DATASETS
from modules.data.facts import card_facts, check_sizes, data_facts, split_sizes
from modules.data.generated import GENERATED, Points, Scenes
from modules.names import unknown_name
from modules.values import Arguments, Value

PATHS = {
    "folder": "a folder with a folder of images for every class",
    "npz": "a .npz file with images and labels",
    "hub": "a data set of the Hugging Face hub",
}
"""What the path of each kind of data says."""
SMALLEST = 8
"""Pixels a side of an image."""
HUB_ARGUMENTS = ("config", "revision", "image", "label")


class Geometry(Value):
    """Where the picture comes to lie in a training image."""

    shift: float = Field(0.0, ge=0, le=1)
    """Largest shift in each direction, as a share of the image's side."""
    rotate: float = Field(0.0, ge=0, le=180)
    """Largest rotation either way, in degrees."""
    scale: float = Field(0.0, ge=0, lt=1)
    """Largest relative change of size either way."""
    flip: float = Field(0.0, ge=0, le=1)
    """Probability of a horizontal flip."""
    crop: float = Field(0.0, ge=0, lt=1)
    """Black border around the image, as a share of its side, out of which it is cropped anew (He et al. 2016: 4 of 32
    pixels, 0.125)."""


class RandAugment(Value):
    """Operations drawn at random for every image (Cubuk et al. 2020)."""

    operations: int = Field(0, ge=0, le=14)
    """How many are done to an image, one after the other. 0 is off."""
    magnitude: int = Field(9, ge=0, le=30)
    """How strong each of them is, of 30."""

    @property
    def off(self) -> bool:
        return self.operations == 0


class Augmentation(Geometry):
    """Label-keeping changes of training images, drawn anew for every image of every batch."""

    cutout: float = Field(0.0, ge=0, le=1)
    """Side of a square that is erased at a random place, as a share of the image's side (DeVries and Taylor 2017)."""
    randaugment: RandAugment = RandAugment()
    """Operations drawn at random (Cubuk et al. 2020)."""

    @property
    def off(self) -> bool:
        return self.randaugment.off and self == Augmentation(randaugment=self.randaugment)


class Mixing(Value):
    """Pairs of training images, and of their labels, made into one. Where both kinds are on, each batch draws one."""

    mixup: float = Field(0.0, ge=0)
    """Parameter alpha of the Beta distribution that the share of each image is drawn from (Zhang et al. 2018)."""
    cutmix: float = Field(0.0, ge=0)
    """Parameter alpha of the Beta distribution that the area of the pasted box is drawn from (Yun et al. 2019)."""

    @property
    def off(self) -> bool:
        return self == Mixing()


class Data(Value):
    """Which images, how many of them are trained on, and what is done to them."""

    name: str = "digits"
    """`digits`; `xor`, `digit_masks`, `digit_boxes`, which are made here; `folder` (a folder of images for every
    class), `npz` (a file of arrays), `hub` (Hugging Face), or a function that returns (images, labels), as
    `./file.py:function` or `package.module:function`."""
    path: str | None = None
    """Where `folder`, `npz` and `hub` find the images. A folder holds `<class>/*.png`, or ready parts as
    `train/<class>/*.png`, `test/<class>/*.png` and perhaps `val/<class>/*.png`. A .npz holds images and labels (or x
    and y), or ready parts as x_train, y_train, x_test, y_test (or train_images, train_labels, ...). Of the hub:
    cifar10, cifar100, mnist, fashion_mnist, svhn, any other id, or a folder that `save_to_disk` wrote."""
    arguments: Arguments = ()
    """Keyword arguments of a function; of `hub`: config, revision, image and label (the columns); of what is made here:
    how much of it, and of what kind."""
    channels: Literal[1, 3] | None = None
    """Convert to grey (1) or colour (3); as the images are where not given, colour if any of them is."""
    bad_files: Literal["stop", "skip"] = "stop"
    """What happens when images cannot be read or have no class: `stop` and say which, or `skip` and count them."""
    stream: bool | None = None
    """Whether images are decoded while training, not held in memory; where not given, whether they fit. The numbers
    are the same."""
    train_size: int | None = Field(None, ge=10)
    """Images trained on; all that validation and test leave over where not given."""
    val_share: float = Field(0.1, gt=0, lt=1)
    """Share of all images held out for choosing (checkpoints, settings); of the training part where the test part
    comes ready. Says nothing where the validation part comes ready."""
    test_share: float = Field(0.45, gt=0, lt=1)
    """Share of all images held out for the final measurement, read once. Says nothing where the parts come ready."""
    label_noise: float = Field(0.0, ge=0, le=1)
    """Probability that a training label is replaced by a uniform draw over all classes (Zhang et al. 2017)."""
    image_size: int = Field(32, ge=1, le=512)
    """Side of the square images in pixels, 8 or more; smaller or larger ones are resized. Of what is made here the side
    that it was made with where not given, 1 for the points of xor."""
    standardize: bool = True
    """Whether each channel gets mean 0 and spread 1, by the mean and spread of the training images (LeCun et al.
    1998); else pixels stay as they are, 0 to 1."""
    augmentation: Augmentation = Augmentation()
    """What is done to training images."""
    mixing: Mixing = Mixing()
    """How training images are mixed with each other."""

    @model_validator(mode="before")
    @classmethod
    def _as_large_as_it_is_made(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or given.get("name") not in GENERATED or "image_size" in given:
            return given
        return {**given, "image_size": _made_by(str(given["name"]), dict(given.get("arguments", {}))).side}

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        if name.endswith(".py"):
            raise ValueError(f"{name} is a file; name the function in it that returns the images: {name}:function")
        known = (*DATASETS, *GENERATED, *PATHS)
        return name if name in known or ":" in name else unknown_name("data set", name, known)

    @model_validator(mode="after")
    def _complete(self) -> Data:
        if self.name in PATHS and not self.path:
            raise ValueError(f"{self.name} needs a path: {PATHS[self.name]}")
        if self.name not in PATHS and self.path:
            raise ValueError(f"{self.name} takes no path, only {', '.join(PATHS)} do; take it away")
        if self.name in GENERATED:
            self._refuse_unfit_size(_made_by(self.name, dict(self.arguments)).side)
        elif self.image_size < SMALLEST:
            raise ValueError(f"image_size is {self.image_size}; images have {SMALLEST} pixels a side or more: raise it")
        if self.arguments and self.name not in ("hub", *GENERATED) and not self.own:
            raise ValueError(f"{self.name} takes no arguments, only hub and functions do; take them away")
        for argument in dict(self.arguments) if self.name == "hub" else ():
            if argument not in HUB_ARGUMENTS:
                unknown_name("argument of hub", argument, HUB_ARGUMENTS)
        if self.name in DATASETS:
            check_sizes(self, card_facts(self))
        return self

    def _refuse_unfit_size(self, side: int) -> None:
        if side == 1 and self.image_size != 1:
            raise ValueError(f"image_size is {self.image_size}; {self.name} has points, not images: take it away")
        if side > 1 and self.image_size < SMALLEST:
            raise ValueError(f"image_size is {self.image_size}; images have {SMALLEST} pixels a side or more: raise it")

    @property
    def own(self) -> bool:
        """Whether a function of the user's own makes the images."""
        return ":" in self.name

    @property
    def place(self) -> str:
        """What messages call the data."""
        return self.path or self.name

    @property
    def source(self) -> Data:
        """What must be known to read the images, without what is done to them: what readings are remembered by."""
        return Data(
            name=self.name, path=self.path, arguments=self.arguments, channels=self.channels, bad_files=self.bad_files
        )

    @property
    def val_size(self) -> int:
        """Images held out for choosing; other data than digits have to be read for it."""
        return split_sizes(self, data_facts(self)).val

    @property
    def pool_size(self) -> int:
        """Images that validation and test leave over for training; other data than digits have to be read for it."""
        return split_sizes(self, data_facts(self)).pool

    @property
    def trained_size(self) -> int:
        """Images trained on; where `train_size` does not say it, other data than digits have to be read for it."""
        return self.train_size or self.pool_size

    @property
    def unaugmented(self) -> Data:
        """The same images as they are: what splits are remembered by."""
        return self.model_copy(update={"augmentation": Augmentation(), "mixing": Mixing()})


def _made_by(name: str, arguments: dict[str, Any]) -> Points | Scenes:
    """The settings of generated data; raises ValueError, in one line, where they are none."""
    kind = GENERATED[name]
    for key in arguments:
        if key not in kind.model_fields:
            unknown_name(f"argument of {name}", key, kind.model_fields)
    try:
        return kind.model_validate(arguments)
    except ValidationError as error:
        (first, *_) = error.errors()
        where = ".".join(map(str, first["loc"]))
        told = (
            f"{where}: {first['msg']}, not {first['input']!r}" if where else first["msg"].removeprefix("Value error, ")
        )
        raise ValueError(f"arguments of {name}: {told}") from None
