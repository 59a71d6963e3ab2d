"""onnxruntime, with all its graph optimisations."""

import tempfile
from pathlib import Path

from float_resnet18 import onnx_model, random_weights
from measure_inference import CALIBRATION_SEEDS, Peer, noise


class OnnxRuntimeInference(Peer):
    """The float ResNet-18, or int8 by static quantisation (QDQ, u8 activations, s8 weights per channel), calibrated on
    noise."""

    package = "onnxruntime"

    def __init__(self, batch, size, threads, int8=False):
        import onnx
        import onnxruntime

        super().__init__(batch, size)
        with tempfile.TemporaryDirectory(prefix="tern-onnx-") as folder:
            path = Path(folder) / "fp32.onnx"
            onnx.save(onnx_model(random_weights(), batch, size), path)
            if int8:
                path = self._quantise(path, batch, size)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(self, images):
        return self.session.run(None, {"images": images})[0]

    def _quantise(self, path, batch, size):
        from onnxruntime import quantization

        class Noise(quantization.CalibrationDataReader):
            images = iter([{"images": noise(batch, size, seed)} for seed in CALIBRATION_SEEDS])

            def get_next(self):
                return next(self.images, None)

        quantised = path.with_name("int8.onnx")
        quantization.quantize_static(
            str(path),
            str(quantised),
            Noise(),
            quant_format=quantization.QuantFormat.QDQ,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            per_channel=True,
        )
        return quantised
