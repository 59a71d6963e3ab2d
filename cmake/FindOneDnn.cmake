# oneDNN as the target tern::onednn. Its own package file on Debian demands the OpenCL headers, which only
# its GPU engine needs, so library and header are looked for directly.
include(FindPackageHandleStandardArgs)

find_path(OneDnn_INCLUDE_DIR dnnl.hpp)
find_library(OneDnn_LIBRARY dnnl)
find_package_handle_standard_args(OneDnn
  REQUIRED_VARS OneDnn_LIBRARY OneDnn_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "scripts/install_deps.sh installs it (libdnnl-dev)")

if(OneDnn_FOUND AND NOT TARGET tern::onednn)
  add_library(tern::onednn UNKNOWN IMPORTED)
  set_target_properties(tern::onednn PROPERTIES
    IMPORTED_LOCATION ${OneDnn_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${OneDnn_INCLUDE_DIR})
endif()
