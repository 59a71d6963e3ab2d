# The CUDA backend. Sets TERN_CUDA_BACKEND, and defines
#   tern::cuda_runtime      what host code that includes cuda_runtime.h links;
#   tern_cuda_sources(TARGET a.cu ...)   adds kernels to a library.
#
# TERN_CUDA chooses: ON needs the CUDA toolkit, OFF leaves the backend out, AUTO takes it where the toolkit is, and
# EMULATED compiles the same .cu files with the host compiler and runs their grids on the CPU (tests/emulation).
set(TERN_CUDA AUTO CACHE STRING "CUDA backend: AUTO, ON, OFF or EMULATED")
set_property(CACHE TERN_CUDA PROPERTY STRINGS AUTO ON OFF EMULATED)

set(TERN_CUDA_BACKEND OFF)
set(TERN_CUDA_STATUS "off (TERN_CUDA=OFF)")

if(TERN_CUDA STREQUAL "EMULATED")
  set(TERN_CUDA_BACKEND ON)
  set(TERN_CUDA_STATUS "emulated on the CPU")
  add_subdirectory(tests/emulation)

  function(tern_cuda_sources target)
    set_source_files_properties(${ARGN} PROPERTIES LANGUAGE CXX COMPILE_OPTIONS "-xc++;-std=c++17")
    target_sources(${target} PRIVATE ${ARGN})
    target_link_libraries(${target} PRIVATE tern::cuda_runtime)
  endfunction()
elseif(NOT TERN_CUDA STREQUAL "OFF")
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
      set(CMAKE_CUDA_ARCHITECTURES 80 CACHE STRING "GPU architectures to compile for")
    endif()
    enable_language(CUDA)
    find_package(CUDAToolkit REQUIRED)
    set(TERN_CUDA_BACKEND ON)
    set(TERN_CUDA_STATUS "CUDA ${CUDAToolkit_VERSION} for sm_${CMAKE_CUDA_ARCHITECTURES}")
    add_library(tern_cuda_runtime INTERFACE)
    add_library(tern::cuda_runtime ALIAS tern_cuda_runtime)
    target_link_libraries(tern_cuda_runtime INTERFACE CUDA::cudart_static)
  elseif(TERN_CUDA STREQUAL "ON")
    message(FATAL_ERROR "TERN_CUDA=ON, but no CUDA compiler was found; put nvcc on the PATH or set CMAKE_CUDA_COMPILER")
  else()
    set(TERN_CUDA_STATUS "not in this build (no CUDA toolkit found)")
  endif()

  function(tern_cuda_sources target)
    target_sources(${target} PRIVATE ${ARGN})
    # CMake 3.25 does not know C++20 for nvcc 13.
    set_target_properties(${target} PROPERTIES CUDA_STANDARD 17 CUDA_STANDARD_REQUIRED ON)
    target_link_libraries(${target} PRIVATE tern::cuda_runtime)
  endfunction()
endif()
