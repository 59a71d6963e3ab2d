# libspng (PNG) as the target tern::spng. It brings no package file for CMake.
include(FindPackageHandleStandardArgs)

find_path(Spng_INCLUDE_DIR spng.h)
find_library(Spng_LIBRARY spng)
find_package_handle_standard_args(Spng
  REQUIRED_VARS Spng_LIBRARY Spng_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "scripts/install_deps.sh installs it (libspng-dev)")

if(Spng_FOUND AND NOT TARGET tern::spng)
  add_library(tern::spng UNKNOWN IMPORTED)
  set_target_properties(tern::spng PROPERTIES
    IMPORTED_LOCATION ${Spng_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${Spng_INCLUDE_DIR})
endif()
