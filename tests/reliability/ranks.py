"""What faults at random moments do to a training run in four processes.

    ranks.py BIN SHIM WORK [--short] [--seed N] [--table FILE]

As reliability.py, whose arguments these are. One process is killed, stopped, told to end, finds a damaged image or hangs in its loader, all
are told to end, or rank 0 cannot write. The run must end by itself, say what was wrong and leave no process behind; resumed in 1, 2 or 4
processes it must end with the files of a run in one process that was left alone.
"""

import errno
import os
import pathlib
import signal
import subprocess
import sys
import time

import reliability

RANKS = "4"
TIMEOUT = 5  # distributed.timeout, in seconds
PATIENCE = 60  # seconds, beside ten times those of a run, until one that should have ended is a problem
CONFIG = {
    **reliability.CONFIG,
    "data": {**reliability.CONFIG["data"], "cache_mb": 0, "bad_images": "fail"},
    "training": {**reliability.CONFIG["training"], "epochs": 4, "shards": 4},
    "distributed": {"timeout": TIMEOUT},
}


def processes_in(folder):
    """The processes that work in `folder`, in the order of their ids, which is that of the ranks."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and pathlib.Path(os.readlink(entry / "cwd")) == folder:
                if pathlib.Path(os.readlink(entry / "exe")).name == "tern-train":
                    found.append(int(entry.name))
        except OSError:
            pass  # it has ended
    return sorted(found)


class RankCampaign(reliability.Campaign):
    config = CONFIG

    def __init__(self, options):
        super().__init__(options)
        # The moments of the faults are spread over a run in four processes.
        started = time.monotonic()
        code, text = self.train(self.new_folder(), ["--ranks", RANKS])
        if code != 0:
            sys.exit(f"the run in {RANKS} processes without faults failed: {text}")
        self.seconds = time.monotonic() - started

    def trial(self, row, what, fault, expected, call_that_fails=None):
        """`fault(process, folder)` does something to the run and returns how it is undone before the run is resumed, or
        None. `expected`: of these words one has to be in the message of a run that ends with an error."""
        folder = self.new_folder()
        process = self.start(folder, ["--ranks", RANKS], call_that_fails)
        undo = None
        if fault is not None:
            time.sleep(self.random.uniform(0, self.seconds))
            undo = fault(process, folder)
        patience = PATIENCE + 10 * self.seconds
        try:
            code = process.wait(patience)
        except subprocess.TimeoutExpired:
            left = processes_in(folder)
            alone = len(left) == 1  # all is done, the others have ended: only mpirun waits for one that was stopped then
            if not alone:
                row.problem(f"{what}: still running after {patience:.0f} s")
            for number in left:
                os.kill(number, signal.SIGCONT if alone else signal.SIGKILL)
            code = process.wait(patience)
        row.count_end(code)
        time.sleep(0.5)
        left = processes_in(folder)
        if left:
            row.problem(f"{what}: processes left behind: {left}")
        text = (folder / "stderr").read_text(errors="replace")
        # A signal may come before tern-train has become mpirun, which ends it at once.
        if code > 0 and not any(word in text for word in expected):
            row.problem(f"{what}: exit code {code}, but the message is: {text.strip()[:600]}")
        if undo is not None:
            undo()
        ranks = self.random.choice(["1", "2", "4"])
        self.finish(row, folder, f"{what}, resumed in {ranks}", ["--ranks", ranks])

    def send(self, row, trials, number, expected):
        """The signal to one process, a random one."""

        def fault(process, folder):
            found = processes_in(folder)
            if found:
                os.kill(self.random.choice(found), number)

        for i in range(trials):
            self.trial(row, f"{row.name} {i}", fault, expected)

    def send_to_all(self, row, trials, number):
        """The signal to mpirun, which passes it on, and says nothing where it comes before all processes or after them."""
        for i in range(trials):
            self.trial(row, f"{row.name} {i}", lambda process, folder: process.send_signal(number), [""])

    def damage_image(self, row, trials):
        """A random training image is none until the run is resumed."""
        images = sorted((self.work / "digits/train").rglob("*.jpg"))

        def fault(process, folder):
            image = self.random.choice(images)
            aside = image.with_suffix(".aside")
            image.rename(aside)
            image.write_bytes(b"no image")
            return lambda: aside.replace(image)

        for i in range(trials):
            self.trial(row, f"{row.name} {i}", fault, ["is not a"])

    def fail_calls_of(self, row, trials, calls, last, how, rank, expected):
        """One of the first `last` calls, a random one."""
        for i in range(trials):
            call, at = self.random.choice(calls), self.random.randint(1, last)
            self.trial(row, f"{call} {at}", None, expected, (call, at, how, rank))


def main():
    options = reliability.arguments_of(__doc__)
    campaign = RankCampaign(options)
    few = options.short
    new_row, gone = campaign.new_row, ["rank"]
    stuck = ["is stuck, stopped or gone"]
    campaign.damage_image(new_row("an image damaged"), 1 if few else 20)
    campaign.fail_calls_of(new_row("a loader hangs"), 1 if few else 20, ["fread"], 80, "hang", 1, stuck)
    campaign.fail_calls_of(new_row("the disk full on rank 0"), 1 if few else 20, ["fsync", "rename"], 40, errno.ENOSPC, 0,
                           ["No space left"])
    if not few:
        campaign.send(new_row("one process killed (SIGKILL)"), 20, signal.SIGKILL, gone)
        campaign.send(new_row("one process stopped (SIGSTOP)"), 20, signal.SIGSTOP, stuck)
        campaign.send(new_row("one process told to end (SIGTERM)"), 20, signal.SIGTERM, ["stopped"])
        campaign.send_to_all(new_row("all told to end (SIGTERM)"), 10, signal.SIGTERM)
        campaign.send_to_all(new_row("Ctrl-C (SIGINT)"), 10, signal.SIGINT)
    return reliability.report(campaign, options)


if __name__ == "__main__":
    sys.exit(main())
