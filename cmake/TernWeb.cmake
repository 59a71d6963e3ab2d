# The build by Emscripten: the engine as WebAssembly, and the page that runs it (docs/browser.md). The engine takes two libraries
# of the distribution, which are headers; links lead to them, because the rest of /usr/include is of another system.
set(TERN_ENGINE_ONLY ON)

function(tern_header_library name folder)
  find_path(${folder}_headers ${folder} NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH PATHS /usr/local/include /usr/include)
  if(NOT ${folder}_headers)
    message(FATAL_ERROR "no headers of ${folder}; scripts/install_deps.sh installs them")
  endif()
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/headers/${folder})
  file(CREATE_LINK ${${folder}_headers}/${folder} ${PROJECT_BINARY_DIR}/headers/${folder}/${folder} SYMBOLIC)
  add_library(${name} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${name} SYSTEM INTERFACE ${PROJECT_BINARY_DIR}/headers/${folder})
endfunction()

tern_header_library(fmt::fmt fmt)
tern_header_library(nlohmann_json::nlohmann_json nlohmann)
add_library(fmt::fmt-header-only INTERFACE IMPORTED GLOBAL)
target_link_libraries(fmt::fmt-header-only INTERFACE fmt::fmt)
target_compile_definitions(fmt::fmt-header-only INTERFACE FMT_HEADER_ONLY)
foreach(threading OpenMP::OpenMP_CXX Threads::Threads)  # there is none
  add_library(${threading} INTERFACE IMPORTED GLOBAL)
endforeach()

foreach(folder core data kernels layers models)
  add_subdirectory(${folder})
endforeach()
enable_testing()
add_subdirectory(web)
add_subdirectory(tests/web)
