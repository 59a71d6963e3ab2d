"""Contestants of inference_speed.py: each measures its network's time per batch on `threads` threads of the CPU."""

import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from float_resnet18 import onnx_model, random_weights, torch_network
from measure_tern import run

DISTINCT_IMAGES = 4
CALIBRATION_SEEDS = range(100, 116)


def noise(batch, size, seed):
    return np.random.default_rng(seed).normal(0, 1, (batch, 3, size, size)).astype(np.float32)


def time_runs(call, batches, seconds):
    """Median seconds of a call, after a few that warm up."""
    for batch in batches:
        call(batch)
    times = []
    while sum(times) < seconds or len(times) < 3:
        start = time.perf_counter()
        call(batches[len(times) % len(batches)])
        times.append(time.perf_counter() - start)
    return statistics.median(times)


class TernInference:
    """A row of the case network/resnet18_ter of tern-bench, which verifies the logits first."""

    def __init__(self, tern_bench, row, batch, threads):
        self.program, self.row, self.batch, self.threads = Path(tern_bench), row, batch, threads

    def measure(self, seconds):
        with tempfile.TemporaryDirectory(prefix="tern-inference-") as folder:
            report = Path(folder) / "report.json"
            case = f"^network/resnet18_ter/batch{self.batch}$"
            options = ["--threads", self.threads, "--seconds", seconds, "--json", report]
            run([self.program, "--filter", case, *options])
            rows = json.loads(report.read_text())["rows"]
        times = {row["implementation"]: row["median_seconds"] for row in rows}
        if self.row not in times:
            raise RuntimeError(f"tern-bench has no row {self.row}, but {', '.join(times)}")
        return times[self.row]


class OnnxRuntimeInference:
    """The float ResNet-18 in onnxruntime: fp32, or int8 by static quantisation (QDQ, u8 activations, s8 weights per
    channel), calibrated on noise."""

    def __init__(self, batch, size, threads, int8):
        import onnx
        import onnxruntime

        self.folder = tempfile.TemporaryDirectory(prefix="tern-onnx-")
        path = Path(self.folder.name) / "fp32.onnx"
        onnx.save(onnx_model(random_weights(), batch, size), path)
        if int8:
            path = self._quantise(path, batch, size)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.batches = [noise(batch, size, seed) for seed in range(DISTINCT_IMAGES)]

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

    def logits(self):
        return self._run(self.batches[0])

    def measure(self, seconds):
        return time_runs(self._run, self.batches, seconds)

    def _run(self, images):
        return self.session.run(None, {"images": images})[0]


class TorchInference:
    """The float ResNet-18 in PyTorch: traced and frozen, compiled by TorchInductor, or in int8 (post-training
    quantisation in FX graph mode for the x86 backend, calibrated on noise), traced and frozen."""

    def __init__(self, batch, size, threads, mode):
        import torch

        self.torch = torch
        torch.set_num_threads(threads)
        self.batches = self._noise(batch, size, range(DISTINCT_IMAGES))
        network = torch_network(random_weights())
        with torch.no_grad():
            if mode == "int8":
                network = self._quantise(network, self._noise(batch, size, CALIBRATION_SEEDS))
            if mode == "compiled":
                self.network = torch.compile(network)
            else:
                traced = torch.jit.trace(network, self.batches[0])
                self.network = torch.jit.optimize_for_inference(torch.jit.freeze(traced))

    def _noise(self, batch, size, seeds):
        return [self.torch.from_numpy(noise(batch, size, seed)) for seed in seeds]

    def _quantise(self, network, images):
        from torch.ao.quantization import get_default_qconfig_mapping, quantize_fx

        observed = quantize_fx.prepare_fx(network, get_default_qconfig_mapping("x86"), (images[0],))
        for image in images:
            observed(image)
        return quantize_fx.convert_fx(observed)

    def logits(self):
        return self._run(self.batches[0]).numpy()

    def measure(self, seconds):
        return time_runs(self._run, self.batches, seconds)

    def _run(self, images):
        with self.torch.inference_mode():
            return self.network(images)
