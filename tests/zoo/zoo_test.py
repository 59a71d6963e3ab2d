#!/usr/bin/env python3
"""zoo_test.py PROGRAMS [--write]: runs every model of zoo/ on the committed images and holds its logits against those of
zoo/NAME.logits.json, on each instruction set that this CPU has; its card must state the file's size and SHA-256.

--write makes the files of logits anew, for a new model. Standard library only.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ZOO = Path(__file__).parents[2] / "zoo"
# The stem's and the head's sums of floats are rounded in an order that belongs to the instruction set: some 1e-6 of a
# logit. A wrong weight, norm or pixel moves logits by far more.
TOLERANCE = 1e-3


def predictions(programs, model, images, instruction_set):
    environment = dict(os.environ, TERN_CPU=instruction_set) if instruction_set else dict(os.environ)
    command = [programs / "tern-predict", model, *images, "--json", "--top", "1000", "--threads", "1"]
    return subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True)


def logits(programs, model, images, instruction_set=None):
    """Of each image's file name, the logit of each class."""
    answer = predictions(programs, model, images, instruction_set)
    if answer.returncode != 0:
        raise RuntimeError(f"{model.name}: tern-predict: {answer.stderr.strip()}")
    return {
        Path(image["image"]).name: {p["class"]: p["logit"] for p in image["predictions"]}
        for image in json.loads(answer.stdout)
    }


def instruction_sets(programs, model, image):
    """Those that run here: tern-predict refuses what the CPU lacks."""
    known = ("avx512", "avx512bw", "avx2", "neon", "scalar")
    return [name for name in known if predictions(programs, model, [image], name).returncode == 0]


def card_faults(model, cards):
    """What the card should say of the file and does not."""
    content = model.read_bytes()
    facts = {"SHA-256": hashlib.sha256(content).hexdigest(), "size": f"{len(content):,} bytes"}
    section = re.search(rf"^## {re.escape(model.stem)}\n(.*?)(?=^## |\Z)", cards, re.M | re.S)
    if not section:
        return [f"zoo/README.md has no section {model.stem}"]
    return [f"zoo/README.md, {model.stem}: its {name} is {fact}" for name, fact in facts.items() if fact not in section[1]]


def logit_faults(name, wanted, got):
    faults = []
    for image, classes in wanted.items():
        if classes.keys() != got[image].keys():
            faults.append(f"{name}, {image}: classes {sorted(got[image])}, expected {sorted(classes)}")
            continue
        for label, logit in classes.items():
            if not abs(got[image][label] - logit) <= TOLERANCE:
                faults.append(f"{name}, {image}, {label}: logit {got[image][label]}, expected {logit}")
    return faults


def check(programs, model):
    wanted = json.loads((ZOO / f"{model.stem}.logits.json").read_text())
    images = [ZOO / "images" / name for name in wanted]
    if not images:
        return [f"{model.stem}.logits.json: no images"]
    sets = instruction_sets(programs, model, images[0])
    if "scalar" not in sets:
        return [f"{model.name}: does not run with TERN_CPU=scalar"]
    faults = []
    for name in sets:
        faults += logit_faults(f"{model.name}, TERN_CPU={name}", wanted, logits(programs, model, images, name))
    return faults


def write(programs, model):
    """Images of zoo/images whose name begins with the model's."""
    images = sorted((ZOO / "images").glob(f"{model.stem.split('_')[0]}_*.jpg"))
    text = json.dumps(logits(programs, model, images), indent=1)
    (ZOO / f"{model.stem}.logits.json").write_text(text + "\n")


def main():
    programs = Path(sys.argv[1])
    models = sorted(ZOO.glob("*.safetensors"))
    if not models:
        sys.exit("zoo/ has no models")
    if sys.argv[2:] == ["--write"]:
        for model in models:
            write(programs, model)
    cards = (ZOO / "README.md").read_text()
    faults = [fault for model in models for fault in card_faults(model, cards) + check(programs, model)]
    if faults:
        sys.exit("\n".join(faults))
    print(f"{len(models)} models: {', '.join(model.stem for model in models)}")


if __name__ == "__main__":
    main()
