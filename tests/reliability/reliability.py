"""What kills, failing system calls, low memory and damaged files do to a training run.

    reliability.py BIN SHIM WORK [--short] [--seed N] [--table FILE]

BIN has the programs, SHIM is the library of fail_at.c, WORK is a folder to work in. A run is killed, or one of its calls fails; then it
is resumed (or, where it had no checkpoint yet, started again) and must end with the files of one that was left alone: models and
configuration to the byte, metrics but for times, as many lines in the log, no other file. Damaged checkpoints and states must be refused
with their name. Prints one table; the exit code is 1 if anything was lost, differed or crashed without need.
"""

import argparse
import errno
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

CONFIG = {
    "output": "run",
    "threads": 1,
    "data": {"format": "image_folder", "path": "../digits", "workers": 1},
    "model": {"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [8], "depths": [1]},
    "training": {"epochs": 2, "batch_size": 8, "ema_decay": 0.9},
    "optimizer": {"name": "adam", "lr": 0.01},
    "log": {"every_steps": 1},
    "checkpoint": {"every_steps": 2},
}
TIMES = ("seconds", "images_per_second")
TIMEOUT = 120


class Row:
    def __init__(self, name):
        self.name, self.trials, self.completed, self.errors, self.signals = name, 0, 0, 0, 0
        self.same, self.problems = 0, []

    def problem(self, text):
        self.problems.append(text)
        print(f"{self.name}: {text}", file=sys.stderr)

    def count_end(self, code):
        self.trials += 1
        if code == 0:
            self.completed += 1
        elif code < 0:
            self.signals += 1
        else:
            self.errors += 1

    def line(self):
        return (f"| {self.name} | {self.trials} | {self.completed} | {self.errors} | {self.signals} | {self.same} "
                f"| {len(self.problems)} |")


class Campaign:
    config = CONFIG

    def __init__(self, options):
        self.bin, self.shim = pathlib.Path(options.bin).resolve(), pathlib.Path(options.shim).resolve()
        self.work = pathlib.Path(options.work).resolve()
        self.random = random.Random(options.seed)
        self.rows, self.options = [], options
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        subprocess.run([self.bin / "tern-data", "digits", self.work / "digits", "--train", "40", "--test", "16"],
                       check=True, stdout=subprocess.DEVNULL)
        started = time.monotonic()
        self.reference = self.new_folder("reference")
        code, text = self.train(self.reference)
        self.seconds = time.monotonic() - started
        if code != 0:
            sys.exit(f"the run without faults failed: {text}")
        self.expected = self.state_of(self.reference)

    def new_folder(self, name="trial"):
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(self.config))
        return folder

    def start(self, folder, arguments=(), fault=None):
        environment = dict(os.environ)
        if fault is not None:
            call, at, how, *rank = fault
            environment.update(LD_PRELOAD=str(self.shim), TERN_FAULT_CALL=call, TERN_FAULT_AT=str(at),
                               TERN_FAULT_HOW=str(how), TERN_FAULT_COUNT=str(self.work / "count"))
            if rank:
                environment.update(TERN_FAULT_RANK=str(rank[0]))
        with open(folder / "stderr", "wb") as stderr:
            return subprocess.Popen([self.bin / "tern-train", "config.json", *arguments], cwd=folder, env=environment,
                                    stdout=subprocess.DEVNULL, stderr=stderr)

    def train(self, folder, arguments=(), fault=None):
        code = self.start(folder, arguments, fault).wait(TIMEOUT)
        return code, (folder / "stderr").read_text(errors="replace")

    @staticmethod
    def state_of(folder):
        """What a finished run has to leave, by file."""
        run, state = folder / "run", {}
        for path in sorted(run.iterdir()):
            state[path.name] = None
        for name in ("last.safetensors", "best.safetensors", "confusion.csv", "config.json"):
            state[name] = (run / name).read_bytes()
        rows = [line.split(",") for line in (run / "metrics.csv").read_text().splitlines()]
        timed = [i for i, name in enumerate(rows[0]) if name in TIMES]
        state["metrics.csv"] = [[cell for i, cell in enumerate(row) if i not in timed] for row in rows]
        state["log.jsonl"] = [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines()]
        state["report.html"] = (run / "report.html").read_text().count("<tr>")
        return state

    def finish(self, row, folder, what, more=()):
        """Resumes the run in `folder` to its end and compares."""
        resume = ["--resume"] if (folder / "run/last.safetensors").exists() else []
        code, text = self.train(folder, resume + list(more))
        if code != 0:
            row.problem(f"{what}: not resumed: {code} {text.strip()[-300:]}")
            return
        state = self.state_of(folder)
        wrong = [name for name in sorted(set(state) | set(self.expected)) if
                 name not in state or name not in self.expected or state[name] != self.expected[name]]
        if wrong:
            row.problem(f"{what}: differs: {', '.join(wrong)}")
        else:
            row.same += 1

    def kill_at_random(self, trials):
        row = self.new_row("killed (SIGKILL) at a random time")
        for i in range(trials):
            folder = self.new_folder()
            process = self.start(folder)
            time.sleep(self.random.uniform(0, self.seconds))
            process.kill()
            row.count_end(process.wait(TIMEOUT))
            self.finish(row, folder, f"kill {i}")

    def calls_of(self, call):
        folder = self.new_folder()
        code, text = self.train(folder, fault=(call, 0, "0"))
        if code != 0:
            sys.exit(f"the run that counts {call} failed: {text}")
        return int((self.work / "count").read_text())

    def fail_calls(self, call, how, name, limit):
        """Fails each call in turn; of more than `limit`, as many spread over all."""
        count = self.calls_of(call)
        row = self.new_row(f"{name}, {min(count, limit)} of {count}")
        chosen = range(1, count + 1) if count <= limit else sorted(self.random.sample(range(1, count + 1), limit))
        for at in chosen:
            folder = self.new_folder()
            code, text = self.train(folder, fault=(call, at, how))
            row.count_end(code)
            what = f"{call} {at} ({how})"
            if how != "kill" and code > 0 and "error: " not in text:
                row.problem(f"{what}: exit code {code} without a message")
            elif how != "kill" and code < 0 and call != "malloc":
                row.problem(f"{what}: ended by signal {-code}")
            else:
                self.finish(row, folder, what)

    def damage(self, trials):
        """Flips a bit of, or truncates, the files that a resumption reads."""
        folder = self.new_folder()
        shutil.copytree(self.reference / "run", folder / "run")
        files = sorted(folder.glob("run/last.safetensors")) + sorted(folder.glob("run/state-*.safetensors"))
        rows = {kind: self.new_row(kind) for kind in ("checkpoint or state with a flipped bit",
                                                     "checkpoint or state cut off")}
        for i in range(trials):
            path, kind = files[i % len(files)], list(rows)[i // len(files) % 2]
            whole = path.read_bytes()
            at = self.random.randrange(len(whole))
            flipped = whole[:at] + bytes([whole[at] ^ (1 << self.random.randrange(8))]) + whole[at + 1:]
            path.write_bytes(whole[:at] if "cut" in kind else flipped)
            code, text = self.train(folder, ["--resume"])
            rows[kind].count_end(code)
            if code == 1 and path.name in text:
                rows[kind].same += 1
            else:
                rows[kind].problem(f"{path.name}, byte {at}: {code} {text.strip()[-200:]}")
            path.write_bytes(whole)

    def second_process(self, trials):
        row = self.new_row("a second process in the folder")
        for i in range(trials):
            folder = self.new_folder()
            first = self.start(folder)
            while not (folder / "run/log.jsonl").exists() and first.poll() is None:
                time.sleep(0.001)
            code = subprocess.run([self.bin / "tern-train", "config.json", "--resume"], cwd=folder, timeout=TIMEOUT,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
            row.count_end(code)
            if first.wait(TIMEOUT) != 0:
                row.problem(f"second process {i}: the first one was disturbed")
            else:
                self.finish(row, folder, f"second process {i}")

    def new_row(self, name):
        self.save_table()
        self.rows.append(Row(name))
        print(name, file=sys.stderr)
        return self.rows[-1]

    def table(self):
        head = ("| fault | trials | completed | ended with an error | ended by a signal | afterwards right | wrong |\n"
                "|---|---|---|---|---|---|---|\n")
        return head + "".join(row.line() + "\n" for row in self.rows)

    def save_table(self):
        """What is there so far, for a campaign takes long."""
        if self.options.table:
            pathlib.Path(self.options.table).write_text(f"{conditions(self.options)}\n\n{self.table()}")


def conditions(options):
    """Of a table: the command, the CPU and the date."""
    command = f"{pathlib.Path(sys.argv[0]).name} BIN SHIM WORK --seed {options.seed}"
    models = [line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if
              line.startswith("model name")]
    cores, cpu = len(os.sched_getaffinity(0)), models[0] if models else "an unnamed CPU"
    return f"`{command}`, {time.strftime('%Y-%m-%d')}, on {cores} core{'s' if cores > 1 else ''} of {cpu}"


def arguments_of(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin")
    parser.add_argument("shim")
    parser.add_argument("work")
    parser.add_argument("--short", action="store_true", help="less than a minute")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table", help="write the table to this file, too")
    return parser.parse_args()


def report(campaign, options):
    """Prints the table; the exit code."""
    print(campaign.table(), end="")
    campaign.save_table()
    shutil.rmtree(campaign.work, ignore_errors=True)
    return 1 if any(row.problems for row in campaign.rows) else 0


def main():
    options = arguments_of(__doc__)
    campaign = Campaign(options)
    few = options.short
    campaign.kill_at_random(5 if few else 200)
    limit = 3 if few else 400
    for call in ("open", "write", "fflush", "fsync", "rename"):
        campaign.fail_calls(call, "kill", f"killed at a call of {call}", limit)
        campaign.fail_calls(call, errno.ENOSPC if call != "fsync" else errno.EIO, f"{call} fails", limit)
    campaign.fail_calls("malloc", errno.ENOMEM, "an allocation fails", 3 if few else 200)
    campaign.damage(16 if few else 1000)
    campaign.second_process(1 if few else 20)
    return report(campaign, options)


if __name__ == "__main__":
    sys.exit(main())
