"""The installed package on the models of zoo/, which lies beside this file, and on generated digits."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import tern

ZOO = Path(__file__).parent / "zoo"
CAT = ZOO / "images/cifar10_cat.jpg"
PROGRAMS = Path(sys.executable).parent  # the scripts of the virtual environment
# Stem and head are sums of floats, rounded in an order that belongs to the instruction set (tests/zoo/zoo_test.py).
TOLERANCE = 1e-3


@pytest.fixture(scope="module")
def cifar10():
    return tern.load(ZOO / "cifar10.safetensors", threads=1)


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    subprocess.run([PROGRAMS / "tern-data", "digits", folder, "--train", "100", "--test", "20"], check=True)
    return folder


@pytest.fixture(scope="module")
def config(digits):
    return {
        "threads": 1,
        "data": {"format": "image_folder", "path": str(digits), "workers": 1},
        "model": {"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [8, 16], "depths": [1, 1]},
        "training": {"epochs": 2, "batch_size": 50},
        "optimizer": {"name": "sgd", "lr": 0.01},
    }


@pytest.fixture(scope="module")
def finished(config, tmp_path_factory):
    seen = []
    run = tern.train(config, tmp_path_factory.mktemp("runs") / "run", callback=seen.append, verbose=False)
    return run, seen


def test_a_model_says_what_it_takes_and_gives(cifar10):
    assert cifar10.input_size == (32, 32)
    assert cifar10.input_channels == 3
    assert cifar10.class_names[3] == "cat" and len(cifar10.class_names) == 10
    assert repr(cifar10) == "<tern.Model: 32x32x3 pixels, 10 classes>"


@pytest.mark.parametrize("name", ["cifar10", "digits"])
def test_logits_are_those_of_the_zoo(name):
    model = tern.load(ZOO / f"{name}.safetensors")
    wanted = json.loads((ZOO / f"{name}.logits.json").read_text())
    for image, predictions in zip(wanted, model.predict([ZOO / "images" / image for image in wanted], top=99)):
        assert len(predictions) == 10
        for prediction in predictions:
            assert prediction.logit == pytest.approx(wanted[image][prediction.class_name], abs=TOLERANCE)


def test_predictions_of_path_pillow_and_pixels_are_the_same(cifar10):
    best, *others = cifar10.predict(CAT)
    assert best.class_name == "cat" and best.index == 3
    assert len(others) == 4 and best.probability >= others[0].probability
    assert sum(p.probability for p in cifar10.predict(CAT, top=10)) == pytest.approx(1)
    picture = PIL.Image.open(CAT)
    assert cifar10.predict([str(CAT), picture, np.asarray(picture)]) == [[best, *others]] * 3


def test_a_grey_picture_and_one_with_alpha_are_taken_as_rgb(cifar10):
    picture = PIL.Image.open(CAT).convert("L")
    assert cifar10.predict(picture) == cifar10.predict(picture.convert("RGB"))
    assert cifar10.predict(picture.convert("RGBA")) == cifar10.predict(picture)


def test_orientation_and_background_are_those_of_training(config, tmp_path):
    turned, clear = PIL.Image.open(CAT), PIL.Image.open(CAT)
    clear.putalpha(PIL.Image.linear_gradient("L").resize(clear.size))
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # the orientation
    turned.save(tmp_path / "turned.png", exif=exif)
    clear.save(tmp_path / "clear.png")
    logits = []
    for name, settings in (("default", {}), ("other", {"input.exif_orientation": False, "input.background": [0, 0, 200]})):
        run = tern.train(config, tmp_path / name, settings={"training.epochs": 1, **settings}, verbose=False)
        model = tern.load(tern.merge(run.last, tmp_path / f"{name}.safetensors"))
        logits.append([])
        for picture in tmp_path.glob("*.png"):
            answer = subprocess.run([PROGRAMS / "tern-predict", tmp_path / f"{name}.safetensors", picture, "--json"],
                                    capture_output=True, check=True)
            wanted = [prediction["logit"] for prediction in json.loads(answer.stdout)[0]["predictions"]]
            for given in (picture, PIL.Image.open(picture)):
                assert [p.logit for p in model.predict(given)] == pytest.approx(wanted, rel=1e-6)
            logits[-1].append(wanted)
    assert logits[0][0] != logits[1][0] and logits[0][1] != logits[1][1]


def test_run_takes_bytes_floats_and_single_images_alike(cifar10):
    pixels = np.asarray(PIL.Image.open(CAT))
    logits = cifar10.run(np.stack([pixels, pixels[:, ::-1]]))
    assert logits.shape == (2, 10) and logits.dtype == np.float32
    np.testing.assert_array_equal(cifar10.run(pixels), logits[0])
    np.testing.assert_array_equal(cifar10.run(cifar10.prepare(CAT)), logits[0])
    assert not np.array_equal(logits[0], logits[1])


def test_threads_share_a_model(cifar10):
    pixels = np.random.default_rng(1).integers(0, 256, (32, 32, 32, 3), np.uint8)
    wanted = cifar10.run(pixels)
    results = [None] * 4

    def work(i):
        results[i] = cifar10.run(pixels)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        np.testing.assert_array_equal(result, wanted)


def test_other_threads_run_while_a_network_does(cifar10):
    pixels = np.zeros((2000, 32, 32, 3), np.uint8)
    worker = threading.Thread(target=cifar10.run, args=(pixels,))
    worker.start()
    steps = 0
    while worker.is_alive():
        steps += 1
    # Without the GIL released, this loop would get its turn before and after the call alone.
    assert steps > 1000


def test_errors_are_exceptions_of_their_kinds(cifar10, tmp_path):
    with pytest.raises(FileNotFoundError):
        tern.load(tmp_path / "none.safetensors")
    with pytest.raises(tern.DataError, match="cat.jpg"):
        tern.load(CAT)
    with pytest.raises(tern.ShapeError, match="33x32 pixels, the network takes 32x32"):
        cifar10.run(np.zeros((1, 33, 32, 3), np.uint8))
    with pytest.raises(tern.ShapeError, match="1 channels, the network takes 3"):
        cifar10.run(np.zeros((1, 32, 32, 1), np.uint8))
    with pytest.raises(ValueError, match="count, height, width, channels"):
        cifar10.run(np.zeros((32, 32), np.uint8))
    with pytest.raises(TypeError, match="float64"):
        cifar10.run(np.zeros((1, 32, 32, 3)))
    with pytest.raises(tern.NumericError, match="logit"):
        cifar10.run(np.full((1, 32, 32, 3), np.nan, np.float32))
    with pytest.raises(FileNotFoundError):
        cifar10.predict(tmp_path / "none.jpg")
    with pytest.raises(tern.DataError, match="cifar10.safetensors"):
        cifar10.predict(ZOO / "cifar10.safetensors")
    with pytest.raises(TypeError, match="float64"):
        cifar10.predict(np.zeros((32, 32, 3)))
    assert issubclass(tern.NumericError, tern.Error) and issubclass(tern.Error, RuntimeError)


def test_training_reports_each_epoch_and_its_network_is_merged_and_run(finished, digits, tmp_path):
    run, seen = finished
    assert run.finished and seen == run.metrics
    assert [row["epoch"] for row in seen] == [1, 2] and seen[-1]["step"] == 4
    assert {"train_loss", "validation_accuracy", "lr", "zeros"} <= seen[0].keys()
    path = tern.merge(run.best, tmp_path / "merged.safetensors", check=True)
    model = tern.load(path)
    assert model.class_names == tuple("0123456789")
    assert len(model.predict(next(digits.glob("test/3/*.jpg")), top=2)) == 2
    assert tern.merge(path, tmp_path / "model.onnx", format="onnx").stat().st_size > 0


def test_a_callback_stops_training_which_is_resumed_to_the_same_numbers(finished, config, tmp_path):
    longer = {"training.epochs": 200, "schedule.name": "constant"}
    stopped = tern.train(config, tmp_path, settings=longer, verbose=False, callback=lambda metrics: False)
    assert not stopped.finished and stopped.last.exists()
    epochs = stopped.metrics[-1]["epoch"]
    rest = tern.train(config, tmp_path, settings={**longer, "training.epochs": epochs + 2}, resume=True, verbose=False)
    assert rest.finished and rest.metrics[-1]["epoch"] == epochs + 2

    def fail(metrics):
        raise KeyError("of the callback")

    with pytest.raises(KeyError, match="of the callback"):
        tern.train(config, tmp_path / "other", settings=longer, verbose=False, callback=fail)
    assert (tmp_path / "other/last.safetensors").exists()


def test_failures_of_training_and_merging_are_exceptions_of_their_kinds(finished, config, tmp_path):
    with pytest.raises(tern.ConfigError, match="training.epohcs"):
        tern.train(config, tmp_path, settings={"training.epohcs": 3}, verbose=False)
    with pytest.raises(tern.DataError, match="no such folder"):
        tern.train(config, tmp_path, settings={"data.path": "none"}, verbose=False)
    with pytest.raises(tern.NumericError):
        tern.train(config, tmp_path, settings={"optimizer.lr": 1e38}, verbose=False)
    with pytest.raises(FileNotFoundError):
        tern.merge(tmp_path / "none", tmp_path / "merged")
    with pytest.raises(tern.ConfigError, match="--format"):
        tern.merge(finished[0].best, tmp_path / "merged", format="none")
    with pytest.raises(tern.DataError):
        tern.merge(CAT, tmp_path / "merged")


def test_a_checkpoint_of_others_is_imported(finished, tmp_path):
    model = {"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [8, 16], "depths": [1, 1], "classes": 10}
    names = [f"digit {i}" for i in range(10)]
    path = tern.import_checkpoint(finished[0].best, model, tmp_path / "imported", class_names=names, size=32, mean=[0.5] * 3)
    assert tern.load(tern.merge(path, tmp_path / "merged")).class_names == tuple(names)


def test_an_import_for_images_that_are_no_squares(finished, config, tmp_path):
    path = tern.import_checkpoint(finished[0].best, {**config["model"], "classes": 10}, tmp_path / "imported", size=(16, 24))
    model = tern.load(tern.merge(path, tmp_path / "merged"))
    assert model.input_size == (16, 24)
    assert model.prepare(CAT).shape == (16, 24, 3)
    assert model.run(np.zeros((16, 24, 3), np.uint8)).shape == (10,)


def test_ctrl_c_saves_and_is_raised(config, tmp_path):
    config_path = tmp_path / "config.json"
    config_path.write_text(json.dumps(config))
    code = f"""
import tern
try:
    tern.train({str(config_path)!r}, {str(tmp_path / "run")!r}, settings={{"training.epochs": 1000}}, verbose=False,
               callback=lambda metrics: print("epoch", flush=True))
except KeyboardInterrupt:
    print("interrupted")
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # a background job ignores it
    assert process.stdout.readline() == "epoch\n"
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    assert process.communicate(timeout=60)[0].splitlines()[-1] == "interrupted"
    assert (tmp_path / "run/last.safetensors").exists()


def test_the_programs_come_along():
    answer = subprocess.run([PROGRAMS / "tern-predict", ZOO / "cifar10.safetensors", CAT], capture_output=True, text=True)
    assert answer.returncode == 0 and "cat" in answer.stdout
    assert subprocess.run([PROGRAMS / "tern-train", "none.json"], capture_output=True).returncode == 1


def test_types_are_stated():
    folder = Path(tern.__file__).parent
    assert (folder / "py.typed").exists()
    assert "def run_u8(self, images: " in (folder / "_tern.pyi").read_text()
    for name in tern.__all__:
        assert getattr(tern, name).__doc__
