#!/usr/bin/env bash
# install_deps.sh [programs|python|mpi|web|test]...
#
# Installs from the distribution what Tern needs to be built, and does nothing where all is there. Debian 12 or 13, Ubuntu
# 24.04 or later.
#
#   programs   for the programs and libraries, and for `make demo`; this is what is installed without a word
#   python     the same, and what `pip install .` wants
#   mpi        the same, and Open MPI, to train in several processes
#   web        the same, and Emscripten and a browser, for the page of docs/browser.md
#   test       all of these, and what `make test` wants: other compilers, an emulator, network namespaces
#
#   install_deps.sh --unpack DIR
#
# downloads the libraries and unpacks them in DIR instead, for a machine without a network that has the tools:
# configure there with CMAKE_PREFIX_PATH=DIR/usr.
set -euo pipefail

programs_tools=(g++ cmake ninja-build make)
programs_libraries=(
  libdnnl-dev           # oneDNN
  libjpeg-dev           # JPEG; libjpeg-turbo in all of these distributions
  libspng-dev           # PNG
  libwebp-dev
  zlib1g-dev
  libzip-dev            # files of PyTorch
  libfmt-dev
  nlohmann-json3-dev
  libcli11-dev
  libprotozero-dev      # ONNX, TensorBoard
)
python_tools=(python3-dev python3-venv)
mpi_libraries=(libopenmpi-dev openmpi-bin)
test_libraries=(catch2)
test_tools=(
  git ca-certificates
  clang-format          # the style check
  pkg-config mandoc     # for the test of what is installed
  clang                 # libFuzzer and the sanitizers
  libclang-rt-dev
  libomp-dev            # OpenMP for Clang
  libboost-context-dev  # fibers, for the emulated CUDA backend
  g++-aarch64-linux-gnu qemu-user  # for the packed kernels with NEON
  iproute2 util-linux   # network namespaces, the two hosts of tests/distributed
)
web_tools=(
  emscripten            # the engine as WebAssembly; brings node
  chromium-headless-shell  # opens the page in make test
)

# The packages and all that they depend on, but for what comes with every C++ compiler.
with_dependencies() {
  local needed=("$@") i package
  for ((i = 0; i < ${#needed[@]}; ++i)); do
    # Of alternatives, which apt-cache marks by "|" but for the last, the first that is a package.
    for package in $(apt-cache depends "${needed[i]}" |
      awk '$1 ~ /^\|?Depends:$/ { if (!met && $2 !~ /^</) { print $2; met = 1 }; if ($1 !~ /^\|/) met = 0 }'); do
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
  with_dependencies "${programs_libraries[@]}" "${mpi_libraries[@]}" "${test_libraries[@]}" | (cd "$archives" && xargs apt-get download -q)
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

packages=("${programs_tools[@]}" "${programs_libraries[@]}")
for group in "$@"; do
  case $group in
    programs) ;;
    python) packages+=("${python_tools[@]}") ;;
    mpi) packages+=("${mpi_libraries[@]}") ;;
    web) packages+=("${web_tools[@]}") ;;
    test) packages+=("${python_tools[@]}" "${mpi_libraries[@]}" "${web_tools[@]}" "${test_libraries[@]}" "${test_tools[@]}") ;;
    *)
      echo "install_deps.sh: no group \"$group\": programs, python, mpi, web and test are there, or --unpack DIR" >&2
      exit 2
      ;;
  esac
done

# What is there, by its real name or as what provides it: libjpeg62-turbo-dev is a libjpeg-dev.
installed=$(dpkg-query -W -f='${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null | sed -n 's/^installed //p' |
  sed 's/([^)]*)//g' | tr ' ,' '\n\n' | sort -u)
missing=()
for package in "${packages[@]}"; do
  grep -qxF "$package" <<<"$installed" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi

# 22.04 has CMake 3.22, oneDNN 2.2 and no libspng.
if [ "$(. /etc/os-release 2>/dev/null && echo "${ID:-}${VERSION_ID:-}")" = ubuntu22.04 ]; then
  echo "install_deps.sh: Ubuntu 22.04 is too old: Tern wants CMake 3.25, oneDNN 2.6 and libspng; there is docker/Dockerfile" >&2
  exit 1
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
