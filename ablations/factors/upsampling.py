"""How feature maps are made larger (Zeiler et al. 2010; Badrinarayanan et al. 2017; Odena et al. 2016)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field

from ablations.edit import ModelEdit
from modules.recipe import Stage

if TYPE_CHECKING:
    import torch
    from torch import nn


class Upsampling(ModelEdit):
    """Up-sampling (Badrinarayanan et al. 2017, SegNet): by transposed convolutions, by unpooling, or by resizing.

    In the place of every module of another kind that makes maps larger, with the same channels and size. Each kind has
    one convolution: `transposed` is one, `unpool` and `resize` put one of 3 x 3 behind. Between these two its weights
    stay; fresh weights have the gain of the old ones and biases are kept. `unpool` stands only where a pool's indices
    are handed over, and in the place of what had no convolution the others bring one.
    """

    factor = "upsampling"
    source = (
        "Zeiler et al. 2010, Deconvolutional networks (transposed); Badrinarayanan et al. 2017, SegNet (unpool); Odena "
        "et al. 2016, Deconvolution and checkerboard artifacts (resize)"
    )
    expect = (
        "Transposed convolutions leave a checkerboard where the stride does not divide the window, resizing leaves "
        "none (Odena et al. 2016). Unpooling finds boundaries better than decoders without indices or learning, which "
        "learned up-sampling with more memory beats (Badrinarayanan et al. 2017)."
    )
    pitfall = (
        "A window that the stride divides can learn to be even but does not have to. Where nothing stands out in an "
        "image all maxima are equal, indices all point to the same corner, and unpooling makes a checkerboard of its "
        "own."
    )
    cites = ("zeiler2010deconvolutional", "badrinarayanan2017segnet", "odena2016deconvolution")
    stage = Stage.RESHAPE
    rebuilds = True

    kind: Literal["transposed", "unpool", "resize"] | None = "transposed"
    """Which one. None is the baseline."""
    kernel: int = Field(3, ge=2, le=16)
    """Side of the window of `transposed`; the other kinds do not read it."""
    mode: Literal["nearest", "bilinear"] = "nearest"
    """How `resize` fills in pixels; the other kinds do not read it."""

    @classmethod
    def null(cls) -> Self:
        return cls(kind=None)

    @property
    def off(self) -> bool:
        return self.kind is None

    def told(self) -> dict[str, Any]:
        read = {"transposed": "kernel", "resize": "mode"}.get(self.kind or "")
        return {"kind": self.kind or "baseline"} | {k: v for k, v in super().told().items() if k == read}

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from modules.surgery import copied, drawing_from, needed, no_effect, refusing
        from modules.surgery.passes import check_runs
        from modules.surgery.replacement import replace_modules
        from modules.surgery.upsampling import places, stand_in

        edited = copied(model)
        if self.kind is None:
            return edited
        with refusing(self):
            found = places(edited, self.kind, needed(self, example))
        if not found:
            no_effect(self, self._wanted, model)
        with drawing_from(generator):
            made = {one: stand_in(self.kind, one, place, self.kernel, self.mode) for one, place in found.items()}
        edited = replace_modules(edited, made)
        with refusing(self):
            check_runs(edited, example)
        return edited

    @property
    def _wanted(self) -> str:
        if self.kind == "unpool":
            return "modules that make maps larger and are handed the indices of a max pool"
        return "modules of another kind that make maps larger: ConvTranspose2d with a stride, MaxUnpool2d, Upsample"
