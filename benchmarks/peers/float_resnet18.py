"""ResNet-18 in floats (He et al., CVPR 2016): the network that a merged ternary one of the same widths replaces.

Weights are random. Batch norms are folded into their convolutions, as every runtime does before it runs a network. Images
are NCHW, weights OIHW.
"""

import numpy as np

WIDTHS = (64, 128, 256, 512)
CLASSES = 1000


def convolution_shapes():
    """(name, (O, I, KH, KW), stride, padding) of every convolution, in order."""
    yield "stem", (64, 3, 7, 7), 2, 3
    channels = 64
    for stage, width in enumerate(WIDTHS):
        for block in range(2):
            stride = 2 if stage > 0 and block == 0 else 1
            name = f"layer{stage + 1}.{block}"
            yield f"{name}.conv1", (width, channels, 3, 3), stride, 1
            yield f"{name}.conv2", (width, width, 3, 3), 1, 1
            if stride == 2:
                yield f"{name}.downsample", (width, channels, 1, 1), 2, 0
            channels = width


def random_weights(seed=1):
    """By name, (weight, bias) of the convolutions and of the linear layer."""
    random = np.random.default_rng(seed)

    def draw(shape, fan_in):
        weight = random.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)
        return weight, random.normal(0, 0.1, shape[0]).astype(np.float32)

    weights = {name: draw(shape, int(np.prod(shape[1:]))) for name, shape, _, _ in convolution_shapes()}
    weights["fc"] = draw((CLASSES, WIDTHS[-1]), WIDTHS[-1])
    return weights


def forward(ops, weights, x):
    """The network in terms of `ops`: conv(x, name, stride, padding), relu, add, max_pool (3x3, stride 2, padding 1) and
    head (global average, then the linear layer)."""
    geometry = {name: (stride, padding) for name, _, stride, padding in convolution_shapes()}

    def conv(x, name):
        return ops.conv(x, name, *geometry[name])

    x = ops.max_pool(ops.relu(conv(x, "stem")))
    for stage in range(1, len(WIDTHS) + 1):
        for block in range(2):
            name = f"layer{stage}.{block}"
            y = conv(ops.relu(conv(x, f"{name}.conv1")), f"{name}.conv2")
            shortcut = conv(x, f"{name}.downsample") if f"{name}.downsample" in weights else x
            x = ops.relu(ops.add(y, shortcut))
    return ops.head(x)


class NumpyOps:
    """Computes in double."""

    def __init__(self, weights):
        self.weights = weights

    def windows(self, x, kernel, stride, padding, fill):
        """(N, channels, height, width, kernel, kernel)"""
        sides = ((0, 0), (0, 0), (padding, padding), (padding, padding))
        padded = np.pad(x, sides, constant_values=fill)
        return np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), (2, 3))[:, :, ::stride, ::stride]

    def conv(self, x, name, stride, padding):
        weight, bias = self.weights[name]
        windows = self.windows(x, weight.shape[-1], stride, padding, 0)
        sums = np.tensordot(windows, weight.astype(np.float64), ((1, 4, 5), (1, 2, 3)))
        return (sums + bias).transpose(0, 3, 1, 2)

    def relu(self, x):
        return np.maximum(x, 0)

    def add(self, a, b):
        return a + b

    def max_pool(self, x):
        return self.windows(x, 3, 2, 1, -np.inf).max((4, 5))

    def head(self, x):
        weight, bias = self.weights["fc"]
        return x.mean((2, 3)) @ weight.T + bias


def reference_logits(images):
    """What every runtime should find for images (N, 3, H, W)."""
    weights = random_weights()
    return forward(NumpyOps(weights), weights, images.astype(np.float64))


class OnnxOps:
    """Collects the nodes of an ONNX graph."""

    def __init__(self, weights):
        from onnx import numpy_helper

        self.nodes = []
        self.initializers = [
            numpy_helper.from_array(array, f"{name}.{kind}")
            for name, pair in weights.items()
            for kind, array in zip(("weight", "bias"), pair)
        ]

    def node(self, kind, inputs, output=None, **attributes):
        from onnx import helper

        output = output or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def conv(self, x, name, stride, padding):
        inputs = [x, f"{name}.weight", f"{name}.bias"]
        return self.node("Conv", inputs, strides=[stride] * 2, pads=[padding] * 4)

    def relu(self, x):
        return self.node("Relu", [x])

    def add(self, a, b):
        return self.node("Add", [a, b])

    def max_pool(self, x):
        return self.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)

    def head(self, x):
        mean = self.node("Flatten", [self.node("GlobalAveragePool", [x])])
        return self.node("Gemm", [mean, "fc.weight", "fc.bias"], "logits", transB=1)


def onnx_model(weights, batch, size):
    from onnx import TensorProto, checker, helper

    ops = OnnxOps(weights)
    forward(ops, weights, "images")
    graph = helper.make_graph(
        ops.nodes,
        "resnet18",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 3, size, size])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [batch, CLASSES])],
        ops.initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    checker.check_model(model)
    return model


def torch_network(weights):
    """The network in PyTorch. Its convolutions are modules, which quantisation replaces."""
    import torch

    def layer(made, name):
        parameters = {kind: torch.from_numpy(array) for kind, array in zip(("weight", "bias"), weights[name])}
        made.load_state_dict(parameters)
        return made

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            for name, (filters, channels, size, _), stride, padding in convolution_shapes():
                self.add_module(self.attribute(name), layer(torch.nn.Conv2d(channels, filters, size, stride, padding), name))
            self.fc = layer(torch.nn.Linear(WIDTHS[-1], CLASSES), "fc")

        @staticmethod
        def attribute(name):
            return name.replace(".", "_")

        def conv(self, x, name, stride, padding):
            return getattr(self, self.attribute(name))(x)

        def relu(self, x):
            return torch.nn.functional.relu(x)  # quantisation fuses this form, not x.relu()

        def add(self, a, b):
            return a + b

        def max_pool(self, x):
            return torch.nn.functional.max_pool2d(x, 3, 2, 1)

        def head(self, x):
            return self.fc(x.mean((2, 3)))

        def forward(self, x):
            return forward(self, weights, x)

    return Network().eval()
