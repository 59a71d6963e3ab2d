#!/usr/bin/env bash
# Installs what Tern needs to build and test on Debian 12 or later. Does nothing where all is there.
set -euo pipefail

packages=(
  g++ cmake ninja-build make git ca-certificates
  libdnnl-dev           # oneDNN
  libjpeg62-turbo-dev   # JPEG
  zlib1g-dev
  libfmt-dev
  nlohmann-json3-dev
  libcli11-dev
  catch2
  libboost-context-dev  # fibers, for the emulated CUDA backend
  clang-format          # the style check of make test
)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  echo "install_deps.sh: no apt-get here; install these by hand: ${missing[*]}" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install_deps.sh: not root, and there is no sudo here; as root, run" >&2
    echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing from the distribution: ${missing[*]}"
"${as_root[@]}" apt-get update -q
# sudo drops the caller's environment, so the variable is set behind it.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
