# Where cuBLAS is: CuBlas_LIBRARY, which programs load when they need it, and CuBlas_INCLUDE_DIR. It is looked for beside the
# CUDA toolkit, some of which come without its headers, and below CMAKE_PREFIX_PATH, where it may be the Python package
# nvidia-cublas.
include(FindPackageHandleStandardArgs)

find_path(CuBlas_INCLUDE_DIR cublas_v2.h HINTS ${CUDAToolkit_INCLUDE_DIRS} PATH_SUFFIXES include)
find_library(CuBlas_LIBRARY NAMES cublas libcublas.so.${CUDAToolkit_VERSION_MAJOR}
  HINTS ${CUDAToolkit_LIBRARY_DIR} PATH_SUFFIXES lib lib64)
find_package_handle_standard_args(CuBlas REQUIRED_VARS CuBlas_LIBRARY CuBlas_INCLUDE_DIR)
