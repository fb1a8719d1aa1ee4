"""Small networks of which every position of the output depends on all that it reads: no maxima, no zeros."""

import torch
from torch import nn
from torch.nn import functional as F


def smooth(*layers):
    return nn.Sequential(*layers)


class Branches(nn.Module):
    """Three ways of different length that are put one behind the other, then a way around."""

    def __init__(self):
        super().__init__()
        self.narrow = nn.Conv2d(2, 2, 1)
        self.wide = nn.Conv2d(2, 2, 5, padding=2)
        self.pool = nn.AvgPool2d(3, 1, padding=1)
        self.after = nn.Conv2d(6, 6, 3, padding=2, dilation=2, groups=2)

    def forward(self, x):
        y = torch.cat([self.narrow(x), self.wide(x), self.pool(x)], 1)
        return y + self.after(F.softplus(y))


class Hourglass(nn.Module):
    """Down, up, and across."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(2, 4, 4, stride=2, padding=1)
        self.up = nn.ConvTranspose2d(4, 2, 4, stride=2, padding=1)
        self.out = nn.Conv2d(4, 1, 3, padding=1)

    def forward(self, x):
        return self.out(torch.cat([x, self.up(F.softplus(self.down(x)))], 1))


class Squeezed(nn.Module):
    """Maps weighed by what is in all of the image (Hu et al. 2018)."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, padding=1)
        self.weigh = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 4, 1), nn.Sigmoid())

    def forward(self, x):
        y = self.conv(x)
        return y * self.weigh(y)


class Split(nn.Module):
    """Half of the maps go another way, and all of both are averaged by hand and put one behind the other."""

    def __init__(self):
        super().__init__()
        self.first, self.left, self.right = nn.Conv2d(2, 4, 3), nn.Conv2d(2, 2, 3), nn.Conv2d(2, 2, 1, stride=2)

    def forward(self, x):
        left, right = self.first(x).chunk(2, dim=1)
        return torch.cat([self.left(left).flatten(2).mean(2), self.right(right).mean((2, 3))], 1)


class Stretched(nn.Module):
    """A map of one pixel that has not seen all, laid over every pixel of another."""

    def __init__(self):
        super().__init__()
        self.one, self.many = nn.Conv2d(2, 2, 8, stride=8), nn.Conv2d(2, 2, 3, padding=1)

    def forward(self, x):
        return self.many(x) + self.one(x[:, :, :8, :8])


class Rows(nn.Module):
    """A linear layer along each row, of which it reads all, and of the columns none."""

    def __init__(self):
        super().__init__()
        self.along = nn.Linear(8, 8)
        self.last = nn.Conv2d(2, 2, 1)

    def forward(self, x):
        return self.last(self.along(x))


class Asked(nn.Module):
    """Asks a transposed convolution for a size that its own settings do not lead to."""

    def __init__(self):
        super().__init__()
        self.down, self.up = nn.Conv2d(2, 2, 3, stride=2, padding=1), nn.ConvTranspose2d(2, 2, 3, stride=2, padding=1)

    def forward(self, x):
        return self.up(self.down(x), output_size=x.shape[2:])


class Patched(nn.Module):
    """Writes into a part of a tensor that nothing was seen by before."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)
        self.last = nn.Conv2d(4, 1, 1)

    def forward(self, x):
        room = x.new_zeros(len(x), 4, *x.shape[2:])
        room[:, :2] = self.conv(x)
        return self.last(room)


class Tokens(nn.Module):
    """Attention over patches, by a product of what passes through with itself."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(2, 8, 4, stride=4)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        return self.head((tokens @ tokens.transpose(1, 2)).softmax(2) @ tokens)


class Shared(nn.Module):
    """One layer, used twice, and one that is used in training alone."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)
        self.extra = nn.Linear(7, 5)

    def forward(self, x):
        return self.conv(self.conv(x))


SMOOTH = {
    "two convolutions": lambda: smooth(nn.Conv2d(2, 3, 3), nn.Softplus(), nn.Conv2d(3, 1, 5, stride=2, padding=2)),
    "dilation": lambda: smooth(nn.Conv2d(2, 2, 3, dilation=3, padding=3), nn.Conv2d(2, 2, 2, stride=3, dilation=2)),
    "same": lambda: smooth(nn.Conv2d(2, 2, 4, padding="same", dilation=2), nn.Conv2d(2, 2, 3, padding="same")),
    "oblong": lambda: smooth(nn.Conv2d(2, 2, (5, 1), padding=(2, 0)), nn.Conv2d(2, 2, (1, 3), stride=(1, 2))),
    "pools": lambda: smooth(nn.AvgPool2d(3, 2, ceil_mode=True), nn.Conv2d(2, 2, 3, groups=2), nn.AvgPool2d(2)),
    "adaptive": lambda: smooth(nn.Conv2d(2, 2, 3, padding=1), nn.AdaptiveAvgPool2d(5)),
    "transposed": lambda: smooth(
        nn.Conv2d(2, 2, 3, stride=2), nn.ConvTranspose2d(2, 2, 3, stride=2), nn.Conv2d(2, 2, 2)
    ),
    "transposed, dilated": lambda: smooth(
        nn.ConvTranspose2d(2, 2, 3, stride=2, padding=1, dilation=2, output_padding=1)
    ),
    "nearest": lambda: smooth(nn.AvgPool2d(2), nn.Upsample(scale_factor=2), nn.Conv2d(2, 2, 3)),
    "bilinear": lambda: smooth(nn.AvgPool2d(2), nn.Upsample(scale_factor=3, mode="bilinear"), nn.Conv2d(2, 2, 3)),
    "padded": lambda: smooth(nn.ZeroPad2d((2, 1, 0, 3)), nn.Conv2d(2, 2, 3, stride=2)),
    "group norm": lambda: smooth(nn.Conv2d(2, 2, 3), nn.GroupNorm(1, 2)),
    "shuffled pixels": lambda: smooth(nn.Conv2d(2, 4, 3, padding=1), nn.PixelShuffle(2), nn.Conv2d(1, 1, 3)),
    "branches": Branches,
    "hourglass": Hourglass,
    "squeezed": Squeezed,
    "split": Split,
    "asked for a size": Asked,
    "linear": lambda: smooth(
        nn.Conv2d(2, 2, 3, stride=2), nn.Flatten(), nn.LazyLinear(3), nn.Softplus(), nn.Linear(3, 2)
    ),
}
