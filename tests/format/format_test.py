#!/usr/bin/env python3
"""format_test.py PROGRAMS SCRATCH_FOLDER: holds docs/format.md, by the reader that was written from it (reader.py), against Tern:

  the logits of zoo/digits on a committed picture are the engine's;
  behind the first activation, untrained networks of several families have the bits of Tern's layers, up to sums of floats;
  a file in which one weight or one byte is another is noticed.

Takes numpy from where it runs, or installs it from PyPI into a virtual environment in SCRATCH_FOLDER; where neither is
possible it exits with 77, for skipped.
"""
import json
import pathlib
import subprocess
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "apps"))
from package_environment import rerun_with  # noqa: E402

try:
    import numpy as np
except ImportError:
    rerun_with("numpy")
from reader import FormatError, Network, decode_levels, decode_trits, read_container  # noqa: E402

ZOO = HERE.parents[1] / "zoo"
PICTURE = "digits_3"  # its pixels are committed beside this file: what a decoder makes of it does not matter here
NETWORKS = ("cifar_resnet20_bwx2", "vgg_small_ternary", '{"name": "cifar_resnet20_bwx2", "branches": 3}')
IMAGES = 2  # of each
TOLERANCE = 2e-5  # of what sums of floats in another order come to


def picture():
    header, pixels = (HERE / f"{PICTURE}.ppm").read_bytes().split(b"\n255\n", 1)
    width, height = map(int, header.split()[1:])
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)


def logits_of(data):
    network = Network(data)
    return dict(zip(network.class_names, network.run(network.prepare(picture())).tolist()))


def resealed(data):
    """With the right checksum."""
    crc = zlib.crc32(data[:39] + b"0" * 8 + data[47:])
    return data[:39] + b"%08x" % crc + data[47:]


def refused(data):
    try:
        Network(data)
    except FormatError:
        return True
    return False


def difference(got, expected):
    assert got.keys() == expected.keys(), (got, expected)
    return max(abs(got[name] - expected[name]) for name in expected)


def check_zoo():
    data = (ZOO / "digits.safetensors").read_bytes()
    expected = json.loads((ZOO / "digits.logits.json").read_text())[f"{PICTURE}.jpg"]
    apart = difference(logits_of(data), expected)
    print(f"zoo/digits: largest difference from the engine's logits {apart:.1e}")
    assert apart < TOLERANCE

    # The last byte is one of five weights of the last convolution; t0 goes round.
    changed = resealed(data[:-2] + bytes([data[-2] - data[-2] % 3 + (data[-2] + 1) % 3]) + data[-1:])
    apart = difference(logits_of(changed), expected)
    print(f"  with one other weight: {apart:.1e}")
    assert apart > 10 * TOLERANCE, "the tolerance would hide a wrong weight"
    assert refused(data[:-1] + bytes([data[-1] ^ 1])), "a flipped bit is not noticed"


def check_examples():
    assert decode_trits(np.array([0x5F, 0x7B], np.uint8), 8).tolist() == [1, 0, 0, -1, 0, -1, 1, 0], "the trits of format.md"
    assert decode_levels(np.array([0x72, 0x03], np.uint8), 5).tolist() == [1, -3, 3, -1, 3], "the levels of format.md"


def check_four_levels():
    network = Network((HERE.parent / "fuzz/corpus/merged/graph_of_four_levels.safetensors").read_bytes())
    assert network.metadata["format_version"] == "3"
    assert np.isfinite(network.run(np.ones(network.shape, np.float32))).all()


def check_network(programs, scratch, name):
    def run(program, *arguments):
        subprocess.run([programs / program, *arguments], check=True, stdout=subprocess.DEVNULL)

    run("tern-merge", "--untrained", name, "-o", scratch / "model.safetensors")
    run("write_logits", scratch / "model.safetensors", scratch / "digits/test", scratch / "logits.safetensors")
    metadata, tensors = tensors_of(scratch / "logits.safetensors")
    network = Network((scratch / "model.safetensors").read_bytes())
    apart = 0
    for image, stem, logits in list(zip(tensors["images"], tensors["stem"], tensors["logits"]))[:IMAGES]:
        got = network.run(image, {metadata["stem"]: stem})
        apart = max(apart, np.abs(got - logits).max() / np.abs(logits).max())
    print(f"{name}: behind the stem, largest difference from the layers' logits {apart:.1e} of the largest logit")
    assert apart < TOLERANCE


def tensors_of(path):
    return read_container(path.read_bytes())


def main():
    programs, scratch = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    scratch.mkdir(parents=True, exist_ok=True)
    check_examples()
    check_four_levels()
    check_zoo()
    subprocess.run(["rm", "-rf", scratch / "digits"], check=True)
    subprocess.run([programs / "tern-data", "digits", scratch / "digits", "--train", "10", "--test", "10"], check=True,
                   stdout=subprocess.DEVNULL)
    for name in NETWORKS:
        check_network(programs, scratch, name)


main()
