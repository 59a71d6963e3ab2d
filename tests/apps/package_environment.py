"""For tests of what packages from PyPI make of our files."""
import os
import pathlib
import subprocess
import sys

SKIPPED = 77
MARK = "TERN_TEST_ENVIRONMENT"


def rerun_with(*packages):
    """Called where an import has failed: replaces this process, called as SCRIPT PROGRAMS SCRATCH_FOLDER ..., by one that runs in a
    virtual environment in SCRATCH_FOLDER, into which the packages are installed from PyPI. Exits with 77, for skipped, where
    they cannot be had; raises the failure where that has been tried already."""
    if MARK in os.environ:
        raise  # noqa: PLE0704, of the import that called
    environment = pathlib.Path(sys.argv[2]) / "venv"
    python = environment / "bin/python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", environment], check=True, timeout=120)
        subprocess.run([python, "-m", "pip", "install", "-q", "--retries=1", "--timeout=10", *packages], check=True, timeout=240)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"skipped: {', '.join(packages)} are not here and cannot be had from PyPI: {error}")
        sys.exit(SKIPPED)
    os.execve(python, [str(python), *sys.argv], {**os.environ, MARK: "1"})
