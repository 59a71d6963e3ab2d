"""PyTorch on the CPU."""

from float_resnet18 import random_weights, torch_network
from measure_inference import CALIBRATION_SEEDS, Peer, noise


class TorchInference(Peer):
    """The float ResNet-18: traced and frozen, compiled by TorchInductor, or in int8 (post-training quantisation in FX
    graph mode for the x86 backend, calibrated on noise), traced and frozen."""

    package = "torch"

    def __init__(self, batch, size, threads, mode):
        import torch

        self.torch, self.mode = torch, mode
        super().__init__(batch, size)
        torch.set_num_threads(threads)
        network = torch_network(random_weights())
        with torch.no_grad():
            if mode == "int8":
                network = self._quantise(network, [self.prepare(noise(batch, size, seed)) for seed in CALIBRATION_SEEDS])
            if mode == "compiled":
                self.network = torch.compile(network)
            else:
                traced = torch.jit.trace(network, self.batches[0])
                self.network = torch.jit.optimize_for_inference(torch.jit.freeze(traced))

    def prepare(self, images):
        return self.torch.from_numpy(images)

    def run(self, images):
        with self.torch.inference_mode():
            return self.network(images)

    def code(self):
        engine = f", engine {self.torch.backends.quantized.engine}" if self.mode == "int8" else ""
        return self.torch.backends.cpu.get_cpu_capability() + engine

    def _quantise(self, network, images):
        from torch.ao.quantization import get_default_qconfig_mapping, quantize_fx

        observed = quantize_fx.prepare_fx(network, get_default_qconfig_mapping("x86"), (images[0],))
        for image in images:
            observed(image)
        return quantize_fx.convert_fx(observed)
