# A doorway to the CMake presets: `make demo` and `make test` set up, build and run.
.PHONY: demo web test test-release test-python test-emulated test-web test-nvcc test-fuzz fuzz-engine fuzz-model-file fuzz-pytorch test-races build deps format check-format clean

# Installs what the programs are built with, builds them and nothing else.
demo:
	scripts/install_deps.sh programs
	cmake --preset programs
	cmake --build --preset programs
	scripts/demo.sh build/release/bin

test: test-release test-python test-emulated test-web test-nvcc test-fuzz

# The page that runs the engine in a browser, build/web/index.html: one file, to be opened as it is.
web:
	scripts/install_deps.sh web
	cmake --preset web
	cmake --build --preset web --target page

build: deps
	cmake --preset release
	cmake --build --preset release

# All that the tests need.
deps:
	scripts/install_deps.sh test

# The whole suite as it ships, with the check of style and of headers that compile alone.
test-release: build check-format
	ctest --preset release

# The wheel of the Python package, made of what is built, in an environment of its own.
test-python: build
	@tests/python/wheel_test.sh build/release || { [ $$? -eq 77 ] && echo "test-python: skipped, PyPI cannot be reached"; }

# The same suite under AddressSanitizer and UndefinedBehaviorSanitizer, where every case that runs on a GPU also runs
# on the emulated one.
test-emulated: deps
	cmake --preset emulated
	cmake --build --preset emulated
	ctest --preset emulated

# The packed kernels as WebAssembly, under node, and the page in a headless Chromium.
test-web: deps
	cmake --preset web
	cmake --build --preset web
	ctest --preset web

# That nvcc takes the CUDA kernels, too, where there is one, and makes of them what is expected; and how
# cuDNN would run our convolutions on GPUs that are not here.
test-nvcc: deps
	@if command -v nvcc >/dev/null; then \
	  cmake --preset nvcc && cmake --build --preset nvcc && build/nvcc/bin/cudnn_plans_test && \
	  tests/machine_code/machine_code_test.py build/nvcc; \
	else echo "test-nvcc: skipped, there is no nvcc on the PATH"; fi

# Mutated files, half a minute for each of the two loaders of models and a quarter for PyTorch's files, two at a time;
# build/fuzz keeps what they learn for the next time.
FUZZING = -max_total_time=30 -max_len=8192 -mutate_depth=2 -timeout=10 -malloc_limit_mb=256 -verbosity=0 -print_funcs=0 \
  -print_final_stats=1 -artifact_prefix=build/fuzz/

test-fuzz: deps
	cmake --preset fuzz
	cmake --build --preset fuzz
	mkdir -p build/fuzz/engine_corpus build/fuzz/model_file_corpus build/fuzz/pytorch_corpus
	$(MAKE) --jobs=2 --output-sync fuzz-engine fuzz-model-file fuzz-pytorch

fuzz-engine:
	build/fuzz/bin/engine_loader_fuzz $(FUZZING) -dict=tests/fuzz/model.dict build/fuzz/engine_corpus tests/fuzz/corpus/merged

fuzz-model-file:
	build/fuzz/bin/model_file_fuzz $(FUZZING) -dict=tests/fuzz/model.dict build/fuzz/model_file_corpus tests/fuzz/corpus

fuzz-pytorch:
	build/fuzz/bin/pytorch_file_fuzz $(FUZZING) -max_total_time=15 -dict=tests/fuzz/pytorch.dict build/fuzz/pytorch_corpus \
	  tests/fixtures/pytorch

# Kernels, emulator, engine and loader under ThreadSanitizer: a missing barrier, threads that meet at the same place. Not part
# of `test`: building and running it takes some ten minutes of CPU time.
test-races: deps
	cmake --preset emulated-tsan
	cmake --build --preset emulated-tsan
	ctest --preset emulated-tsan

SOURCES = $(shell git ls-files '*.h' '*.cpp' '*.cuh' '*.cu')

format: deps
	@clang-format -i $(SOURCES)

check-format: deps
	@clang-format --dry-run --Werror $(SOURCES)

clean:
	rm -rf build
