"""Trains a list of configurations with several seeds, merges and scores each, and writes the table.

  learning.py LIST.json --data FOLDER -o RESULTS [--bin build/release/bin] [--runs runs/learning] [--threads N]

LIST.json:

  {"title": "Methods on CIFAR-10", "config": "configs/cifar10_resnet20_sttn.json", "seeds": [1, 2, 3],
   "set": ["training.epochs=10"],
   "rows": [{"name": "sttn", "set": ["model.weights=sttn"]}, {"name": "floats", "set": ["model=cifar_resnet20"]}]}

"config" and "set" may stand in a row, too, "seeds" instead of those of the list. What a run has left is continued by --resume, and a finished
one is not trained again, nor one that RESULTS knows from another machine, so that the script may be interrupted and called once more.
RESULTS gets results.json (every run: accuracy of the network as trained and as merged, seconds of training, zeros,
bytes, command, machine) and README.md (the table). Standard library only.
"""

import argparse
import csv
import json
import shlex
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "peers"))
from machine import machine_facts  # noqa: E402


def run(command, **options):
    words = list(map(str, command))
    print("+", shlex.join(words), flush=True)
    try:
        return subprocess.run(words, check=True, text=True, **options)
    except OSError as error:
        sys.exit(f"{words[0]}: {error.strerror}; --bin names the folder of Tern's programs")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error.stderr or ''}{shlex.join(words)}: it failed with exit code {error.returncode}")


def check(condition, where, message):
    if not condition:
        sys.exit(f"{where}: {message}")


def check_fields(fields, where, required, optional):
    """`fields` is an object with the required fields, perhaps the optional ones, and no others, all of their types."""
    check(isinstance(fields, dict), where, "expected an object")
    for name in required:
        check(name in fields, where, f'"{name}" is missing')
    for name, value in fields.items():
        known = required | optional
        check(name in known, where, f'"{name}" is no field; those are {", ".join(known)}')
        kind = known[name]
        if isinstance(kind, list):
            fits = isinstance(value, list) and value and all(type(element) is kind[0] for element in value)
            check(fits, where, f'"{name}" is no list of {kind[0].__name__}, with one at least')
        else:
            check(type(value) is kind, where, f'"{name}" is no {kind.__name__}')


def read_list(path):
    try:
        wanted = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        sys.exit(f"{path}: {error}")
    common = {"config": str, "set": [str], "seeds": [int]}
    check_fields(wanted, path, {"title": str, "rows": [dict]}, common)
    names = set()
    for i, row in enumerate(wanted["rows"]):
        where = f"{path}: row {i + 1}"
        check_fields(row, where, {"name": str}, common)
        name = row["name"]
        check(name and "/" not in name, where, f'the name "{name}" is no name of a folder')
        check(name not in names, where, f'a row before it has the name "{name}", too')
        names.add(name)
        check("config" in row or "config" in wanted, where, 'neither it nor the list has a "config"')
    return wanted


def score(programs, model, data):
    """The share of right answers on the test images."""
    command = [programs / "tern-evaluate", model, "--data", data / "test", "--json"]
    return json.loads(run(command, capture_output=True).stdout)["top1"]


class Run:
    """One row of the list with one seed."""

    def __init__(self, defaults, row, seed, options):
        self.name, self.seed = row["name"], seed
        self.folder = options.runs / f"{self.name}-{seed}"
        settings = defaults.get("set", []) + row.get("set", []) + [f"seed={seed}"]
        places = [f"output={self.folder}", f"data.path={options.data}"]
        if options.threads:
            places.append(f"threads={options.threads}")
        arguments = [row.get("config", defaults.get("config"))]
        arguments += [word for setting in settings for word in ("--set", setting)]
        self.recipe = shlex.join(["tern-train", *arguments])  # what gives the same result on any machine
        self.command = [options.bin / "tern-train", *arguments]
        self.command += [word for place in places for word in ("--set", place)]

    def train(self):
        last = self.folder / "last.safetensors"
        if not last.exists():
            shutil.rmtree(self.folder, ignore_errors=True)  # of a run that ended before its first checkpoint
        run(self.command + (["--resume"] if last.exists() else []))
        return last

    def result(self, options, facts, known):
        stored = self.folder / "result.json"
        if stored.exists():
            result = json.loads(stored.read_text())
            check(result["command"] == self.recipe, stored,
                  f"the result of another command; move the folder away, or rename the row. It was\n  {result['command']}\n"
                  f"and now it is\n  {self.recipe}")
            return result
        for result in known:
            if (result["name"], result["command"]) == (self.name, self.recipe):
                return result
        last, merged = self.train(), self.folder / "merged.safetensors"
        with (self.folder / "metrics.csv").open() as file:
            epochs = list(csv.DictReader(file))
        result = {
            "name": self.name,
            "seed": self.seed,
            "command": self.recipe,
            "date": machine_facts()["date"],
            "cpu": facts["cpu"],
            "commit": facts["tern_checkout"],
            "threads": options.threads,
            "epochs": len(epochs),
            "seconds": sum(float(epoch["seconds"]) for epoch in epochs),
            "validation_accuracy": float(epochs[-1]["validation_accuracy"]),
        }
        zeros = epochs[-1].get("zeros")
        if zeros:
            run([options.bin / "tern-merge", last, "-o", merged, "--check"])
            result |= {"zeros": float(zeros), "bytes": merged.stat().st_size}
        result["accuracy"] = score(options.bin, merged if zeros else last, options.data)
        stored.write_text(json.dumps(result, indent=2) + "\n")
        return result


def spread(values, scale=1.0, digits=2):
    """The mean, and how far the values lie apart."""
    values = [scale * value for value in values]
    mean = f"{statistics.mean(values):.{digits}f}"
    return mean if len(values) == 1 else f"{mean} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def table(results):
    by_name = {}
    for result in results:
        by_name.setdefault(result["name"], []).append(result)
    header = ["", "seeds", "test accuracy, %", "zeros, %", "epochs", "minutes", "KB merged"]
    lines = []
    for name, runs in by_name.items():
        merged = [run for run in runs if "zeros" in run]
        lines.append(
            [
                name,
                len(runs),
                spread([run["accuracy"] for run in runs], 100),
                spread([run["zeros"] for run in merged], 100, 0) if merged else "",
                runs[0]["epochs"],
                spread([run["seconds"] / 60 for run in runs], 1, 0),
                f"{merged[0]['bytes'] / 1000:.0f}" if merged else "",
            ]
        )
    rows = [header, ["---"] * len(header), *lines]
    return "".join("| " + " | ".join(map(str, row)) + " |\n" for row in rows)


def page(title, results):
    machines = dict.fromkeys(
        f"{run['cpu']}, {run['threads'] or 'all'} threads, {run['date'][:10]}, commit {run['commit']}" for run in results
    )
    commands = "".join(f"    {result['command']}\n" for result in results)
    text = f"# {title}\n\n{'; '.join(machines)}. Ternary networks are scored merged, on all test images.\n\n"
    return text + table(results) + f"\nEach run:\n\n{commands}"


def read_results(document, runs):
    """What it knows of these runs."""
    known = json.loads(document.read_text())["results"] if document.exists() else []
    wanted = {(run.name, run.recipe) for run in runs}
    return [result for result in known if (result["name"], result["command"]) in wanted]


def write_results(document, title, results):
    document.write_text(json.dumps({"title": title, "results": results}, indent=2) + "\n")
    document.with_name("README.md").write_text(page(title, results))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and test/")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--bin", type=Path, default=Path("build/release/bin"))
    parser.add_argument("--runs", type=Path, default=Path("runs/learning"))
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    wanted = read_list(options.list)
    facts, results = machine_facts(), []
    options.output.mkdir(parents=True, exist_ok=True)
    # Seed by seed: an interrupted comparison has all rows with as many seeds.
    seeds_of = [row.get("seeds", wanted.get("seeds", [1])) for row in wanted["rows"]]
    runs = [
        Run(wanted, row, seed, options)
        for seed in dict.fromkeys(seed for seeds in seeds_of for seed in seeds)
        for row, seeds in zip(wanted["rows"], seeds_of)
        if seed in seeds
    ]
    document = options.output / "results.json"
    known = read_results(document, runs)
    for number, each in enumerate(runs):
        results.append(each.result(options, facts, known))
        later = {(run.name, run.recipe) for run in runs[number + 1 :]}
        rest = [result for result in known if (result["name"], result["command"]) in later]
        write_results(document, wanted["title"], results + rest)
    print(table(results))


if __name__ == "__main__":
    main()
