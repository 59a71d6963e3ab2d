"""Tern: ternary neural networks, trained, merged exactly and run at the speed of bits.

    import tern

    model = tern.load("cifar10.safetensors")
    for prediction in model.predict("cat.jpg"):
        print(f"{prediction.probability:.1%} {prediction.class_name}")

:func:`train`, :func:`merge` and :func:`import_checkpoint` run the programs tern-train, tern-merge and tern-import, which
come with the package.
"""

from tern._errors import ConfigError, DataError, Error, NumericError, ShapeError
from tern._model import Model, Prediction, load
from tern._programs import Run, import_checkpoint, merge, train

__all__ = [
    "ConfigError", "DataError", "Error", "Model", "NumericError", "Prediction", "Run", "ShapeError",
    "import_checkpoint", "load", "merge", "train",
]  # fmt: skip
