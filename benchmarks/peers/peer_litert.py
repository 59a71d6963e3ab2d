"""LiteRT (TensorFlow Lite) with XNNPACK, by a model that is written by its schema."""

import numpy as np

from float_resnet18 import CLASSES, forward, random_weights
from measure_inference import CALIBRATION_SEEDS, Peer, noise

VERSION = 3  # of the schema


class LiteRtOps:
    """Collects the operators of a LiteRT model. Images are NHWC, weights OHWI."""

    def __init__(self, weights, batch, size):
        from ai_edge_litert import schema_py_generated as schema

        self.schema, self.weights = schema, weights
        self.buffers, self.tensors, self.operators, self.codes = [schema.BufferT()], [], [], []
        self.images = self.tensor("images", (batch, size, size, 3))

    def tensor(self, name, shape, data=None, kind="FLOAT32"):
        tensor = self.schema.TensorT()
        tensor.name, tensor.shape, tensor.type = name, list(shape), getattr(self.schema.TensorType, kind)
        if data is not None:
            buffer = self.schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            tensor.buffer = len(self.buffers)
            self.buffers.append(buffer)
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def operator(self, kind, inputs, shape, options=None, **fields):
        """The output of an operator; `options` is the schema's name of what `fields` are."""
        code = getattr(self.schema.BuiltinOperator, kind)
        if code not in self.codes:
            self.codes.append(code)
        operator = self.schema.OperatorT()
        operator.opcodeIndex = self.codes.index(code)
        operator.inputs = inputs
        operator.outputs = [self.tensor(f"{kind}_{len(self.operators)}", shape)]
        if options:
            operator.builtinOptionsType = getattr(self.schema.BuiltinOptions, options)
            operator.builtinOptions = getattr(self.schema, f"{options}T")()
            for name, value in fields.items():
                setattr(operator.builtinOptions, name, value)
        self.operators.append(operator)
        return operator.outputs[0]

    def shape(self, x):
        return self.tensors[x].shape

    def pad(self, x, padding):
        """`padding` zeros on each side; what SAME adds is not that where the stride is 2."""
        if padding == 0:
            return x
        batch, height, width, channels = self.shape(x)
        border = np.array([[0, 0], [padding, padding], [padding, padding], [0, 0]], np.int32)
        paddings = self.tensor(f"paddings_{len(self.tensors)}", border.shape, border, "INT32")
        shape = (batch, height + 2 * padding, width + 2 * padding, channels)
        return self.operator("PAD", [x, paddings], shape, "PadOptions")

    def window(self, x, kernel, stride, channels):
        batch, height, width, _ = self.shape(x)
        fields = {"strideH": stride, "strideW": stride, "padding": self.schema.Padding.VALID}
        return (batch, (height - kernel) // stride + 1, (width - kernel) // stride + 1, channels), fields

    def parameters(self, name, weight):
        bias = self.weights[name][1]
        return [self.tensor(f"{name}.weight", weight.shape, weight), self.tensor(f"{name}.bias", bias.shape, bias)]

    def conv(self, x, name, stride, padding):
        weight = self.weights[name][0].transpose(0, 2, 3, 1)
        x = self.pad(x, padding)
        shape, fields = self.window(x, weight.shape[1], stride, len(weight))
        return self.operator("CONV_2D", [x, *self.parameters(name, weight)], shape, "Conv2DOptions", **fields)

    def relu(self, x):
        """In the operator before."""
        self.operators[-1].builtinOptions.fusedActivationFunction = self.schema.ActivationFunctionType.RELU
        return x

    def add(self, a, b):
        return self.operator("ADD", [a, b], self.shape(a), "AddOptions")

    def max_pool(self, x):
        """Of what is not negative, so that zeros may pad it."""
        x = self.pad(x, 1)
        shape, fields = self.window(x, 3, 2, self.shape(x)[3])
        return self.operator("MAX_POOL_2D", [x], shape, "Pool2DOptions", filterHeight=3, filterWidth=3, **fields)

    def head(self, x):
        batch, _, _, channels = self.shape(x)
        axes = self.tensor("axes", (2,), np.array([1, 2], np.int32), "INT32")
        mean = self.operator("MEAN", [x, axes], (batch, channels), "ReducerOptions", keepDims=False)
        inputs = [mean, *self.parameters("fc", self.weights["fc"][0])]
        return self.operator("FULLY_CONNECTED", inputs, (batch, CLASSES), "FullyConnectedOptions")

    def model(self, logits):
        import flatbuffers

        graph = self.schema.SubGraphT()
        graph.tensors, graph.operators = self.tensors, self.operators
        graph.inputs, graph.outputs = [self.images], [logits]
        model = self.schema.ModelT()
        model.version, model.subgraphs, model.buffers = VERSION, [graph], self.buffers
        model.operatorCodes = [self.operator_code(code) for code in self.codes]
        model.signatureDefs = [self.signature(logits)]
        builder = flatbuffers.Builder(1 << 26)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def operator_code(self, code):
        made = self.schema.OperatorCodeT()
        made.builtinCode = made.deprecatedBuiltinCode = code
        made.version = 1
        return made

    def signature(self, logits):
        signature = self.schema.SignatureDefT()
        signature.signatureKey, signature.subgraphIndex = "serving_default", 0
        signature.inputs, signature.outputs = [self.named("images", self.images)], [self.named("logits", logits)]
        return signature

    def named(self, name, tensor):
        made = self.schema.TensorMapT()
        made.name, made.tensorIndex = name, tensor
        return made


def channels_last(images):
    return np.ascontiguousarray(images.transpose(0, 2, 3, 1))


class LiteRtInference(Peer):
    """The float ResNet-18, or int8: static quantisation by AI Edge Quantizer, s8 activations and weights, these per
    channel, calibrated on noise."""

    package = "ai-edge-litert"

    def __init__(self, batch, size, threads, int8=False):
        from ai_edge_litert.interpreter import Interpreter

        ops = LiteRtOps(random_weights(), batch, size)
        model = ops.model(forward(ops, ops.weights, ops.images))
        if int8:
            model = self._quantise(model, batch, size)
        self.interpreter = Interpreter(model_content=model, num_threads=threads)
        self.interpreter.allocate_tensors()
        (self.input,), (self.output,) = self.interpreter.get_input_details(), self.interpreter.get_output_details()
        super().__init__(batch, size)

    def prepare(self, images):
        """The quantised network takes bytes."""
        images = channels_last(images)
        scale, zero = self.input["quantization"]
        if scale == 0:  # none
            return images
        return np.clip(np.rint(images / scale) + zero, -128, 127).astype(np.int8)

    def logits(self):
        logits = super().logits()
        scale, zero = self.output["quantization"]
        return logits if scale == 0 else (logits.astype(np.float32) - zero) * scale

    def run(self, images):
        self.interpreter.set_tensor(self.input["index"], images)
        self.interpreter.invoke()
        return self.interpreter.get_tensor(self.output["index"])

    def _quantise(self, model, batch, size):
        from ai_edge_quantizer import quantizer, recipe

        quantising = quantizer.Quantizer(model)
        quantising.load_quantization_recipe(recipe.static_wi8_ai8())
        images = [{"images": channels_last(noise(batch, size, seed))} for seed in CALIBRATION_SEEDS]
        calibrated = quantising.calibrate({"serving_default": images})
        return bytes(quantising.quantize(calibrated).quantized_model)
