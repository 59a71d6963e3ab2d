"""Checks sttn_pytorch.py against recorded training of the official STTN code.

It runs in fp64: a trace holds activations within an fp32 rounding error of the ternary threshold. Equal
integers also meet in the shortcut's max pool, where rounding decides which of them takes the gradient, so
that a trace is only determined until such a tie falls the other way; hence LOSS_STEPS.

Usage: sttn_pytorch_test.py [FOLDER]; the default is tests/fixtures. Needs PyTorch and `safetensors`.
"""

import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import safe_open

from sttn_pytorch import BinaryBranchPair, SttnResNet, train_step

TRACE_TOLERANCE = 1e-5  # the traces are fp32
MERGED_TOLERANCE = 1e-12  # both sides are fp64
LOSS_STEPS = 3
DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "tests" / "fixtures"


def read_trace(path):
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        doubles = {n: t.double() if t.is_floating_point() else t for n, t in tensors.items()}
        return file.metadata(), doubles


def load_state(network, tensors, prefix):
    state = {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}
    own = network.state_dict()
    network.load_state_dict({name: value.reshape(own[name].shape) for name, value in state.items()})


def loss_function(metadata, tensors, step):
    if metadata["loss"] == "cross_entropy":
        return lambda logits: F.cross_entropy(logits, tensors[f"step{step}.target"])
    teacher = tensors[f"step{step}.teacher_logits"].softmax(dim=1)
    return lambda logits: -(teacher * logits.log_softmax(dim=1)).sum(dim=1).mean()


def relative_difference(actual, expected):
    return ((actual - expected).norm() / expected.norm().clamp_min(1e-30)).item()


def gradient_difference(network, tensors):
    """The worst parameter's; branch biases are left out, whose gradient is rounding noise."""
    return max(
        relative_difference(parameter.grad, tensors["grad0." + name])
        for name, parameter in network.named_parameters()
        if not (name.endswith(".bias") and ".conv" in name)
    )


def trace_differences(path):
    """The largest differences from the trace: first losses, first gradients, logits of the final state."""
    metadata, tensors = read_trace(path)
    widths = json.loads(metadata["widths"])
    classes = int(metadata["classes"])
    network = SttnResNet(widths, [1] * len(widths), classes, "imagenet", conv_bias=True).double()
    load_state(network, tensors, "init.")
    betas = tuple(float(beta) for beta in metadata["betas"].split(","))
    optimizer = torch.optim.Adam(
        network.parameters(), lr=float(metadata["lr"]), betas=betas, eps=float(metadata["eps"])
    )
    latents = network.latent_weights()
    loss_difference = 0
    for step in range(min(LOSS_STEPS, int(metadata["steps"]))):
        loss_of = loss_function(metadata, tensors, step)
        loss = train_step(network, latents, optimizer, tensors[f"step{step}.input"], loss_of)
        loss_difference = max(loss_difference, abs(loss - tensors["losses"][step].item()))
        if step == 0:
            first_gradients = gradient_difference(network, tensors)
    load_state(network, tensors, "final.")
    with torch.no_grad():
        logits = network.eval()(tensors["eval.input"])
    return {
        "losses": loss_difference,
        "gradients": first_gradients,
        "logits": (logits - tensors["eval.logits"]).abs().max().item(),
    }


def merged_differences():
    """How far one convolution a pair is from two, in the output and all gradients."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randint(-1, 2, (4, 16, 9, 9), generator=generator).double()
    weights = torch.randn(2, 24, 16, 3, 3, generator=generator, dtype=torch.double)
    dy = torch.randn(4, 24, 5, 5, generator=generator, dtype=torch.double)
    results = []
    for merged in (False, True):
        convs = [torch.nn.Conv2d(16, 24, 3, 2, padding=1, bias=False).double() for _ in range(2)]
        for conv, w in zip(convs, weights):
            conv.weight.data.copy_(w)
        input_ = x.clone().requires_grad_()
        pair = BinaryBranchPair(*convs, merged)
        y = pair(input_)
        y.backward(dy)
        dw1, dw2 = (conv.weight.grad for conv in convs)
        results.append({"y": y.detach(), "dx": input_.grad, "dw1": dw1, "dw2": dw2})
    two, one = results
    return {name: relative_difference(one[name], two[name]) for name in two}


def passes(title, differences, tolerance):
    passed = all(value <= tolerance for value in differences.values())  # a NaN fails
    values = ", ".join(f"{name} {value:.1e}" for name, value in differences.items())
    print(f"{'ok  ' if passed else 'FAIL'} {title}: differences in {values}")
    return passed


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER
    traces = sorted(folder.glob("train_trace_*.safetensors"))
    if not traces:
        sys.exit(f"{folder}: no train_trace_*.safetensors")
    passed = [passes(path.name, trace_differences(path), TRACE_TOLERANCE) for path in traces]
    passed.append(passes("one convolution a pair", merged_differences(), MERGED_TOLERANCE))
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
