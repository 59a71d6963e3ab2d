"""ncnn, by a model that is written for it: its converters would write the same layers."""

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from float_resnet18 import CLASSES, forward, random_weights
from measure_inference import CALIBRATION_SEEDS, Peer, noise

PER_FILTER, AND_OUTPUT = 2, 100  # ncnn's int8_scale_term: weights with a scale per filter; sums to int8 again


class NcnnOps:
    """Collects the layers and the weights of an ncnn model. With `largest`, the largest input of each layer by its name,
    convolutions and the linear layer compute in int8."""

    def __init__(self, weights, size, largest=None):
        self.weights, self.largest = weights, largest
        self.layers = [["Input", "images", [], ["images"], {0: size, 1: size, 2: 3}]]
        self.inputs = {}  # of convolutions and the linear layer, by name
        self.data = []

    def layer(self, kind, name, inputs, **fields):
        fields = {int(key[1:]): value for key, value in fields.items()}
        self.layers.append([kind, name, inputs, [name], fields])
        return name

    def conv(self, x, name, stride, padding):
        filters, _, kernel, _ = self.weights[name][0].shape
        fields = {"f0": filters, "f1": kernel, "f3": stride, "f4": padding, "f5": 1}
        # A block's first convolution is read by its second one alone, which wants bytes.
        following = name.replace("conv1", "conv2") if name.endswith("conv1") else None
        return self.weighted("Convolution", x, name, 6, following, **fields)

    def weighted(self, kind, x, name, size_field, following=None, **fields):
        weight, bias = self.weights[name]
        self.inputs[name] = x
        self.data += [np.zeros(1, np.int32), weight, bias]  # 0: floats follow
        if self.largest:
            self.data += [127 / np.abs(weight).reshape(len(weight), -1).max(axis=1), self.scale(name)]
            fields["f8"] = PER_FILTER + (AND_OUTPUT if following else 0)
            if following:
                self.data.append(self.scale(following))
        return self.layer(kind, name, [x], **fields, **{f"f{size_field}": weight.size})

    def scale(self, name):
        return np.array([127 / self.largest[name]])

    def relu(self, x):
        kind, name, _, _, fields = self.layers[-1]
        if kind == "Convolution" and name == x:
            fields[9] = 1  # in the same layer
            return x
        return self.layer("ReLU", f"{x}.relu", [x])

    def add(self, a, b):
        return self.layer("BinaryOp", f"{a}.add", [a, b], f0=0)

    def max_pool(self, x):
        return self.layer("Pooling", "max_pool", [x], f0=0, f1=3, f2=2, f3=1, f5=1)

    def head(self, x):
        mean = self.layer("Pooling", "mean", [x], f0=1, f4=1)
        return self.weighted("InnerProduct", mean, "fc", 2, f0=CLASSES, f1=1)

    def split(self):
        """The layers with a Split behind each whose output several read, each reader a copy of its own."""
        readers = Counter(x for _, _, inputs, _, _ in self.layers for x in inputs)
        copies = {x: iter(self.copies(x, count)) for x, count in readers.items() if count > 1}
        split = []
        for kind, name, inputs, outputs, fields in self.layers:
            inputs = [next(copies[x]) if x in copies else x for x in inputs]
            split.append([kind, name, inputs, outputs, fields])
            if name in copies:
                split.append(["Split", f"{name}.split", [name], self.copies(name, readers[name]), {}])
        return split

    @staticmethod
    def copies(x, count):
        return [f"{x}.copy{i}" for i in range(count)]

    def write(self, folder):
        layers = self.split()
        blobs = sum(len(outputs) for _, _, _, outputs, _ in layers)
        lines = ["7767517", f"{len(layers)} {blobs}"]
        for kind, name, inputs, outputs, fields in layers:
            numbers = [f"{key}={value}" for key, value in fields.items()]
            lines.append(" ".join([kind, name, str(len(inputs)), str(len(outputs)), *inputs, *outputs, *numbers]))
        (folder / "model.param").write_text("\n".join(lines) + "\n")
        floats = [array if array.dtype == np.int32 else array.astype(np.float32) for array in self.data]
        (folder / "model.bin").write_bytes(b"".join(array.tobytes() for array in floats))


class NcnnInference(Peer):
    """The float ResNet-18, or int8: weights with a scale per filter, activations with one, from the largest on noise. One
    image after the other, since ncnn knows no batches."""

    package = "ncnn"

    def __init__(self, batch, size, threads, int8=False):
        import ncnn

        self.ncnn, self.threads = ncnn, threads
        super().__init__(batch, size)
        ops = self._load(size, keep_blobs=int8)
        if int8:
            self._load(size, largest=self._largest_inputs(ops, size))

    def prepare(self, images):
        return [self.ncnn.Mat(image).clone() for image in images]

    def run(self, images):
        return np.stack([np.array(self._extract(image, ["fc"])[0]) for image in images])

    def _load(self, size, largest=None, keep_blobs=False):
        ops = NcnnOps(random_weights(), size, largest)
        forward(ops, ops.weights, "images")
        self.net = self.ncnn.Net()
        self.net.opt.num_threads = self.threads
        self.net.opt.lightmode = not keep_blobs
        with tempfile.TemporaryDirectory(prefix="tern-ncnn-") as folder:
            ops.write(Path(folder))
            for load, file in ((self.net.load_param, "model.param"), (self.net.load_model, "model.bin")):
                if load(str(Path(folder) / file)) != 0:
                    raise RuntimeError(f"ncnn does not take {file}")
        return ops

    def _extract(self, image, blobs):
        extractor = self.net.create_extractor()
        extractor.input("images", image)
        results = [extractor.extract(blob) for blob in blobs]
        if any(status != 0 for status, _ in results):
            raise RuntimeError(f"ncnn has no {', '.join(blobs)}")
        return [result for _, result in results]

    def _largest_inputs(self, ops, size):
        largest = dict.fromkeys(ops.inputs, 0.0)
        for seed in CALIBRATION_SEEDS:
            results = self._extract(self.prepare(noise(1, size, seed))[0], list(ops.inputs.values()))
            for name, result in zip(ops.inputs, results):
                largest[name] = max(largest[name], float(np.abs(np.array(result)).max()))
        return largest
