"""Training speed of sttn_pytorch.py on random images that lie in the device's memory."""

import contextlib
import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from sttn_pytorch import SttnResNet, train_step

WARM_UP_STEPS = 3
DISTINCT_BATCHES = {"cpu": 8, "cuda": 2}  # more than the caches hold


@dataclass
class Variant:
    """How the network is written and run.

    merged: one convolution a pair instead of two. precision: of convolutions and products, fp32, tf32 or bf16
    (autocast). compiled: by torch.compile.
    """

    merged: bool
    channels_last: bool
    precision: str = "fp32"
    compiled: bool = False


class PyTorchTraining:
    """A network of sttn_pytorch.py, described by SttnResNet's arguments, on random images of one size."""

    def __init__(self, network, image_size, batch, device, threads, variant):
        torch.set_num_threads(threads)
        self.batch = batch
        self.device = device
        self.variant = variant
        memory_format = torch.channels_last if variant.channels_last else torch.contiguous_format
        model = SttnResNet(**network, merged=variant.merged)
        model.initialise(seed=1)
        model.to(device, memory_format=memory_format)
        self.latents = model.latent_weights()
        self.optimizer = torch.optim.Adam(model.parameters(), lr=0.005, fused=variant.compiled or None)
        self.forward = torch.compile(model) if variant.compiled else model
        generator = torch.Generator().manual_seed(2)
        self.batches = []
        for _ in range(DISTINCT_BATCHES[device]):
            images = torch.randn(batch, 3, image_size, image_size, generator=generator)
            labels = torch.randint(network["classes"], (batch,), generator=generator)
            self.batches.append((images.to(device, memory_format=memory_format), labels.to(device)))

    def first_loss(self):
        """The loss of the first step; must come before any other step."""
        loss = self._step(0)
        self._free_cache()
        return loss

    def measure(self, steps):
        """Images/s, and the most memory that tensors took on a GPU."""
        if self.device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        for step in range(WARM_UP_STEPS):
            self._step(step)
        start = time.perf_counter()
        for step in range(steps):
            self._step(step)  # reads the loss, and so waits for the step
        speed = steps * self.batch / (time.perf_counter() - start)
        peak = torch.cuda.max_memory_allocated() if self.device == "cuda" else None
        self._free_cache()
        return {"images_per_second": speed, "peak_memory_bytes": peak}

    def close(self):
        """Gives the device's memory back; the contestant cannot go on after it."""
        self.forward = self.optimizer = self.latents = self.batches = None
        torch._dynamo.reset()
        self._free_cache()

    def _free_cache(self):
        # For the other contestants, one of which is another process.
        if self.device == "cuda":
            torch.cuda.empty_cache()

    def _step(self, step):
        images, labels = self.batches[step % len(self.batches)]
        with self._precision():
            return train_step(
                self.forward,
                self.latents,
                self.optimizer,
                images,
                lambda logits: F.cross_entropy(logits.float(), labels),
            )

    def _precision(self):
        # Set at every step, since contestants of several precisions take turns.
        tf32 = self.variant.precision == "tf32"
        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.backends.cudnn.allow_tf32 = tf32
        if self.variant.precision == "bf16":
            return torch.autocast(self.device, dtype=torch.bfloat16)
        return contextlib.nullcontext()
