#!/usr/bin/env python3
"""onnx_test.py FOLDER_OF_PROGRAMS SCRATCH_FOLDER: exports trained networks, lets onnx.checker examine the files and
compares what onnxruntime makes of generated digits with what Tern makes of them, in two parts: the stem, which is a sum of
floats and may be rounded in any order, and what is behind it, which is exact up to the average and the linear layer.

Takes onnx and onnxruntime from where it runs, or installs them from PyPI into a virtual environment in
SCRATCH_FOLDER; where neither is possible it exits with 77, for skipped.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77
MODELS = {
    "cifar stem": {"stem": "cifar", "widths": [8, 16], "depths": [1, 2], "input_size": 32},
    "imagenet stem": {"stem": "imagenet", "widths": [8, 16, 70], "depths": [1, 1, 1], "input_size": 64},
}


def rerun_in_environment(folder):
    """Replaces this process by one that has the packages."""
    python = folder / "venv/bin/python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, timeout=120)
        subprocess.run([python, "-m", "pip", "install", "-q", "--retries=1", "--timeout=10", "onnx", "onnxruntime"],
                       check=True, timeout=240)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"skipped: onnx and onnxruntime are not here and cannot be had from PyPI: {error}")
        sys.exit(SKIPPED)
    os.execv(python, [str(python), *sys.argv, "--packages-are-there"])


try:
    import numpy
    import onnx
    import onnx.utils
    import onnxruntime
except ImportError:
    if "--packages-are-there" in sys.argv:
        raise
    rerun_in_environment(pathlib.Path(sys.argv[2]))


def read_safetensors(path):
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    return {
        name: numpy.frombuffer(data[start + tensor["data_offsets"][0]:start + tensor["data_offsets"][1]],
                               numpy.float32).reshape(tensor["shape"])
        for name, tensor in header.items() if name != "__metadata__"
    }


def run(program, *arguments):
    subprocess.run([program, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def export(programs, folder, model):
    """Trains on the digits in `folder`; returns the ONNX file, and by name Tern's images, stream behind the stem, both as
    ONNX lays them out, and logits."""
    size = model["input_size"]
    config = {
        "output": str(folder / "run"), "threads": 1,
        "data": {"format": "image_folder", "path": str(folder / "digits"), "workers": 1},
        "input": {"size": size, "resize": size},
        "model": {"family": "resnet", "block": "sttn", **model},
        "training": {"epochs": 2, "batch_size": 8}, "optimizer": {"name": "adam", "lr": 0.003},
    }
    (folder / "config.json").write_text(json.dumps(config))
    run(programs / "tern-train", folder / "config.json")
    checkpoint = folder / "run/last.safetensors"
    run(programs / "tern-merge", checkpoint, "-o", folder / "model.safetensors")
    run(programs / "tern-merge", checkpoint, "-o", folder / "model.onnx", "--format", "onnx")
    run(programs / "write_logits", folder / "model.safetensors", folder / "digits/test", folder / "logits.safetensors")
    tensors = read_safetensors(folder / "logits.safetensors")
    for name in ("images", "stem"):
        tensors[name] = numpy.ascontiguousarray(tensors[name].transpose(0, 3, 1, 2))
    return folder / "model.onnx", tensors


def check_structure(path, size):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    metadata = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
    assert metadata["class_names"] == [str(digit) for digit in range(10)], metadata
    assert metadata["input"]["size"] == size and len(metadata["input"]["mean"]) == 3, metadata
    ternary = [tensor for tensor in model.graph.initializer if tensor.data_type == onnx.TensorProto.INT8]
    assert len(ternary) >= 4, "ternary weights are stored as int8"
    for tensor in ternary:
        values = set(numpy.unique(onnx.numpy_helper.to_array(tensor)))
        assert values == {-1, 0, 1}, (tensor.name, values)


def compute(model, value, name, output):
    """What onnxruntime gives for `output`, the input `name` being `value`. `model` is a file or its bytes."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run([output], {name: value})[0]


def cut(path, source, target):
    """The file of the part of a model from one of its values to another."""
    part = path.with_name(f"{source}_to_{target}.onnx")
    onnx.utils.extract_model(str(path), str(part), [source], [target])
    return part


def largest_terms(stem_path, images, output):
    """For each value of the stem, the sum of the absolute values of all that is added up in it: the same graph, every
    constant and pixel made positive, except the mean, which is subtracted."""
    model = onnx.load(stem_path)
    largest_slope = 1
    for tensor in model.graph.initializer:
        values = numpy.abs(onnx.numpy_helper.to_array(tensor))
        if tensor.name.startswith("features.2."):
            largest_slope = numpy.maximum(1, values)  # by which the PReLU may stretch an error
        sign = -1 if tensor.name.endswith(".mean") else 1
        tensor.CopyFrom(onnx.numpy_helper.from_array(sign * values, tensor.name))
    return largest_slope * compute(model.SerializeToString(), numpy.abs(images), "images", output)


def check_stem(path, output, images, expected):
    """The stems agree as far as sums of floats do that are added up in any order: a product that passes k roundings is
    off by at most k u / (1 - k u) of itself, u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, 2002,
    3.1), and here passes those of the convolution, three of the batch norm and one of the PReLU. A max pool adds none."""
    stem_path = cut(path, "images", output)
    constants = onnx.load(stem_path).graph.initializer
    products = next(numpy.prod(tensor.dims[1:]) for tensor in constants if tensor.name == "features.0.weight")
    roundings = (products + 4) * 2.0**-24
    tolerance = 2 * roundings / (1 - roundings) * largest_terms(stem_path, images, output)
    differences = numpy.abs(compute(str(stem_path), images, "images", output) - expected)
    print(f"  stems: largest difference {differences.max():.1e}, at most {(differences / tolerance).max():.3f} of what "
          "roundings explain")
    assert (differences <= tolerance).all(), "the stems differ by more than roundings explain"


def check_logits(logits, expected, what):
    differences = numpy.abs(logits - expected).max(axis=1)
    near = int((differences < 1e-4).sum())
    agree = int((logits.argmax(axis=1) == expected.argmax(axis=1)).sum())
    print(f"  {what}: {near} of {len(logits)} images within 1e-4 (median {numpy.median(differences):.1e}, "
          f"largest {differences.max():.1e}), top-1 equal for {agree}")
    assert agree == len(logits), f"{what}: top-1 differs"
    return near


def check_numbers(path, stem, tensors):
    images, expected = tensors["images"], tensors["logits"]
    assert expected.std(axis=0).max() > 0.1, "the network says the same of every image, and shows nothing"
    check_stem(path, stem, images, tensors["stem"])
    rest = compute(str(cut(path, stem, "logits")), tensors["stem"], stem, "logits")
    near = check_logits(rest, expected, "from Tern's stem on")
    assert near == len(images), "behind the same stem, logits differ"
    # About one image in 200 has a value so near a threshold that the last bits of the stems put it on different sides;
    # this turns a ternary activation over, and with it more of the logits.
    near = check_logits(compute(str(path), images, "images", "logits"), expected, "from the images on")
    assert near >= 0.97 * len(images), "logits differ by more than a rare turned-over activation explains"


def main():
    programs, scratch = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    shutil.rmtree(scratch / "digits", ignore_errors=True)
    scratch.mkdir(parents=True, exist_ok=True)
    run(programs / "tern-data", "digits", scratch / "digits", "--train", "200", "--test", "100")
    for name, model in MODELS.items():
        print(name)
        shutil.rmtree(scratch / "run", ignore_errors=True)
        path, tensors = export(programs, scratch, model)
        check_structure(path, model["input_size"])
        check_numbers(path, "features.3" if model["stem"] == "imagenet" else "features.2", tensors)


main()
