# The CUDA backend. Sets TERN_CUDA_BACKEND, and defines
#   tern::cuda_runtime      what host code that includes cuda_runtime.h links;
#   tern_cuda_sources(TARGET a.cu ...)   adds kernels to a library;
#   tern_cuda_library_sources(TARGET SEAMS a.cpp ... BEHIND b.cpp ...)   adds what calls cuDNN and cuBLAS. The
#     seams are in cuda/ and, for the emulated build, which has neither library nor b.cpp, in
#     tests/emulation/libraries/.
#
# TERN_CUDA chooses: ON needs the CUDA toolkit, OFF leaves the backend out, AUTO takes it where a GPU and the toolkit
# are, and EMULATED compiles the same .cu files with the host compiler and runs their grids on the CPU (tests/emulation).
set(TERN_CUDA AUTO CACHE STRING "CUDA backend: AUTO, ON, OFF or EMULATED")
set_property(CACHE TERN_CUDA PROPERTY STRINGS AUTO ON OFF EMULATED)

# The architectures of this machine's GPUs ("90"); empty if it has none.
function(tern_architectures_here result)
  execute_process(COMMAND nvidia-smi --query-gpu=compute_cap --format=csv,noheader
    OUTPUT_VARIABLE capabilities OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  string(REGEX MATCHALL "[0-9]+\\.[0-9]+" capabilities "${capabilities}")
  list(TRANSFORM capabilities REPLACE "\\." "")
  list(REMOVE_DUPLICATES capabilities)
  set(${result} ${capabilities} PARENT_SCOPE)
endfunction()

set(TERN_CUDA_BACKEND OFF)
set(TERN_CUDA_STATUS "off (TERN_CUDA=OFF)")

if(TERN_CUDA STREQUAL "EMULATED")
  set(TERN_CUDA_BACKEND ON)
  set(TERN_CUDA_STATUS "emulated on the CPU")
  add_subdirectory(tests/emulation)

  function(tern_cuda_sources target)
    set_source_files_properties(${ARGN} PROPERTIES
      LANGUAGE CXX COMPILE_OPTIONS "-xc++;-std=c++17" SKIP_PRECOMPILE_HEADERS ON)
    target_sources(${target} PRIVATE ${ARGN})
    target_link_libraries(${target} PRIVATE tern::cuda_runtime)
  endfunction()

  function(tern_cuda_library_sources target)
    cmake_parse_arguments(ARG "" "" "SEAMS;BEHIND" ${ARGN})
    list(TRANSFORM ARG_SEAMS PREPEND ${PROJECT_SOURCE_DIR}/tests/emulation/libraries/)
    target_sources(${target} PRIVATE ${ARG_SEAMS})
  endfunction()
elseif(NOT TERN_CUDA STREQUAL "OFF")
  tern_architectures_here(architectures)
  set(missing)
  if(TERN_CUDA STREQUAL "AUTO" AND NOT architectures)
    set(missing "nvidia-smi shows no GPU; TERN_CUDA=ON builds it all the same")
  else()
    include(CheckLanguage)
    check_language(CUDA)
  endif()
  if(missing)
  elseif(NOT CMAKE_CUDA_COMPILER)
    set(missing "no CUDA compiler found; put nvcc on the PATH or set CMAKE_CUDA_COMPILER")
  else()
    find_package(CUDAToolkit REQUIRED)
    find_package(CuDnn 9)
    if(NOT CuDnn_FOUND)
      set(missing "no cuDNN 9 found; install it or name its folder in CMAKE_PREFIX_PATH")
    endif()
    find_package(CuBlas)
    if(NOT CuBlas_FOUND)
      set(missing "no cuBLAS found; install it or name its folder in CMAKE_PREFIX_PATH")
    endif()
  endif()

  if(NOT missing)
    if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
      if(NOT architectures)
        set(architectures 80)  # which newer GPUs of its family run, too
      endif()
      set(CMAKE_CUDA_ARCHITECTURES ${architectures} CACHE STRING "GPU architectures to compile for")
    endif()
    enable_language(CUDA)
    set(TERN_CUDA_BACKEND ON)
    set(TERN_CUDA_STATUS "CUDA ${CUDAToolkit_VERSION}, cuDNN ${CuDnn_VERSION}, for sm_${CMAKE_CUDA_ARCHITECTURES}")
    add_library(tern_cuda_runtime INTERFACE)
    add_library(tern::cuda_runtime ALIAS tern_cuda_runtime)
    target_link_libraries(tern_cuda_runtime INTERFACE CUDA::cudart_static)
  elseif(TERN_CUDA STREQUAL "ON")
    message(FATAL_ERROR "TERN_CUDA=ON, but ${missing}")
  else()
    set(TERN_CUDA_STATUS "not in this build (${missing})")
  endif()

  function(tern_cuda_sources target)
    target_sources(${target} PRIVATE ${ARGN})
    # CMake 3.25 does not know C++20 for nvcc 13.
    set_target_properties(${target} PROPERTIES CUDA_STANDARD 17 CUDA_STANDARD_REQUIRED ON)
    target_link_libraries(${target} PRIVATE tern::cuda_runtime)
  endfunction()

  function(tern_cuda_library_sources target)
    cmake_parse_arguments(ARG "" "" "SEAMS;BEHIND" ${ARGN})
    list(TRANSFORM ARG_SEAMS PREPEND cuda/)
    list(TRANSFORM ARG_BEHIND PREPEND cuda/)
    target_sources(${target} PRIVATE ${ARG_SEAMS} ${ARG_BEHIND})
    target_link_libraries(${target} PRIVATE tern::cuda_runtime)
    # Both libraries are loaded when they are first needed; see core/cuda/shared_library.h.
    target_include_directories(${target} SYSTEM PRIVATE ${CuDnn_INCLUDE_DIR} ${CuBlas_INCLUDE_DIR})
    set_source_files_properties(cuda/cublas.cpp PROPERTIES
      COMPILE_DEFINITIONS TERN_CUBLAS_LIBRARY="${CuBlas_LIBRARY}")
    set_source_files_properties(cuda/cudnn.cpp PROPERTIES COMPILE_DEFINITIONS TERN_CUDNN_LIBRARY="${CuDnn_LIBRARY}")
  endfunction()
endif()
