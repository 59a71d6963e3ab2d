#!/usr/bin/env python3
"""onnx_test.py FOLDER_OF_PROGRAMS SCRATCH_FOLDER [NETWORK...]: trains networks a little, exports them, lets onnx.checker
examine the files and compares what onnxruntime makes of generated digits with what Tern makes of them, in two parts: what
comes before the first ternary activation, which is sums of floats and may be rounded in any order, and what comes behind
it, which is exact but for averages and float layers. Networks in floats are compared whole. NETWORK is a key of NETWORKS; all are tested if there is none.

Takes onnx and onnxruntime from where it runs, or installs them from PyPI into a virtual environment in
SCRATCH_FOLDER; where neither is possible it exits with 77, for skipped.
"""
import json
import pathlib
import shutil
import subprocess
import sys

from package_environment import rerun_with

# The "model" of a training configuration, a name or a description, and the height and width of its images.
NETWORKS = {
    "cifar stem": ({"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [8, 16], "depths": [1, 2]}, 32),
    "imagenet stem":
        ({"family": "resnet", "block": "sttn", "stem": "imagenet", "widths": [8, 16, 70], "depths": [1, 1, 1]}, 64),
    "cifar_resnet20_bwx2": ("cifar_resnet20_bwx2", 32),
    "vgg_small": ({"family": "vgg_small", "weights": "sttn", "width": 16}, 32),
    "alexnet": ({"family": "alexnet", "weights": "twn", "widths": [16, 24, 32, 32, 24], "hidden": [64, 64]}, 67),
    "resnet, floats":
        ({"family": "resnet", "block": "basic", "stem": "cifar", "widths": [8, 16], "depths": [1, 1]}, 32),
    "vgg_small, floats": ({"family": "vgg_small", "width": 16}, 32),
    "mlp, floats": ({"family": "mlp", "input_channels": 3, "hidden": [64, 64]}, 28),
    "mlp": ({"family": "mlp", "input_channels": 3, "weights": "lsq", "activations": "binary", "hidden": [64, 64]}, 28),
}


try:
    import numpy
    import onnx
    import onnx.utils
    import onnxruntime
except ImportError:
    rerun_with("onnx", "onnxruntime")
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "format"))
from reader import read_container  # noqa: E402


def as_onnx(values):
    """Images as ONNX lays them out; all else as it is."""
    return numpy.ascontiguousarray(values.transpose(0, 3, 1, 2)) if values.ndim == 4 else values


def run(program, *arguments):
    subprocess.run([program, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def export(programs, folder, model, size):
    """Trains on the digits in `folder`; returns the ONNX file, the name of the value before the first activation, and
    that value, the images and the logits as Tern computes them."""
    config = {
        "output": str(folder / "run"), "threads": 1,
        "data": {"format": "image_folder", "path": str(folder / "digits"), "workers": 1},
        "input": {"size": size, "resize": size}, "model": model,
        "training": {"epochs": 2, "batch_size": 8}, "optimizer": {"name": "adam", "lr": 0.003},
    }
    (folder / "config.json").write_text(json.dumps(config))
    run(programs / "tern-train", folder / "config.json")
    checkpoint = folder / "run/last.safetensors"
    run(programs / "tern-merge", checkpoint, "-o", folder / "model.safetensors")
    run(programs / "tern-merge", checkpoint, "-o", folder / "model.onnx", "--format", "onnx")
    run(programs / "write_logits", folder / "model.safetensors", folder / "digits/test", folder / "logits.safetensors")
    metadata, tensors = read_container((folder / "logits.safetensors").read_bytes())
    return folder / "model.onnx", metadata["stem"], {name: as_onnx(values) for name, values in tensors.items()}


def check_structure(path, size, is_ternary):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    metadata = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
    assert metadata["class_names"] == [str(digit) for digit in range(10)], metadata
    assert metadata["input"]["size"] == size and len(metadata["input"]["mean"]) == 3, metadata
    ternary = [tensor for tensor in model.graph.initializer if tensor.data_type == onnx.TensorProto.INT8]
    assert bool(ternary) == is_ternary, "ternary weights are stored as int8, and no others"
    for tensor in ternary:
        values = set(numpy.unique(onnx.numpy_helper.to_array(tensor)))
        assert values <= {-1, 0, 1} and len(values) > 1, (tensor.name, values)


def compute(model, value, name, output):
    """What onnxruntime gives for `output`, the input `name` being `value`. `model` is a file or its bytes."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run([output], {name: value})[0]


def cut(path, source, target):
    """The file of the part of a model from one of its values to another."""
    part = path.with_name(f"{source}_to_{target}.onnx")
    onnx.utils.extract_model(str(path), str(part), [source], [target])
    return part


def constants_of(model):
    return {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def largest_terms(stem_path, images, output):
    """For each value of the stem, the sum of the absolute values of all that is added up in it: the same graph, every
    constant and pixel made positive, except what is subtracted."""
    model = onnx.load(stem_path)
    constants = constants_of(model)
    operators = [node for node in model.graph.node if node.op_type in ("Sub", "PRelu")]
    subtracted = {node.input[1] for node in operators if node.op_type == "Sub"}
    stretch = 1  # by which PReLUs with steep slopes enlarge an error
    for node in operators:
        if node.op_type == "PRelu":
            stretch *= max(1, numpy.abs(constants[node.input[1]]).max())
    for tensor in model.graph.initializer:
        sign = -1 if tensor.name in subtracted else 1
        tensor.CopyFrom(onnx.numpy_helper.from_array(sign * numpy.abs(constants[tensor.name]), tensor.name))
    return stretch * compute(model.SerializeToString(), numpy.abs(images), "images", output)


def count_roundings(model):
    """How many roundings a product passes on its way through the stem: one for each factor in a row of a weight, one for
    each number per channel. Convolutions with one-hot filters copy."""
    return sum(numpy.prod(values.shape[1:]) for name, values in constants_of(model).items()
               if values.dtype == numpy.float32 and not name.endswith(".select"))


def check_stem(path, output, images, expected):
    """The stems agree as far as sums of floats do that are added up in any order: a product that passes k roundings is
    off by at most k u / (1 - k u) of itself, u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, 2002,
    3.1). A max pool adds none."""
    stem_path = cut(path, "images", output)
    roundings = count_roundings(onnx.load(stem_path)) * 2.0**-24
    tolerance = 2 * roundings / (1 - roundings) * largest_terms(stem_path, images, output)
    differences = numpy.abs(compute(str(stem_path), images, "images", output) - expected)
    print(f"  stems: largest difference {differences.max():.1e}, {(differences / tolerance).max():.3f} of what roundings "
          "explain")
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
    if stem != "images":
        check_stem(path, stem, images, tensors["stem"])
    rest = compute(str(cut(path, stem, "logits")), tensors["stem"], stem, "logits")
    near = check_logits(rest, expected, "from Tern's stem on")
    assert near == len(images), "behind the same stem, logits differ"
    # A value may lie so near a threshold that the last bits of the stems put it on different sides; this changes a ternary
    # activation, and with it more of the logits. That happens for a few images in 100 at most, where networks are large.
    near = check_logits(compute(str(path), images, "images", "logits"), expected, "from the images on")
    assert near >= 0.9 * len(images), "logits differ by more than a rare change of an activation explains"


def main():
    programs, scratch = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    shutil.rmtree(scratch / "digits", ignore_errors=True)
    scratch.mkdir(parents=True, exist_ok=True)
    run(programs / "tern-data", "digits", scratch / "digits", "--train", "200", "--test", "100")
    for name in sys.argv[3:] or NETWORKS:
        print(name)
        shutil.rmtree(scratch / "run", ignore_errors=True)
        model, size = NETWORKS[name]
        path, stem, tensors = export(programs, scratch, model, size)
        check_structure(path, size, is_ternary=not name.endswith(", floats"))
        check_numbers(path, stem, tensors)


main()
