#!/usr/bin/env bash
# package_test.sh BUILD_DIRECTORY SOURCE_DIRECTORY: installs Tern outside of both, and builds and runs the examples there as
# others do: by pkg-config, by find_package and, that far, by add_subdirectory.
set -euo pipefail
build=$(realpath "$1") source=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
export CMAKE_BUILD_PARALLEL_LEVEL=2

fail() {
  echo "package_test.sh: $*" >&2
  exit 1
}

cmake --install "$build" --prefix "$prefix" >"$work/install.log"
cp -r "$source/examples" "$work/examples"
cd "$work"
libraries=$(dirname "$(find "$prefix" -name libtern_engine.so)")
if grep -rl --include='*.cmake' --include='*.pc' -e "$source" -e "$build" "$prefix"; then
  fail "installed files name the checkout"
fi
if find "$prefix/include" -path '*/cpu/*' -o -path '*/cuda/*' -o -name '*_impl.h' | grep .; then
  fail "headers are installed that are not public"
fi

echo "== The programs"
"$prefix/bin/tern-data" digits digits --train 200 --test 50
"$prefix/bin/tern-merge" --untrained cifar_resnet20_bwx2 -o merged.safetensors
picture=$(find digits/test -name '*.jpg' -print -quit)

echo "== The manual pages"
command -v mandoc >/dev/null || fail "no mandoc; apt-get install mandoc"
for program in "$prefix"/bin/tern-*; do
  page=$prefix/share/man/man1/$(basename "$program").1
  mandoc -T lint -W error "$page" || fail "$page is not right"
  mandoc -T utf8 "$page" | sed 's/.\x08//g' >"$work/page.txt"
  # Each word of --help that could be an option is there.
  for option in $("$program" --help | grep -oE '(^| )--[a-z][a-z-]*' | sort -u); do
    grep -q -e "$option" "$work/page.txt" || fail "$page does not have $option"
  done
done

echo "== pkg-config"
command -v pkg-config >/dev/null || fail "no pkg-config; apt-get install pkg-config"
flags=$(PKG_CONFIG_PATH=$libraries/pkgconfig pkg-config --cflags --libs tern-engine tern-images)
# shellcheck disable=SC2086
cc examples/classify.c $flags -o classify
LD_LIBRARY_PATH=$libraries ./classify merged.safetensors "$picture"

echo "== find_package"
cmake -S examples -B built -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix" >"$work/configure.log"
cmake --build built
built/classify merged.safetensors "$picture"
built/train_your_own digits own.safetensors
built/classify own.safetensors "$picture"
"$prefix/bin/tern-evaluate" own.safetensors --data digits/test

echo "== add_subdirectory"
mkdir project
cat >project/CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.25)
project(mine LANGUAGES C CXX)
add_subdirectory($source tern)
add_executable(classify ../examples/classify.c)
target_link_libraries(classify PRIVATE Tern::engine Tern::images)
if(TERN_TESTS OR TERN_BENCHMARKS OR TERN_NATIVE OR TERN_WERROR OR TERN_PROGRAMS)
  message(FATAL_ERROR "options for developers of Tern are on")
endif()
END
cmake -S project -B project/build -DTERN_CUDA=OFF >"$work/subdirectory.log"
