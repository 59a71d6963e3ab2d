"""A merged network's file as docs/format.md describes it, read and run with numpy: written from that page, not from Tern's code.

    network = Network(pathlib.Path("digits.safetensors").read_bytes())
    logits = network.run(network.prepare(pixels))    # uint8 (height, width, 3)

It is simple, not fast: one image at a time.
"""
import json
import zlib

import numpy as np

F32 = np.float32
DIGITS = slice(39, 47)  # of the checksum


class FormatError(ValueError):
    pass


def expect(holds, problem):
    if not holds:
        raise FormatError(problem)


def read_container(data):
    """The metadata, and the tensors by their names."""
    expect(len(data) >= 8, "no length")
    start = 8 + int.from_bytes(data[:8], "little")
    expect(start <= len(data), "the header is cut off")
    header = json.loads(data[8:start])
    metadata = header.pop("__metadata__")
    expect(data[DIGITS] == metadata["tern.crc32"].encode(), "the checksum is at another place")
    expect(zlib.crc32(data[: DIGITS.start] + b"0" * 8 + data[DIGITS.stop :]) == int(metadata["tern.crc32"], 16), "wrong checksum")
    tensors = {}
    for name, about in header.items():
        begin, end = (start + offset for offset in about["data_offsets"])
        dtype = {"F32": "<f4", "U8": "u1"}[about["dtype"]]
        tensors[name] = np.frombuffer(data[begin:end], dtype).reshape(about["shape"])
    return metadata, tensors


def decode_trits(bytes_, count):
    expect(len(bytes_) == -(-count // 5), "too many or too few bytes")
    expect(bytes_.size == 0 or bytes_.max() <= 242, "a byte is not five trits")
    powers = np.array([1, 3, 9, 27, 81])
    trits = (bytes_[:, None].astype(int) // powers % 3 - 1).reshape(-1)
    expect(not trits[count:].any(), "the filling is not zero")
    return trits[:count]


def decode_levels(bytes_, count):
    expect(len(bytes_) == -(-count // 4), "too many or too few bytes")
    codes = (bytes_[:, None] >> np.array([0, 2, 4, 6], np.uint8) & 3).reshape(-1)
    expect(not codes[count:].any(), "the filling is not zero")
    return 2 * codes[:count].astype(int) - 3


def places(x, window, fill):
    """x (H, W, C) as its windows see it: (HO, WO, KH, KW, C)."""
    height, width, down, across, rows, columns = window
    padded = np.pad(x, ((rows, rows), (columns, columns), (0, 0)), constant_values=fill)
    seen = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(0, 1))
    return seen[::down, ::across].transpose(0, 1, 3, 4, 2)


def sums(seen, weight):
    """seen (..., KH, KW, C) times weight (O, KH, KW, C), each product and sum rounded, in the order of the last three."""
    total = np.zeros(seen.shape[:-3] + weight.shape[:1], F32)
    for place in np.ndindex(*weight.shape[1:]):
        total += seen[(..., *place, None)] * weight[(slice(None), *place)]
    return total


class Network:
    def __init__(self, data):
        self.metadata, self.tensors = read_container(data)
        expect(self.metadata["format"] == "tern-merged", "not a merged network")
        expect(self.metadata["format_version"] in ("2", "3"), "another version")
        graph = json.loads(self.metadata["graph"])
        self.nodes, self.output = graph["nodes"], graph["output"]
        self.shape = self.nodes[0]["shape"]
        self.class_names = json.loads(self.metadata.get("class_names", "[]"))

    def prepare(self, pixels):
        """The input of a picture that has the size already."""
        about = json.loads(self.metadata["input"])
        height, width = (about["height"], about["width"]) if "height" in about else (about["size"], about["size"])
        expect(pixels.shape == (height, width, 3), "the picture has another size")
        if about.get("channels", 3) == 1:
            r, g, b = (pixels[..., [c]].astype(int) for c in range(3))
            pixels = 19595 * r + 38470 * g + 7471 * b + 32768 >> 16
        return (pixels.astype(F32) / F32(255) - np.array(about["mean"], F32)) / np.array(about["std"], F32)

    def run(self, image, values=None):
        """The logits of one image (H, W, C); `values` collects the results of all nodes, and those in it already are taken as
        they are."""
        values = {} if values is None else values
        before = None
        for node in self.nodes:
            name = node["name"]
            inputs = [values[each] for each in node.get("inputs", [before] if before else [])]
            if name not in values:
                values[name] = image.astype(F32) if node["op"] == "input" else getattr(self, node["op"])(node, *inputs)
            before = name
        return values[self.output]

    def parameter(self, node, role):
        return self.tensors[f"{node['name']}.{role}"]

    def with_bias(self, node, y):
        return y + self.parameter(node, "bias") if node.get("bias") else y

    def conv2d(self, node, x):
        weight = self.parameter(node, "weight").transpose(0, 2, 3, 1)
        return self.with_bias(node, sums(places(x, node["window"], 0), weight))

    def linear(self, node, x):
        return self.with_bias(node, sums(x[None, None], self.parameter(node, "weight")[:, None, None]))

    def ternary(self, node, seen):
        shape = (node["channels"], *seen.shape[-3:])
        role, decode = ("levels", decode_levels) if node.get("levels") == 4 else ("trits", decode_trits)
        weight = decode(self.parameter(node, f"weight.{role}"), int(np.prod(shape))).reshape(shape)
        z = np.einsum("...hwc,ohwc->...o", seen.astype(np.float64), weight.astype(np.float64), optimize=True)  # exact
        return self.with_bias(node, self.parameter(node, "weight.scale") * z.astype(F32))

    def ternary_conv2d(self, node, x):
        return self.ternary(node, places(x, node["window"], 0))

    def ternary_linear(self, node, x):
        return self.ternary(node, x[None, None])

    def batch_norm(self, node, x):
        variance = self.parameter(node, "running_var").astype(np.float64)
        gain = self.parameter(node, "weight") * (1 / np.sqrt(variance + np.float64(F32(1e-5)))).astype(F32)
        return (x - self.parameter(node, "running_mean")) * gain + self.parameter(node, "bias")

    def prelu(self, node, x):
        return np.where(x > 0, x, self.parameter(node, "weight") * x)

    def rprelu(self, node, x):
        return self.prelu(node, x + self.parameter(node, "shift")) + self.parameter(node, "bias")

    def relu(self, node, x):
        return np.maximum(x, F32(0))

    def hardtanh(self, node, x):
        return np.clip(x, F32(-1), F32(1))

    def ternary_activation(self, node, x):
        return (x >= F32(0.5)).astype(F32) - (x < F32(-0.5))

    def threshold_activation(self, node, x):
        return np.where(x < self.parameter(node, "low"), F32(-1), (x >= self.parameter(node, "high")).astype(F32))

    def binary_activation(self, node, x):
        return np.where(x < 0, F32(-1), F32(1))

    def add(self, node, x, y):
        return x + y

    def max_pool2d(self, node, x):
        return places(x, node["window"], F32("-inf")).max(axis=(2, 3))

    def avg_pool2d(self, node, x):
        seen = places(x, node["window"], 0)
        total = np.zeros_like(seen[:, :, 0, 0])
        for row, column in np.ndindex(*node["window"][:2]):
            total += seen[:, :, row, column]
        return total / F32(np.prod(node["window"][:2]))

    def global_avg_pool2d(self, node, x):
        total = np.zeros(x.shape[2], F32)
        for pixel in x.reshape(-1, x.shape[2]):
            total += pixel
        return total / F32(x.shape[0] * x.shape[1])

    def pad_channels(self, node, x):
        return np.pad(x, ((0, 0), (0, 0), (0, node["channels"] - x.shape[2])))

    def flatten(self, node, x):
        return x.reshape(-1)
