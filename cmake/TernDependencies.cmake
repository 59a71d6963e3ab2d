# Libraries from outside. scripts/install_deps.sh installs every one of them, those of tests by its group test.
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(Threads REQUIRED)
find_package(OneDnn REQUIRED)          # float convolution, pooling, matrix products
find_package(JPEG REQUIRED)            # libjpeg-turbo
# Its header needs another, which Debian has in a folder of the architecture: no default one below CMAKE_PREFIX_PATH.
find_path(TERN_JPEG_CONFIG_INCLUDE_DIR jconfig.h HINTS ${JPEG_INCLUDE_DIR} REQUIRED)
target_include_directories(JPEG::JPEG INTERFACE ${TERN_JPEG_CONFIG_INCLUDE_DIR})
find_package(Spng REQUIRED)            # PNG
find_package(WebP REQUIRED)
find_package(ZLIB REQUIRED)            # .gz data sets
find_package(LibZip REQUIRED)          # files of PyTorch
find_package(fmt REQUIRED)
find_package(nlohmann_json 3.10 REQUIRED)
if(TERN_PROGRAMS)
  find_package(CLI11 REQUIRED)
endif()
find_package(Protozero REQUIRED)       # files of ONNX and TensorBoard
set(mpi_default ON)
if(SKBUILD)
  set(mpi_default OFF)  # a wheel cannot bring its launcher and its plugins
endif()
option(TERN_MPI "Train in several processes, where MPI is found" ${mpi_default})
set(TERN_MPI_FOUND FALSE)
set(TERN_MPI_STATUS off)
if(TERN_MPI)
  set(MPI_CXX_SKIP_MPICXX TRUE)        # the C interface alone
  find_package(MPI QUIET COMPONENTS CXX)
  set(TERN_MPI_FOUND ${MPI_CXX_FOUND})
  set(TERN_MPI_STATUS "not found (scripts/install_deps.sh mpi)")
  if(TERN_MPI_FOUND)
    set(TERN_MPI_STATUS "on, version ${MPI_CXX_VERSION}")
  endif()
endif()
if(TERN_TESTS)
  find_package(Catch2 QUIET)           # v2 (Debian 12) or v3: tests/support/catch.h hides which
  if(NOT Catch2_FOUND)
    message(FATAL_ERROR "The tests need Catch2: scripts/install_deps.sh test installs it; the preset programs does without")
  endif()
endif()
if(TERN_CUDA STREQUAL "EMULATED")
  find_package(Boost REQUIRED CONFIG COMPONENTS context)  # the fibers of tests/emulation
endif()
