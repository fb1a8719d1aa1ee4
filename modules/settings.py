"""What a recipe says of training: loss, optimizer, schedule, and everything that is done in its steps. Plain data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from modules.values import Value


class _Loss(Value):
    label_smoothing: float = Field(0.0, ge=0, lt=1)
    """Share of every label that is spread over all classes, its own among them (Szegedy et al. 2016)."""


class CrossEntropy(_Loss):
    """Cross-entropy of the softmax: minus the log-likelihood of the label."""

    name: Literal["cross_entropy"] = "cross_entropy"


class Focal(_Loss):
    """Focal loss (Lin et al. 2017): cross-entropy in which what is classified well already weighs less."""

    name: Literal["focal"] = "focal"
    gamma: float = Field(2.0, ge=0)
    """Exponent of (1 - p) in the weight. 0 is cross-entropy."""


class SquaredError(_Loss):
    """Mean squared error of probabilities against the one-hot label, summed over classes (Brier 1950)."""

    name: Literal["mse"] = "mse"


Loss = Annotated[CrossEntropy | Focal | SquaredError, Field(discriminator="name")]


class _Optimizer(Value):
    lr: float = Field(gt=0)
    """Learning rate: the highest one where a schedule moves it."""
    weight_decay: float = Field(0.0, ge=0)
    """Weight decay of all parameters but biases and those of norms."""
    decay: Literal["coupled", "decoupled"] | None = None
    """Whether the decay is an L2 penalty in the gradient (`coupled`) or shrinks the weights beside the step by
    lr x weight_decay (`decoupled`, Loshchilov and Hutter 2019); as the rule was published where not given."""


Beta = Annotated[float, Field(ge=0, lt=1)]


class _WithBetas(_Optimizer):
    betas: Annotated[tuple[Beta, Beta], Field(strict=False)] = (0.9, 0.999)
    """Decays of the means of the gradients and of their squares."""


class Sgd(_Optimizer):
    """Stochastic gradient descent, with momentum (Polyak 1964) where asked."""

    name: Literal["sgd"]
    momentum: float = Field(0.0, ge=0, lt=1)
    nesterov: bool = False
    """Nesterov's momentum (Sutskever et al. 2013)."""

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Sgd:
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov is a kind of momentum: give momentum, 0.9 for instance, or take nesterov away")
        return self


class Adagrad(_Optimizer):
    """Adagrad (Duchi et al. 2011)."""

    name: Literal["adagrad"]


class RmsProp(_Optimizer):
    """RMSprop (Tieleman and Hinton 2012)."""

    name: Literal["rmsprop"]
    alpha: float = Field(0.99, ge=0, lt=1)
    momentum: float = Field(0.0, ge=0, lt=1)


class Adadelta(_Optimizer):
    """Adadelta (Zeiler 2012); its published learning rate is 1."""

    name: Literal["adadelta"]
    rho: float = Field(0.9, ge=0, lt=1)


class Adam(_WithBetas):
    """Adam (Kingma and Ba 2015); its weight decay is coupled, that is, an L2 penalty."""

    name: Literal["adam"]


class AdamW(_WithBetas):
    """AdamW (Loshchilov and Hutter 2019); its weight decay is decoupled from the gradient."""

    name: Literal["adamw"]


class NAdam(_WithBetas):
    """NAdam (Dozat 2016): Adam with Nesterov's momentum."""

    name: Literal["nadam"]


class RAdam(_WithBetas):
    """RAdam (Liu et al. 2020): Adam whose first steps are held back until their variance is known."""

    name: Literal["radam"]


class Adamax(_WithBetas):
    """Adamax (Kingma and Ba 2015): Adam by the infinity norm."""

    name: Literal["adamax"]


class Muon(_Optimizer):
    """Muon (Jordan et al. 2024): momentum, orthogonalised, for weight matrices of hidden layers; AdamW for all others.

    Convolutions count as matrices (out, in x k x k). Steps are scaled to the size of AdamW's (Liu et al. 2025), so
    that one learning rate serves both; the decay is decoupled.
    """

    name: Literal["muon"]
    momentum: float = Field(0.95, ge=0, lt=1)


Optimizer = Annotated[
    Sgd | Adagrad | RmsProp | Adadelta | Adam | AdamW | NAdam | RAdam | Adamax | Muon, Field(discriminator="name")
]


class Constant(Value):
    """The learning rate stays."""

    name: Literal["constant"] = "constant"


class Step(Value):
    """The learning rate falls in steps."""

    name: Literal["step"] = "step"
    every: float = Field(1 / 3, gt=0, le=1)
    """Share of the training after which it falls each time."""
    fall: float = Field(0.1, gt=0, lt=1)
    """What it is multiplied by."""


class Cosine(Value):
    """The learning rate falls to 0 along half a cosine (Loshchilov and Hutter 2017)."""

    name: Literal["cosine"] = "cosine"


class OneCycle(Value):
    """The learning rate rises from a twenty-fifth to lr and falls to almost 0 (Smith and Topin 2019)."""

    name: Literal["one_cycle"] = "one_cycle"
    rise: float = Field(0.3, gt=0, lt=1)
    """Share of the training in which it rises."""


class Warmup(Value):
    """The learning rate rises linearly to lr (Goyal et al. 2017), then stays or falls along half a cosine."""

    name: Literal["warmup"] = "warmup"
    share: float = Field(0.1, gt=0, lt=1)
    """Share of the training in which it rises."""
    then: Literal["constant", "cosine"] = "constant"
    """What comes after."""


Schedule = Annotated[Constant | Step | Cosine | OneCycle | Warmup, Field(discriminator="name")]


class Regularization(Value):
    """What holds weights and steps small, or looks for flat minima."""

    l1: float = Field(0.0, ge=0)
    """Strength of the L1 penalty on weights, by a proximal step, so that weights become exactly 0 (Tibshirani 1996)."""
    max_norm: float | None = Field(None, gt=0)
    """Largest norm of the weights that come into one unit (Srebro and Shraibman 2005; Srivastava et al. 2014)."""
    clip_norm: float | None = Field(None, gt=0)
    """Largest norm of the whole gradient (Pascanu et al. 2013)."""
    sam: float = Field(0.0, ge=0)
    """Radius rho of sharpness-aware minimisation (Foret et al. 2021); 0 is off."""


class Noise(Value):
    """What is disturbed in every training step, drawn anew each time; never when measuring."""

    inputs: float = Field(0.0, ge=0)
    """Standard deviation of Gaussian noise on images, relative to their spread (Bishop 1995)."""
    weights: float = Field(0.0, ge=0)
    """Standard deviation of Gaussian noise on weights while gradients are computed, relative to the spread of each
    weight tensor (Murray and Edwards 1994)."""
    gradients: float = Field(0.0, ge=0)
    """Variance eta of Gaussian noise on gradients, which decays as eta / (1 + t)^0.55 (Neelakantan et al. 2015)."""
    labels: float = Field(0.0, ge=0, le=1)
    """Probability that a label is replaced by a uniform draw over all classes, for one step (Xie et al. 2016)."""


class Stopping(Value):
    """When training ends, and which epoch's weights are measured: the last, or the best on validation data."""

    patience: int | None = Field(None, ge=1)
    """Epochs without a better validation value after which training stops (Prechelt 1998) and the best weights come
    back. None trains for all epochs and measures the last."""
    monitor: Literal["val_accuracy", "val_loss"] = "val_accuracy"
    """What is watched."""


class Averaging(Value):
    """An average over steps, buffers included, that is validated and measured instead of the last weights."""

    kind: Literal["ema", "swa"] | None = None
    """`ema`: an exponential moving average over steps (Polyak and Juditsky 1992); `swa`: the mean over the last
    epochs (Izmailov et al. 2018), for which batch norms see the training images once more."""
    decay: float = Field(0.99, gt=0, lt=1)
    """Of `ema`: weight of the old average in each step."""
    start: float = Field(0.75, ge=0, lt=1)
    """Of `swa`: share of the epochs after which averaging begins."""


class Ensemble(Value):
    """Several networks whose probabilities are averaged; all of them are one run."""

    members: int = Field(1, ge=1, le=100)
    """How many networks, each with streams of its own (init, order, augmentation, forward); the first is what would be
    trained alone."""
    bootstrap: bool = False
    """Whether each member is trained on its own resample, with replacement, of the training images (Breiman 1996)."""


Precision = Literal["float32", "bf16"]


class Trainer(Value):
    """How long, in what steps, and in what arithmetic."""

    epochs: int = Field(60, ge=1)
    batch_size: int = Field(32, ge=1)
    precision: Precision = "float32"
    """`bf16`: convolutions and matrix products in bfloat16 (Kalamkar et al. 2019) in training, validation and the final
    measures; weights, the optimizer and losses stay in float32."""
    compile: bool = False
    """Whether training passes run code that torch.compile makes for the network; what is measured never does."""
    probe: bool = False
    """Whether the spread of every layer's activations, and of the gradients there, is noted before the first step and
    after the last (Glorot and Bengio 2010); training does not notice."""


class Detection(Value):
    """How things are found in images by R-CNN (Girshick et al. 2014); says nothing of other tasks."""

    proposals: int = Field(2000, ge=1, le=10_000)
    """Most regions of an image that selective search may propose (Uijlings et al. 2013)."""
    region_size: int = Field(32, ge=8, le=512)
    """Side in pixels of the square that every region is warped to; 227 as published."""
    context: int = Field(16, ge=0, le=113)
    """Pixels around a region that are seen with it, of 227 a side, as published; scaled to `region_size`."""
    fine_tuning: bool = True
    """Whether the network, once trained on single digits, is trained on regions before its features are used."""
    draws: int = Field(32, ge=1, le=10_000)
    """Regions that fine-tuning draws in an epoch for each training image, a quarter of them of things."""
    classifier: Literal["svm", "softmax"] = "svm"
    """What scores regions: a linear SVM for each class, or the softmax of the fine-tuned network."""
    box_regression: bool = True
    """Whether boxes are moved to where their features say that the thing is."""
