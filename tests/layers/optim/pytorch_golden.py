"""Writes pytorch_golden.h beside this file: what PyTorch's optimisers and schedules compute.

    python3 pytorch_golden.py

Values and gradients are dyadic fractions, exact in float32; golden_problem.h builds the same.
"""

import pathlib

import torch

SIZE, STEPS, LR = 11, 5, 0.03125


def train(make):
    w = torch.tensor([(i * 37 % 64 - 32) / 32 for i in range(SIZE)], requires_grad=True)
    optimizer = make([w])
    for t in range(STEPS):
        w.grad = torch.tensor([(i * 13 + t * 29) % 128 / 64 - 1 for i in range(SIZE)])
        optimizer.step()
    return w.tolist()


def rates(make, epochs):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    schedule = make(optimizer)
    values = []
    for _ in range(epochs):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return values


optim, scheduler = torch.optim, torch.optim.lr_scheduler
WEIGHTS = {
    "kSgd": lambda p: optim.SGD(p, lr=LR),
    "kSgdMomentum": lambda p: optim.SGD(p, lr=LR, momentum=0.9, weight_decay=0.125),
    "kSgdNesterov": lambda p: optim.SGD(p, lr=LR, momentum=0.9, weight_decay=0.125, nesterov=True),
    "kAdam": lambda p: optim.Adam(p, lr=LR),
    "kAdamDecay": lambda p: optim.Adam(p, lr=LR, betas=(0.75, 0.9), eps=1e-3, weight_decay=0.125),
    "kAdamW": lambda p: optim.AdamW(p, lr=LR, weight_decay=0.125),
}
RATES = {
    "kCosine": rates(lambda o: scheduler.CosineAnnealingLR(o, T_max=7, eta_min=0.01), 8),
    "kStepDecay": rates(lambda o: scheduler.StepLR(o, step_size=3, gamma=0.2), 8),
}


def array(kind, name, values):
    suffix = "F" if kind == "float" else ""
    digits = 9 if kind == "float" else 17
    body = ", ".join(f"{v:#.{digits}g}{suffix}" for v in values)
    return f"inline const std::vector<{kind}> {name}{{{body}}};\n"


text = f"// Written by pytorch_golden.py with PyTorch {torch.__version__.split('+')[0]}; do not edit.\n"
text += "#pragma once\n\n#include <vector>\n\nnamespace tern::test::pytorch {\n\n"
text += "".join(array("float", name, train(make)) for name, make in WEIGHTS.items())
text += "".join(array("double", name, values) for name, values in RATES.items())
text += "\n}  // namespace tern::test::pytorch\n"
pathlib.Path(__file__).with_suffix(".h").write_text(text)
