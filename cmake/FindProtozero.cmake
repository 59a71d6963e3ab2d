# protozero, headers alone, as the target tern::protozero. Debian's package brings no CMake file.
include(FindPackageHandleStandardArgs)

find_path(Protozero_INCLUDE_DIR protozero/pbf_builder.hpp)
find_package_handle_standard_args(Protozero
  REQUIRED_VARS Protozero_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "scripts/install_deps.sh installs it (libprotozero-dev)")

if(Protozero_FOUND AND NOT TARGET tern::protozero)
  add_library(tern::protozero INTERFACE IMPORTED)
  set_target_properties(tern::protozero PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${Protozero_INCLUDE_DIR})
endif()
