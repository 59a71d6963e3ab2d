from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tern import _errors

StrPath = str | os.PathLike[str]
Metrics = dict[str, float]

_INTERRUPTED = 130  # the exit code after a signal, everything saved
_SECONDS_BETWEEN_LOOKS = 0.2  # at the metrics


def _path_of(program: str) -> Path:
    return Path(__file__).parent / "bin" / program


def main() -> None:
    """The entry point of every program: becomes the one whose name it was started by."""
    program = Path(sys.argv[0]).name
    os.execv(_path_of(program), [program, *sys.argv[1:]])


class _Process:
    """A program that runs; its stderr is read all the time, and shown if `verbose`."""

    def __init__(self, program: str, arguments: Sequence[str], verbose: bool) -> None:
        self._program = program
        self._process = subprocess.Popen(
            [_path_of(program), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, encoding="utf-8", errors="replace", env={**os.environ, "TERN_ERROR_KINDS": "1"})  # fmt: skip
        self._last_lines: deque[str] = deque(maxlen=20)
        self._reader = threading.Thread(target=self._read, args=(verbose,), daemon=True)
        self._reader.start()

    def _read(self, verbose: bool) -> None:
        for line in self._process.stderr:
            self._last_lines.append(line.rstrip("\n"))
            if verbose:
                print(line, end="", file=sys.stderr, flush=True)

    def is_running(self, seconds: float) -> bool:
        """Waits so long at most."""
        try:
            self._process.wait(seconds)
            return False
        except subprocess.TimeoutExpired:
            return True

    def stop(self, number: signal.Signals) -> None:
        self._process.send_signal(number)
        self._process.wait()

    def finish(self) -> int:
        """The exit code of a program that succeeded or was interrupted; throws the error of one that failed."""
        code = self._process.wait()
        self._reader.join()
        if code in (0, _INTERRUPTED):
            return code
        for line in reversed(self._last_lines):
            name, _, rest = line.partition(": ")
            kind, _, message = rest.partition(": ")
            if name == self._program and message:
                raise getattr(_errors, kind, MemoryError if kind == "MemoryError" else _errors.Error)(message)
        raise _errors.Error(f"{self._program} ended with {code}: " + "\n".join(self._last_lines))


def _run(program: str, arguments: Sequence[str]) -> None:
    _Process(program, arguments, verbose=False).finish()


def merge(
    checkpoint: StrPath, output: StrPath, *, format: str = "safetensors", stem: str | None = None, check: bool = False
) -> Path:
    """Merges a trained checkpoint into the ternary network with the same output, and writes that to ``output``.

    ``format`` is safetensors, which :func:`tern.load` reads, c-header or onnx; ``stem`` is float or int16, in which the
    engine computes the first convolution of 8-bit images, int16 faster and a little less exactly (tern-merge --help);
    ``check`` reads the file back and proves that its logits on random images are those of the checkpoint, to the bit.
    Returns ``output``.
    """
    os.stat(checkpoint)
    options = (["--stem", stem] if stem else []) + (["--check"] if check else [])
    _run("tern-merge", [os.fspath(checkpoint), "-o", os.fspath(output), "--format", format, *options])
    return Path(output)


def import_checkpoint(
    file: StrPath,
    model: str | Mapping[str, Any],
    output: StrPath,
    *,
    class_names: Sequence[str] | None = None,
    size: int | tuple[int, int] = 0,
    resize: int = 0,
    interpolation: str = "bicubic",
    mean: Sequence[float] = (),
    std: Sequence[float] = (),
) -> Path:
    """Makes a checkpoint of Tern from a network that PyTorch saved (.pth, .pth.tar, safetensors); no code of it is run.

    ``model`` is its network, such as "resnet18" or "resnet18_bwx2", or a description as in a training configuration. The
    rest says how pictures become its input: images of ``size``, an integer or (height, width), cut out of pictures whose
    shorter side is resized to ``resize`` (0: the network's own, and what is usual for it), normalised by ``mean`` and
    ``std``. Returns ``output``.
    """
    os.stat(file)
    arguments = [os.fspath(file), "--model", model if isinstance(model, str) else json.dumps(model), "-o", os.fspath(output)]
    height, width = size if isinstance(size, Sequence) else (size, size)
    arguments += ["--height", str(height), "--width", str(width)]
    arguments += ["--resize", str(resize), "--interpolation", interpolation]
    for option, numbers in (("--mean", mean), ("--std", std)):
        if len(numbers) > 0:
            arguments += [option, ",".join(map(str, numbers))]
    if class_names is None:
        _run("tern-import", arguments)
    else:
        with _temporary_file("\n".join(class_names) + "\n") as path:
            _run("tern-import", [*arguments, "--classes", path])
    return Path(output)


@dataclass
class Run:
    """What :func:`train` leaves: a folder, and the metrics of each epoch that this call trained."""

    path: Path
    finished: bool = False  # False: stopped and saved; train(..., resume=True) goes on
    metrics: list[Metrics] = field(default_factory=list)

    @property
    def best(self) -> Path:
        """The checkpoint of the epoch with the best validation accuracy, for :func:`merge`."""
        return self.path / "best.safetensors"

    @property
    def last(self) -> Path:
        """The checkpoint of the last epoch."""
        return self.path / "last.safetensors"


def train(
    config: StrPath | Mapping[str, Any],
    output: StrPath,
    *,
    settings: Mapping[str, Any] | None = None,
    resume: bool = False,
    callback: Callable[[Metrics], bool | None] | None = None,
    verbose: bool = True,
) -> Run:
    """Trains the network that ``config`` describes, a file or the same as a dictionary, in the folder ``output``.

    ``settings`` overrides fields: ``{"training.epochs": 3}`` (``tern-train --help-config`` explains them all). After each
    epoch ``callback`` gets its metrics: "epoch", "step", "train_loss", "train_accuracy", "validation_loss",
    "validation_accuracy", "lr", "images_per_second", "seconds", "zeros", "zeros:LAYER"; if it returns False, the
    training saves and stops. So it does at a KeyboardInterrupt and at an exception of ``callback``, which are then raised;
    ``resume`` goes on bit for bit. ``verbose`` shows on stderr how it goes.

    Training is a process of its own. Raises :class:`ConfigError`, :class:`DataError` and, for a loss that is not finite,
    :class:`NumericError`.
    """
    run = Run(Path(output))
    table = run.path / "metrics.csv"
    arguments = ["--resume"] if resume else []
    for key, value in {**(settings or {}), "output": os.fspath(output)}.items():
        arguments += ["--set", f"{key}={value if isinstance(value, str) else json.dumps(value)}"]
    with _config_file(config) as path:
        before = len(_rows(table))
        process = _Process("tern-train", [path, *arguments], verbose)
        try:
            while process.is_running(_SECONDS_BETWEEN_LOOKS):
                if _report(_rows(table)[before:], run, callback) is False:
                    process.stop(signal.SIGTERM)
                    callback = None
        except KeyboardInterrupt:
            process.stop(signal.SIGHUP)  # a terminal has sent SIGINT to both, and a second one would end it at once
            raise
        except BaseException:
            process.stop(signal.SIGTERM)
            raise
        run.finished = process.finish() == 0
        _report(_rows(table)[before:], run, callback)
    return run


def _report(rows: list[Metrics], run: Run, callback: Callable[[Metrics], bool | None] | None) -> bool | None:
    """Of the rows that are new; the last answer of the callback."""
    answer = None
    for row in rows[len(run.metrics):]:  # fmt: skip
        run.metrics.append(row)
        answer = callback(row) if callback else None
        if answer is False:
            break
    return answer


def _rows(table: Path) -> list[Metrics]:
    """The whole lines of metrics.csv; empty cells, which nobody measured, are left out."""
    try:
        lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    except FileNotFoundError:
        return []
    whole = [line for line in lines if line.endswith("\n")]
    integers = ("epoch", "step")
    return [
        {key: int(cell) if key in integers else float(cell) for key, cell in row.items() if cell}
        for row in csv.DictReader(whole)
    ]


@contextmanager
def _temporary_file(text: str) -> Iterator[str]:
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        yield file.name


@contextmanager
def _config_file(config: StrPath | Mapping[str, Any]) -> Iterator[str]:
    if isinstance(config, Mapping):
        with _temporary_file(json.dumps(config)) as path:
            yield path
    else:
        os.stat(config)
        yield os.fspath(config)
