# Where cuDNN is: CuDnn_LIBRARY, which programs load when they need it, and CuDnn_INCLUDE_DIR; its version as CuDnn_VERSION.
# NVIDIA ships no CMake package file with it. It is looked for beside the CUDA toolkit, in the places CMake knows and below
# CMAKE_PREFIX_PATH, where it may be an unpacked archive or the Python package nvidia-cudnn.
include(FindPackageHandleStandardArgs)

find_path(CuDnn_INCLUDE_DIR cudnn_version.h HINTS ${CUDAToolkit_INCLUDE_DIRS} PATH_SUFFIXES include)
find_library(CuDnn_LIBRARY NAMES cudnn libcudnn.so.9 HINTS ${CUDAToolkit_LIBRARY_DIR} PATH_SUFFIXES lib lib64)

if(CuDnn_INCLUDE_DIR)
  # cudnn_version_v9.h where cudnn_version.h is a mere alias.
  file(GLOB headers ${CuDnn_INCLUDE_DIR}/cudnn_version*.h)
  set(parts)
  foreach(part MAJOR MINOR PATCHLEVEL)
    foreach(header ${headers})
      file(STRINGS ${header} line REGEX "^#define CUDNN_${part} [0-9]+" LIMIT_COUNT 1)
      if(line)
        string(REGEX REPLACE ".* ([0-9]+).*" "\\1" number ${line})
        list(APPEND parts ${number})
        break()
      endif()
    endforeach()
  endforeach()
  list(JOIN parts "." CuDnn_VERSION)
endif()

find_package_handle_standard_args(CuDnn
  REQUIRED_VARS CuDnn_LIBRARY CuDnn_INCLUDE_DIR
  VERSION_VAR CuDnn_VERSION)
