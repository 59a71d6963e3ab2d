# libzip as the target tern::libzip. Its own package file on Debian demands the command line tools, which nothing
# here needs, so library and header are looked for directly.
include(FindPackageHandleStandardArgs)

find_path(LibZip_INCLUDE_DIR zip.h)
find_library(LibZip_LIBRARY zip)
find_package_handle_standard_args(LibZip
  REQUIRED_VARS LibZip_LIBRARY LibZip_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "scripts/install_deps.sh installs it (libzip-dev)")

if(LibZip_FOUND AND NOT TARGET tern::libzip)
  add_library(tern::libzip UNKNOWN IMPORTED)
  set_target_properties(tern::libzip PROPERTIES
    IMPORTED_LOCATION ${LibZip_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${LibZip_INCLUDE_DIR})
endif()
