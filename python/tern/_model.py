from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Union, overload

import numpy as np

from tern._errors import DataError, ShapeError
from tern._tern import Engine, read_picture

if TYPE_CHECKING:
    from PIL.Image import Image

    Picture = Union[str, os.PathLike[str], Image]


class Prediction(NamedTuple):
    """One class of a picture."""

    class_name: str
    index: int
    probability: float
    logit: float


def load(path: str | os.PathLike[str], threads: int = 0) -> Model:
    """Loads a merged network, as :func:`tern.merge` and tern-merge write it.

    ``threads`` work on a call together; 0 takes OMP_NUM_THREADS or, where that is not set, as many as the process may
    use. The environment variable TERN_CPU (avx512, avx512bw, avx2, neon, scalar) chooses the instruction set, by default
    the best that the CPU has.

    Raises :class:`OSError` if the file cannot be opened and :class:`DataError` if it is no merged network.
    """
    return Model(path, threads)


class Model:
    """A merged ternary network on the CPU. Threads may share it; they are served one after the other."""

    def __init__(self, path: str | os.PathLike[str], threads: int = 0) -> None:
        os.stat(path)  # an OSError of its kind
        self._engine = Engine(path, threads)
        names = self._engine.class_names
        self._class_names = None if names is None else tuple(names)

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """One for each logit; None if the file has none."""
        return self._class_names

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the images that the network takes."""
        return self._engine.input_size

    @property
    def input_channels(self) -> int:
        """3 (red, green, blue) or 1 (the luminance)."""
        return self._engine.input_channels

    def run(self, images: Any) -> np.ndarray:
        """The logits, float32 (count, classes), of images (count, height, width, channels) of the size ``input_size``;
        or (classes,) of a single image (height, width, channels).

        Images are uint8, normalised here, or float32, normalised as in training. Results are the same to the bit for any
        number of images and threads. Raises :class:`ShapeError` for another shape, :class:`TypeError` for another type of
        values, and :class:`NumericError` if a logit is not finite.
        """
        images = np.asarray(images)
        if images.dtype not in (np.uint8, np.float32):
            raise TypeError(f"run: images are {images.dtype}; give uint8 pixels, or float32 normalised as in training")
        if images.ndim not in (3, 4):
            raise ShapeError(f"run: images have the shape {images.shape}, not (count, height, width, channels)")
        batch = np.ascontiguousarray(images if images.ndim == 4 else images[np.newaxis])
        logits = self._engine.run_u8(batch) if images.dtype == np.uint8 else self._engine.run_f32(batch)
        return logits if images.ndim == 4 else logits[0]

    def prepare(self, picture: Picture | np.ndarray) -> np.ndarray:
        """What :meth:`run` takes of a picture of any size: float32 (height, width, channels), resized, cropped and
        normalised as for evaluation in training, with the EXIF orientation and the background of transparent pixels that
        training had.

        ``picture`` is the path of a file, an image of Pillow, or uint8 (height, width, 3). Raises :class:`OSError` if the
        file cannot be opened, :class:`DataError` if it is damaged, and :class:`ShapeError` if it cannot be cropped.
        """
        return self._engine.prepare(self._pixels(picture))

    def _pixels(self, picture: Picture | np.ndarray) -> np.ndarray:
        """uint8 (height, width, 3)"""
        if isinstance(picture, (str, os.PathLike)):
            os.stat(picture)
            return read_picture(picture, self._engine.exif_orientation, self._engine.background)
        if hasattr(picture, "convert"):
            return self._pixels_of_pillow(picture)
        pixels = np.ascontiguousarray(picture)
        if pixels.dtype != np.uint8 or pixels.ndim != 3:
            raise TypeError(f"a picture is a path, an image of Pillow or uint8 (height, width, 3), not {pixels.dtype} "
                            f"{pixels.shape}")
        return pixels

    def _pixels_of_pillow(self, picture: Image) -> np.ndarray:
        """As read_picture() makes them of the file."""
        from PIL import Image, ImageOps

        if self._engine.exif_orientation:
            picture = ImageOps.exif_transpose(picture)
        if "A" in picture.getbands() or "transparency" in picture.info:
            below = Image.new("RGBA", picture.size, tuple(self._engine.background))
            picture = Image.alpha_composite(below, picture.convert("RGBA"))
        return np.ascontiguousarray(picture.convert("RGB"))

    @overload
    def predict(self, pictures: Picture | np.ndarray, top: int = 5) -> list[Prediction]: ...
    @overload
    def predict(self, pictures: Sequence[Picture | np.ndarray], top: int = 5) -> list[list[Prediction]]: ...
    def predict(self, pictures, top=5):
        """The ``top`` most probable classes of a picture, the first one first, or a list of these for a list of pictures.

        Pictures are what :meth:`prepare` takes, and raise what it raises.
        """
        if top < 1:
            raise ValueError(f"predict: top is {top}; it must be at least 1")
        if not isinstance(pictures, (list, tuple)):
            return self.predict([pictures], top)[0]
        return [self._best(self.run(self.prepare(picture)), top) for picture in pictures]

    def _best(self, logits: np.ndarray, top: int) -> list[Prediction]:
        if self._class_names is None:
            raise DataError("predict: the model's file has no names of classes; run() gives its logits")
        exponentials = np.exp(logits.astype(np.float64) - logits.max())
        probabilities = exponentials / exponentials.sum()
        order = np.argsort(-logits, kind="stable")[:top]
        return [Prediction(self._class_names[i], int(i), float(probabilities[i]), float(logits[i])) for i in order]

    def __repr__(self) -> str:
        height, width = self.input_size
        return f"<tern.Model: {height}x{width}x{self.input_channels} pixels, {self._engine.classes} classes>"
