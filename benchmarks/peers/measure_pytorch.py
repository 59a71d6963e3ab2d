"""Training speed of sttn_pytorch.py on random images that lie in memory."""

import time

import torch
import torch.nn.functional as F

from sttn_pytorch import SttnResNet, train_step

WARM_UP_STEPS = 3
DISTINCT_BATCHES = 8  # more than the caches hold
CLASSES = 10
IMAGE_SIZE = 32


class PyTorchTraining:
    """cifar_resnet20_bwx2 in one memory format; `merged` runs one convolution a pair instead of two."""

    def __init__(self, batch, threads, channels_last, merged):
        torch.set_num_threads(threads)
        self.batch = batch
        memory_format = torch.channels_last if channels_last else torch.contiguous_format
        self.network = SttnResNet(classes=CLASSES, merged=merged)
        self.network.initialise(seed=1)
        self.network.to(memory_format=memory_format)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=0.005)
        generator = torch.Generator().manual_seed(2)
        self.batches = []
        for _ in range(DISTINCT_BATCHES):
            images = torch.randn(batch, 3, IMAGE_SIZE, IMAGE_SIZE, generator=generator)
            labels = torch.randint(CLASSES, (batch,), generator=generator)
            self.batches.append((images.contiguous(memory_format=memory_format), labels))

    def first_loss(self):
        """The loss of the first step; must come before any other step."""
        return self._step(0)

    def images_per_second(self, steps):
        for step in range(WARM_UP_STEPS):
            self._step(step)
        start = time.perf_counter()
        for step in range(steps):
            self._step(step)
        return steps * self.batch / (time.perf_counter() - start)

    def _step(self, step):
        images, labels = self.batches[step % DISTINCT_BATCHES]
        return train_step(
            self.network, self.optimizer, images, lambda logits: F.cross_entropy(logits, labels)
        )
