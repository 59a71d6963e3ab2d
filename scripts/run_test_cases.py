"""Runs the cases of test programs where there is no ctest, each in a process of its own, as ctest does.

  run_test_cases.py list BUILD LABEL... < CTEST.json > CASES.json
  run_test_cases.py run CASES.json LABEL [--missing "LIBRARY..."]

`list` takes from what ctest --show-only=json-v1 says the cases with these labels; their programs are files of the folder BUILD,
and are looked for in ./build by `run`. That prints what failed and, last, "result: " with numbers, and exits with 1 if a case
failed. One that fails because a library of --missing cannot be loaded is left out. Standard library only.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
from pathlib import Path


def properties_of(test):
    return {entry["name"]: entry["value"] for entry in test.get("properties", [])}


def list_cases(arguments):
    build = Path(arguments.build).resolve()
    cases = []
    for test in json.load(sys.stdin)["tests"]:
        properties = properties_of(test)
        labels = set(properties.get("LABELS", [])) & set(arguments.labels)
        if not labels or "command" not in test:
            continue
        program, *rest = test["command"]
        cases.append(
            {
                "label": labels.pop(),
                "name": test["name"],
                "command": [str(Path("build") / Path(program).resolve().relative_to(build)), *rest],
                "environment": dict(entry.split("=", 1) for entry in properties.get("ENVIRONMENT", [])),
                "timeout": properties.get("TIMEOUT"),
            }
        )
    missing = set(arguments.labels) - {case["label"] for case in cases}
    if missing:
        sys.exit(f"run_test_cases.py: no cases with the labels {', '.join(sorted(missing))}: are their programs built?")
    json.dump(cases, sys.stdout, indent=1)
    return 0


def run_case(case, missing):
    """What became of it, and what it printed."""
    environment = {**os.environ, **case["environment"]}
    try:
        done = subprocess.run(
            case["command"], env=environment, timeout=case["timeout"], text=True, errors="replace",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
    except subprocess.TimeoutExpired:
        return "failed", f"ended after {case['timeout']} s"
    if done.returncode == 0:
        return "passed", done.stdout
    unloaded = re.search(r"\b(\w+) cannot be loaded", done.stdout)
    if unloaded and unloaded[1] in missing:
        return f"left out for want of {unloaded[1]}", done.stdout
    return "failed", f"{done.stdout}exit status {done.returncode}"


def run_cases(arguments):
    cases = [case for case in json.loads(Path(arguments.cases).read_text()) if case["label"] == arguments.label]
    missing = arguments.missing.split()
    counts = collections.Counter(passed=0, failed=0)
    with concurrent.futures.ThreadPoolExecutor((len(os.sched_getaffinity(0)) + 1) // 2) as pool:
        for case, (outcome, output) in zip(cases, pool.map(lambda case: run_case(case, missing), cases)):
            counts[outcome] += 1
            print(f"{outcome}: {case['name']}", flush=True)
            if outcome == "failed":
                print(output, flush=True)
    print("result: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    return 1 if counts["failed"] or not counts["passed"] else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    actions = parser.add_subparsers(required=True)
    action = actions.add_parser("list")
    action.add_argument("build")
    action.add_argument("labels", nargs="+")
    action.set_defaults(function=list_cases)
    action = actions.add_parser("run")
    action.add_argument("cases")
    action.add_argument("label")
    action.add_argument("--missing", default="", help="libraries that are known not to be there")
    action.set_defaults(function=run_cases)
    return parser.parse_args()


if __name__ == "__main__":
    chosen = parse_arguments()
    sys.exit(chosen.function(chosen))
