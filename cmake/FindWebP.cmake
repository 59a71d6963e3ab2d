# libwebp and libwebpdemux (WebP) as the target tern::webp. Debian's package has no package file for CMake.
include(FindPackageHandleStandardArgs)

find_path(WebP_INCLUDE_DIR webp/demux.h)
find_library(WebP_LIBRARY webp)
find_library(WebP_DEMUX_LIBRARY webpdemux)
find_package_handle_standard_args(WebP
  REQUIRED_VARS WebP_LIBRARY WebP_DEMUX_LIBRARY WebP_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "scripts/install_deps.sh installs it (libwebp-dev)")

if(WebP_FOUND AND NOT TARGET tern::webp)
  add_library(tern::webp UNKNOWN IMPORTED)
  set_target_properties(tern::webp PROPERTIES
    IMPORTED_LOCATION ${WebP_DEMUX_LIBRARY}
    INTERFACE_LINK_LIBRARIES ${WebP_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${WebP_INCLUDE_DIR})
endif()
