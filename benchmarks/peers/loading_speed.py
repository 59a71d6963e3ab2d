#!/usr/bin/env python3
"""One thread that reads photographs and makes 224x224 crops of them: Tern's loader and torchvision's transforms, in turn.

    loading_speed.py PHOTOS --bench build/release/bin/loader_bench       PHOTOS/CLASS/*.jpg (benchmarks/data/make_photos.py)

Prints medians of the CPU time per image, which other processes change little, and how many images a second that is. Needs
torch, torchvision and Pillow.
"""
import argparse
import pathlib
import statistics
import subprocess
import time

import PIL
import torch
import torchvision
from PIL import Image
from torchvision import transforms

FINISH = [transforms.RandomHorizontalFlip(), transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.25] * 3)]
BICUBIC = transforms.InterpolationMode.BICUBIC
# By the name of loader_bench's row.
PIPELINES = {
    "decoding whole": lambda image: image,
    "resize 256, random crop": transforms.Compose(
        [transforms.Resize(256, BICUBIC), transforms.RandomCrop(224), *FINISH]),
    "random resized crop": transforms.Compose([transforms.RandomResizedCrop(224, interpolation=BICUBIC), *FINISH]),
}


def torchvision_microseconds(paths, pipeline):
    start = time.process_time()
    for path in paths:
        pipeline(Image.open(path).convert("RGB"))
    return (time.process_time() - start) * 1e6 / len(paths)


def tern_microseconds(bench, photos):
    """Of each row."""
    command = [bench, photos, "--photos", "--repeats", "3"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {line[:24].strip(): float(line.split()[-1]) for line in lines if line[:24].strip() in PIPELINES}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=pathlib.Path)
    parser.add_argument("--bench", required=True, help="loader_bench")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    paths = sorted(options.photos.glob("*/*.jpg"))
    ours = {name: [] for name in PIPELINES}
    theirs = {name: [] for name in PIPELINES}
    for _ in range(options.repeats):
        for name, microseconds in tern_microseconds(options.bench, options.photos).items():
            ours[name].append(microseconds)
        for name, pipeline in PIPELINES.items():
            theirs[name].append(torchvision_microseconds(paths, pipeline))
    size = sum(path.stat().st_size for path in paths) / len(paths) / 1000
    print(f"{len(paths)} JPEGs of {size:.0f} KB on average; torchvision {torchvision.__version__}, Pillow {PIL.__version__};"
          f" medians of {options.repeats} turns\n")
    print("| one thread | Tern, us/image | images/s | torchvision, us/image | images/s | Tern is x times as fast |")
    print("|---|---|---|---|---|---|")
    for name in PIPELINES:
        a, b = statistics.median(ours[name]), statistics.median(theirs[name])
        print(f"| {name} | {a:.0f} | {1e6 / a:.0f} | {b:.0f} | {1e6 / b:.0f} | {b / a:.2f} |")


if __name__ == "__main__":
    main()
