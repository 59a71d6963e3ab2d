#!/usr/bin/env python3
"""import_check.py PROGRAMS IMAGES [--networks NAME...] [--json FILE]: saves networks by PyTorch in its file formats, imports
each file by tern-import, and compares the logits that Tern and PyTorch compute for the same pictures.

PROGRAMS is the folder of tern-import, tern-merge and write_logits, IMAGES a folder of JPEGs with a folder for each class.
Needs torch, torchvision, timm and safetensors. Weights are random, batch norms' statistics those of the pictures.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch
from safetensors.torch import load_file, save_file

import sttn_pytorch

# The networks by Tern's names.
NETWORKS = ("resnet18_bwx2", "resnet18_ter", "resnet18", "resnet34", "resnet50", "timm resnet18")
FORMATS = ("zip", "legacy", "training", "safetensors", "half")


def official_pair():
    """The official code's resnet18_bwx2: with biases in its branches."""
    network = sttn_pytorch.SttnResNet((64, 128, 256, 512), (2, 2, 2, 2), 1000, "imagenet", conv_bias=True)
    network.initialise(1)
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d) and module.bias is not None:
            torch.nn.init.normal_(module.bias, std=0.1)
    for weight in network.latent_weights():
        weight.data[weight.data == 0] = 1e-9  # of which the official code makes no binary weight
    return network


def make_network(name):
    torch.manual_seed(1)
    if name in ("resnet18_bwx2", "resnet18_ter"):
        return official_pair()
    if name.startswith("timm "):
        import timm

        return timm.create_model(name.split()[1], pretrained=False)
    import torchvision

    return getattr(torchvision.models, name)()


@torch.no_grad()
def set_statistics(network, images):
    """Running statistics of the pictures, and weights and biases of batch norms that are not 1 and 0."""
    norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # the average of all batches
        norm.weight.uniform_(0.5, 1.5)
        norm.bias.normal_(std=0.3)
    network.train()
    network(images)
    network.eval()


def merged_state(network):
    """What merge_from_bwx2_to_ternary.py of the official code makes of a pair: one convolution with
    alpha (sign(W1) + sign(W2)) and the sum of both biases."""
    state = network.state_dict()
    for name in [name for name in state if name.endswith("_1.weight")]:
        first, second = name, name.replace("_1.weight", "_2.weight")
        w1, w2 = state.pop(first).clamp(-1, 1), state.pop(second).clamp(-1, 1)
        alpha = (w1.abs() + w2.abs()).sum(dim=(1, 2, 3), keepdim=True) / (2 * w1[0].numel())
        merged = name.replace("_1.weight", "")
        state[f"{merged}.weight"] = alpha * w1.sign() + alpha * w2.sign()
        biases = [state.pop(branch.replace("weight", "bias")) for branch in (first, second)]
        state[f"{merged}.bias"] = biases[0] + biases[1]
    return state


def save(state, path, form):
    if form == "safetensors":
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, path)
    elif form == "half":
        save_file({name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in state.items()}, path)
    elif form == "training":  # DataParallel's names, beside what belongs to training
        nested = {"epoch": 1, "arch": "x", "best_prec1": torch.tensor(1.0),
                  "state_dict": {f"module.{name}": tensor for name, tensor in state.items()}}
        torch.save(nested, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=form == "zip")


def run(program, *arguments):
    subprocess.run([program, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def read_logits(programs, model, images, folder):
    """(images as NCHW, logits) of Tern."""
    run(programs / "write_logits", model, images, folder / "logits.safetensors")
    tensors = load_file(folder / "logits.safetensors")
    return tensors["images"].permute(0, 3, 1, 2).contiguous(), tensors["logits"].numpy()


def imported(programs, name, path, folder):
    """The file that Tern runs: the checkpoint, of a pair what it merges to, which --check holds to be equal to it."""
    model = folder / "imported.safetensors"
    run(programs / "tern-import", path, "--model", name.split()[-1], "-o", model)
    if name != "resnet18_bwx2":
        return model
    run(programs / "tern-merge", model, "-o", folder / "merged.safetensors", "--check")
    return folder / "merged.safetensors"


@torch.no_grad()
def check(programs, images, name, pixels, folder):
    network = make_network(name)
    set_statistics(network, pixels)
    state = merged_state(network) if name == "resnet18_ter" else network.state_dict()
    rows, first = [], None
    for form in FORMATS:
        if form == "half" and "_" in name:  # it would move the thresholds
            continue
        path = folder / ("state.safetensors" if form in ("safetensors", "half") else "state.pth.tar")
        save(state, path, form)
        _, logits = read_logits(programs, imported(programs, name, path, folder), images, folder)
        if form == "half":
            network.load_state_dict({key: value.half().float() if value.is_floating_point() else value
                                     for key, value in state.items()})
        expected = network(pixels).numpy()
        differences = numpy.abs(logits - expected).max(axis=1) / numpy.abs(expected).max()
        rows.append({"network": name, "format": form, "images": len(logits),
                     "within 1e-4": int((differences < 1e-4).sum()), "largest": float(differences.max()),
                     "median": float(numpy.median(differences)),
                     "top-1 equal": int((logits.argmax(1) == expected.argmax(1)).sum())})
        first = logits if first is None else first
        assert form == "half" or (logits == first).all(), f"{name}: {form} gives other logits than {FORMATS[0]}"
    return rows


def print_table(rows):
    print("| network | file | images | within 1e-4 | median | largest difference | top-1 equal |\n|---|---|---|---|---|---|---|")
    for row in rows:
        print(f"| `{row['network']}` | {row['format']} | {row['images']} | {row['within 1e-4']} | {row['median']:.1e} | "
              f"{row['largest']:.1e} | {row['top-1 equal']} |")
    print("\nDifferences are of the largest logit.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("images", type=pathlib.Path)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=NETWORKS)
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        save(make_network("resnet18").state_dict(), folder / "any.pth", "zip")
        any_network = imported(arguments.programs, "resnet18", folder / "any.pth", folder)
        pixels, _ = read_logits(arguments.programs, any_network, arguments.images, folder)
        for network in arguments.networks:
            rows += check(arguments.programs, arguments.images, network, pixels, folder)
    print_table(rows)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")
    failed = [row for row in rows if row["top-1 equal"] < row["images"]]
    sys.exit(f"top-1 differs: {failed}" if failed else 0)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    main()
