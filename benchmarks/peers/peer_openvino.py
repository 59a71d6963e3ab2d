"""OpenVINO's CPU plugin, by the same ONNX model as onnxruntime."""

from io import BytesIO

from float_resnet18 import onnx_model, random_weights
from measure_inference import CALIBRATION_SEEDS, Peer, noise


class OpenVinoInference(Peer):
    """The float ResNet-18 ("f32"; "bf16", where the CPU multiplies such), or int8 ("int8": quantised by NNCF, calibrated
    on noise; what stays in floats as OpenVINO sees fit)."""

    package = "openvino"

    def __init__(self, batch, size, threads, precision):
        import openvino

        super().__init__(batch, size)
        core = openvino.Core()
        model = core.read_model(BytesIO(onnx_model(random_weights(), batch, size).SerializeToString()))
        settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
        if precision == "int8":
            model = self._quantise(model, batch, size)
        else:
            settings["INFERENCE_PRECISION_HINT"] = precision
        self.compiled = core.compile_model(model, "CPU", settings)
        self.request = self.compiled.create_infer_request()

    def run(self, images):
        return self.request.infer([images], share_inputs=True)[0]

    def code(self):
        """The kernels of its convolutions."""
        kernels = set()
        for node in self.compiled.get_runtime_model().get_ops():
            facts = node.get_rt_info()
            if facts["layerType"].astype(str) == "Convolution":
                kernels.add(facts["primitiveType"].astype(str))
        return ", ".join(sorted(kernels))

    def _quantise(self, model, batch, size):
        import nncf

        return nncf.quantize(model, nncf.Dataset([noise(batch, size, seed) for seed in CALIBRATION_SEEDS]))
