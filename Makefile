# A doorway to the CMake presets: `make demo` and `make test` set up, build and run.
.PHONY: demo test test-release test-emulated build deps format check-format clean

demo: build
	scripts/demo.sh build/release/bin

test: test-release test-emulated

build: deps
	cmake --preset release
	cmake --build --preset release

deps:
	scripts/install_deps.sh

# The whole suite as it ships, with the check of style and of headers that compile alone.
test-release: build check-format
	ctest --preset release

# The same suite under AddressSanitizer and UndefinedBehaviorSanitizer, where every case that runs on a GPU also runs
# on the emulated one.
test-emulated: deps
	cmake --preset emulated
	cmake --build --preset emulated
	ctest --preset emulated

SOURCES = $(shell git ls-files '*.h' '*.cpp' '*.cuh' '*.cu')

format: deps
	@clang-format -i $(SOURCES)

check-format: deps
	@clang-format --dry-run --Werror $(SOURCES)

clean:
	rm -rf build
