#!/usr/bin/env bash
# Installs what Tern needs to build and test on Debian 12 or later. Does nothing where all is there.
#
#   install_deps.sh --unpack DIR
#
# downloads the libraries and unpacks them in DIR instead, for a machine without a network that has the tools:
# configure there with CMAKE_PREFIX_PATH=DIR/usr.
set -euo pipefail

tools=(
  g++ cmake ninja-build make git ca-certificates
  clang-format          # the style check of make test
  pkg-config            # for the test of what is installed
  python3-dev python3-venv  # for the Python package and its test
)
libraries=(
  libdnnl-dev           # oneDNN
  libjpeg62-turbo-dev   # JPEG
  libspng-dev           # PNG
  libwebp-dev
  zlib1g-dev
  libzip-dev            # files of PyTorch
  libfmt-dev
  nlohmann-json3-dev
  libcli11-dev
  libprotozero-dev      # ONNX, TensorBoard
  libopenmpi-dev openmpi-bin  # training in several processes
  catch2
)
fuzzing=(
  clang
  libclang-rt-dev       # libFuzzer and the sanitizers
  libomp-dev            # OpenMP for Clang
)
emulation=(
  libboost-context-dev  # fibers, for the emulated CUDA backend
  g++-aarch64-linux-gnu qemu-user  # for the packed kernels with NEON
  iproute2 util-linux   # network namespaces, the two hosts of tests/distributed
)

# The packages and all that they depend on, but for what comes with every C++ compiler.
with_dependencies() {
  local needed=("$@") i package
  for ((i = 0; i < ${#needed[@]}; ++i)); do
    for package in $(apt-cache depends "${needed[i]}" | sed -n 's/^ *Depends: \([a-z].*\)/\1/p'); do
      [[ $package =~ ^(libc6|libgcc|libstdc|libgomp|gcc-) ]] && continue
      [[ " ${needed[*]} " == *" $package "* ]] || needed+=("$package")
    done
  done
  printf '%s\n' "${needed[@]}"
}

unpack() {
  local archives archive link
  mkdir -p "$1"
  archives=$(mktemp -d)
  with_dependencies "${libraries[@]}" | (cd "$archives" && xargs apt-get download -q)
  for archive in "$archives"/*.deb; do
    dpkg -x "$archive" "$1"
  done
  rm -r "$archives"
  # zlib's link leads to /lib, which is another machine's.
  find "$1" -type l -lname '/*' | while read -r link; do
    ln -srf "$1$(readlink "$link")" "$link"
  done
}

if [ "${1:-}" = --unpack ]; then
  unpack "${2:?--unpack takes a folder}"
  exit 0
fi

missing=()
for package in "${tools[@]}" "${libraries[@]}" "${fuzzing[@]}" "${emulation[@]}"; do
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
