#!/usr/bin/env python3
"""Makes JPEGs of the size of ImageNet's photographs, 500x375 pixels and some 110 KB, out of a few larger ones.

    make_photos.py OUT PHOTO...        OUT/photos/000.jpg ...

Each is a random part of a photograph, mirrored or not, resampled. Photographs that PyPI ships: astronaut, chelsea, coffee,
motorcycle_left, motorcycle_right and rocket of scikit-image, china and flower of scikit-learn. Needs Pillow.
"""
import argparse
import pathlib
import random

from PIL import Image, ImageOps

WIDTH, HEIGHT = 500, 375


def part_of(photo, chance):
    """At least half of the photograph's area, of the wanted aspect ratio."""
    largest = min(photo.width / WIDTH, photo.height / HEIGHT)
    scale = largest * chance.uniform(0.8, 1.0)
    left = chance.uniform(0, photo.width - scale * WIDTH)
    top = chance.uniform(0, photo.height - scale * HEIGHT)
    box = (left, top, left + scale * WIDTH, top + scale * HEIGHT)
    part = photo.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS, box)
    return ImageOps.mirror(part) if chance.random() < 0.5 else part


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("photos", nargs="+", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=96)
    parser.add_argument("--quality", type=int, default=93, help="4:2:0, as cameras write it (default: 93)")
    options = parser.parse_args()
    photos = [Image.open(path).convert("RGB") for path in options.photos]
    chance = random.Random(1)
    folder = options.out / "photos"
    folder.mkdir(parents=True)
    for i in range(options.count):
        part = part_of(photos[i % len(photos)], chance)
        part.save(folder / f"{i:03}.jpg", quality=options.quality, subsampling="4:2:0")
    total = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{options.count} JPEGs of {total / options.count / 1000:.0f} KB on average in {folder}")


if __name__ == "__main__":
    main()
