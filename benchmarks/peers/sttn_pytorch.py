"""The STTN ResNet in plain PyTorch: the peer that Tern's training speed is measured against.

Soft Threshold Ternary Networks (Xu et al., IJCAI 2020): every convolution is a pair of binary branches, run
as two fp32 convolutions of the same ternary input. Modules and parameters bear the official network's names,
so its checkpoints load here. Tensors are NCHW and OIHW.
"""

import torch
import torch.nn.functional as F
from torch import nn


class TernaryActivation(torch.autograd.Function):
    """-1 for x < -0.5, +1 for x >= 0.5, else 0; straight-through gradient dy * [|x| <= 1]."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x >= 0.5).to(x.dtype) - (x < -0.5).to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * (x.abs() <= 1)


class BranchWeights(torch.autograd.Function):
    """Latent weights (w1, w2) to alpha * sign(w1), alpha * sign(w2), or with `merged` to their sum.

    alpha is the mean of |w1| and |w2| over each filter. Backward is the official rule: G + s * mean(s * G) over each
    filter, G the gradient of the binary weight, s its sign.
    """

    @staticmethod
    def forward(ctx, w1, w2, merged):
        alpha = (w1.abs() + w2.abs()).mean(dim=(1, 2, 3), keepdim=True) / 2  # (O, 1, 1, 1)
        # sign(0) is +1, since a weight of 0 is not binary
        signs = [(w >= 0).to(w.dtype) * 2 - 1 for w in (w1, w2)]
        ctx.save_for_backward(*signs)
        if merged:
            return alpha * (signs[0] + signs[1])
        return alpha * signs[0], alpha * signs[1]

    @staticmethod
    def backward(ctx, *gradients):
        def rule(sign, gradient):
            return gradient + sign * (sign * gradient).mean(dim=(1, 2, 3), keepdim=True)

        s1, s2 = ctx.saved_tensors
        return rule(s1, gradients[0]), rule(s2, gradients[-1]), None


class BinaryBranchPair:
    """Two convolutions of one input with binary weights; with `merged`, one with the sum of both, which gives the
    same result and gradients but for rounding."""

    def __init__(self, first, second, merged):
        self.convs = (first, second)
        self.merged = merged

    def __call__(self, x):
        first, second = self.convs
        weights = BranchWeights.apply(first.weight, second.weight, self.merged)
        if self.merged:
            bias = None if first.bias is None else first.bias + second.bias
            return F.conv2d(x, weights, bias, first.stride, first.padding)
        return sum(
            F.conv2d(x, w, conv.bias, conv.stride, conv.padding) for w, conv in zip(weights, self.convs)
        )


class SttnBlock(nn.Module):
    """BN -> ternary activation -> binary-branch convolution -> BN -> + shortcut -> PReLU, twice."""

    def __init__(self, in_channels, out_channels, stride, conv_bias, merged):
        super().__init__()

        def conv3x3(channels, step):
            return nn.Conv2d(channels, out_channels, 3, step, padding=1, bias=conv_bias)

        self.bn1 = nn.BatchNorm2d(in_channels)
        self.conv1_1 = conv3x3(in_channels, stride)
        self.conv1_2 = conv3x3(in_channels, stride)
        self.bn_add1 = nn.BatchNorm2d(out_channels)
        self.prelu1 = nn.PReLU(out_channels)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.conv2_1 = conv3x3(out_channels, 1)
        self.conv2_2 = conv3x3(out_channels, 1)
        self.bn_add2 = nn.BatchNorm2d(out_channels)
        self.prelu2 = nn.PReLU(out_channels)
        self.pair1 = BinaryBranchPair(self.conv1_1, self.conv1_2, merged)
        self.pair2 = BinaryBranchPair(self.conv2_1, self.conv2_2, merged)
        self.stride = stride
        self.extra_channels = out_channels - in_channels

    def forward(self, x):
        shortcut = F.max_pool2d(x, 2, self.stride) if self.stride > 1 else x
        if self.extra_channels > 0:
            shortcut = F.pad(shortcut, (0, 0, 0, 0, 0, self.extra_channels))
        y = self.bn_add1(self.pair1(TernaryActivation.apply(self.bn1(x))))
        x = self.prelu1(y + shortcut)
        y = self.bn_add2(self.pair2(TernaryActivation.apply(self.bn2(x))))
        return self.prelu2(y + x)


def stem_layers(stem, width):
    """`imagenet`: 7x7 stride 2 and a max pool; `cifar`: 3x3 stride 1."""
    if stem == "cifar":
        return [nn.Conv2d(3, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.PReLU(width)]
    conv = nn.Conv2d(3, width, 7, 2, padding=3, bias=False)
    return [conv, nn.BatchNorm2d(width), nn.PReLU(width), nn.MaxPool2d(3, 2, padding=1)]


class SttnResNet(nn.Module):
    """x (N, 3, H, W) to logits (N, classes). The defaults are cifar_resnet20_bwx2.

    conv_bias: biases in the binary branches, which the batch norm behind them makes useless.
    merged: one convolution a pair, see BinaryBranchPair.
    """

    def __init__(
        self, widths=(16, 32, 64), depths=(3, 3, 3), classes=10, stem="cifar", conv_bias=False, merged=False
    ):
        super().__init__()
        layers = stem_layers(stem, widths[0])
        channels = widths[0]
        for stage, (width, depth) in enumerate(zip(widths, depths)):
            for block in range(depth):
                stride = 2 if stage > 0 and block == 0 else 1
                layers.append(SttnBlock(channels, width, stride, conv_bias, merged))
                channels = width
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        return self.fc(self.features(x).mean(dim=(2, 3)))

    def initialise(self, seed):
        """Convolution and linear weights ~ N(0, 1 / fan_in), biases 0, as in the official code."""
        generator = torch.Generator().manual_seed(seed)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                fan_in = module.weight[0].numel()
                module.weight.data.normal_(0, 1 / fan_in, generator=generator)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def latent_weights(self):
        """Those of all binary branches."""
        pairs = [pair for block in self.modules() if isinstance(block, SttnBlock) for pair in (block.pair1, block.pair2)]
        return [conv.weight for pair in pairs for conv in pair.convs]


@torch.no_grad()
def clamp_latents(weights):
    """To [-1, 1], before each step."""
    torch._foreach_clamp_min_(weights, -1)
    torch._foreach_clamp_max_(weights, 1)


def train_step(forward, latents, optimizer, x, loss_of):
    """One step of training: `forward` is the network, perhaps compiled, `latents` its latent_weights(); `loss_of`
    turns logits into the loss, whose value is returned."""
    clamp_latents(latents)
    optimizer.zero_grad(set_to_none=True)
    loss = loss_of(forward(x))
    loss.backward()
    optimizer.step()
    return loss.item()
