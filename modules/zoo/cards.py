"""The zoo as a table: where each network comes from, and the counts of its reference form.

Plain data, so that listing it loads no torch. A test builds every network and compares.
"""

from __future__ import annotations

from typing import NamedTuple


class ModelCard(NamedTuple):
    """A model of the zoo; the counts are those of its reference form."""

    builder: str
    """`module:function`, called with classes, channels and image_size."""
    source: str
    parameters: int
    macs: int
    """Multiply-accumulates of convolutions and linear layers for one image."""
    classes: int
    channels: int
    image_size: int
    task: str = "classification"
    """What it returns its logits for, by its name in the table of tasks."""


_ROSENBLATT = "Rosenblatt 1958, The perceptron"
_ZHANG = "Zhang et al. 2017, Understanding deep learning requires rethinking generalization"
_DELVING = "He et al. 2015, Delving deep into rectifiers: as many layers, without convolutions"
_LECUN = "LeCun et al. 1998, Gradient-based learning"
_ALEXNET = "Krizhevsky et al. 2012, ImageNet classification with deep convolutional neural networks"
_WEIRD = "Krizhevsky 2014, One weird trick for parallelizing convolutional neural networks"
_VGG = "Simonyan and Zisserman 2015, Very deep convolutional networks"
_INCEPTION = "Szegedy et al. 2015, Going deeper with convolutions"
_RESNET = "He et al. 2016, Deep residual learning, section 4.1"
_CIFAR = "He et al. 2016, Deep residual learning, section 4.2"
_MOBILENET = "Howard et al. 2017, MobileNets"
_SHUFFLENET = "Zhang et al. 2018, ShuffleNet"
_SQUEEZENET = "Iandola et al. 2016, SqueezeNet"
_SEGNET = "Badrinarayanan et al. 2017, SegNet, in a small form"

# Builder, source, parameters, MACs, classes, channels, image size.
_TABLE = {
    "perceptron": ("perceptron:perceptron", _ROSENBLATT, 7_850, 7_840, 10, 1, 28),
    "mlp": ("perceptron:mlp", _ZHANG, 1_735_178, 1_733_632, 10, 3, 28),
    "deep_mlp": ("perceptron:deep_mlp", _DELVING, 564_106, 560_384, 10, 1, 28),
    "lenet5": ("lenet:lenet5", _LECUN, 61_706, 416_520, 10, 1, 32),
    "lenet5_1998": ("lenet:lenet5_1998", _LECUN, 60_000, 325_680, 10, 1, 32),
    "alexnet": ("alexnet:alexnet", _ALEXNET, 60_965_224, 724_406_816, 1000, 3, 224),
    "alexnet_one_column": ("alexnet:alexnet_one_column", _WEIRD, 61_100_840, 714_188_480, 1000, 3, 224),
    "vgg11": ("vgg:vgg11", _VGG, 132_863_336, 7_609_090_048, 1000, 3, 224),
    "vgg13": ("vgg:vgg13", _VGG, 133_047_848, 11_308_466_176, 1000, 3, 224),
    "vgg16": ("vgg:vgg16", _VGG, 138_357_544, 15_470_264_320, 1000, 3, 224),
    "vgg19": ("vgg:vgg19", _VGG, 143_667_240, 19_632_062_464, 1000, 3, 224),
    "googlenet": ("googlenet:googlenet", _INCEPTION, 13_378_280, 1_582_671_872, 1000, 3, 224),
    "resnet18": ("resnet:resnet18", _RESNET, 11_689_512, 1_814_073_344, 1000, 3, 224),
    "resnet34": ("resnet:resnet34", _RESNET, 21_797_672, 3_663_761_408, 1000, 3, 224),
    "resnet50": ("resnet:resnet50", _RESNET, 25_557_032, 4_089_184_256, 1000, 3, 224),
    "resnet101": ("resnet:resnet101", _RESNET, 44_549_160, 7_801_405_440, 1000, 3, 224),
    "resnet152": ("resnet:resnet152", _RESNET, 60_192_808, 11_513_626_624, 1000, 3, 224),
    "plain18": ("resnet:plain18", _RESNET, 11_515_688, 1_794_805_760, 1000, 3, 224),
    "plain34": ("resnet:plain34", _RESNET, 21_623_848, 3_644_493_824, 1000, 3, 224),
    "plain50": ("resnet:plain50", _RESNET, 22_780_456, 3_729_522_688, 1000, 3, 224),
    "plain101": ("resnet:plain101", _RESNET, 41_772_584, 7_441_743_872, 1000, 3, 224),
    "plain152": ("resnet:plain152", _RESNET, 57_416_232, 11_153_965_056, 1000, 3, 224),
    "cifar_resnet20": ("cifar_resnet:cifar_resnet20", _CIFAR, 269_722, 40_551_040, 10, 3, 32),
    "cifar_resnet32": ("cifar_resnet:cifar_resnet32", _CIFAR, 464_154, 68_862_592, 10, 3, 32),
    "cifar_resnet44": ("cifar_resnet:cifar_resnet44", _CIFAR, 658_586, 97_174_144, 10, 3, 32),
    "cifar_resnet56": ("cifar_resnet:cifar_resnet56", _CIFAR, 853_018, 125_485_696, 10, 3, 32),
    "cifar_resnet110": ("cifar_resnet:cifar_resnet110", _CIFAR, 1_727_962, 252_887_680, 10, 3, 32),
    "cifar_plain20": ("cifar_resnet:cifar_plain20", _CIFAR, 269_722, 40_551_040, 10, 3, 32),
    "cifar_plain32": ("cifar_resnet:cifar_plain32", _CIFAR, 464_154, 68_862_592, 10, 3, 32),
    "cifar_plain44": ("cifar_resnet:cifar_plain44", _CIFAR, 658_586, 97_174_144, 10, 3, 32),
    "cifar_plain56": ("cifar_resnet:cifar_plain56", _CIFAR, 853_018, 125_485_696, 10, 3, 32),
    "cifar_plain110": ("cifar_resnet:cifar_plain110", _CIFAR, 1_727_962, 252_887_680, 10, 3, 32),
    "mobilenet_v1": ("mobilenet:mobilenet_v1", _MOBILENET, 4_231_976, 568_740_352, 1000, 3, 224),
    "shufflenet_v1": ("shufflenet:shufflenet_v1", _SHUFFLENET, 1_865_728, 137_460_672, 1000, 3, 224),
    "squeezenet": ("squeezenet:squeezenet", _SQUEEZENET, 1_248_424, 818_924_576, 1000, 3, 224),
    "segnet": ("segnet:segnet", _SEGNET, 132_619, 59_113_472, 11, 3, 64),
}

_TASKS = {"segnet": "segmentation"}
"""Those of the others than classification."""

MODELS: dict[str, ModelCard] = {
    name: ModelCard("modules.zoo." + row[0], *row[1:], task=_TASKS.get(name, "classification"))
    for name, row in _TABLE.items()
}
