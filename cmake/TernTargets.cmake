# tern_library(NAME SOURCES a.cpp ... LINKS tern::core ...): the static library of one folder. ENGINE_SOURCES are part
# of libtern_engine, too, and compiled once for both.
#
# Headers are included as "tern/<folder>/<file>.h". The include directory of a library holds nothing but a
# link to its own folder, so a header is visible only to targets that link the library: the layering of
# the folders is enforced by the compiler as well as by the linker.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# For C++ alone; what nvcc gets stands below.
function(tern_cxx_options)
  target_compile_options(tern_options INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${ARGN}>")
endfunction()

# With the compilers that every test run uses (Debian 12's); newer ones warn of more than has been seen.
set(newest_GNU 12)
set(newest_Clang 14)
set(nvcc_warnings -Xcompiler=-Wall,-Wextra)
string(REGEX MATCH "^[0-9]+" compiler_version "${CMAKE_CXX_COMPILER_VERSION}")
if(TERN_WERROR AND compiler_version LESS_EQUAL "${newest_${CMAKE_CXX_COMPILER_ID}}")
  set(werror -Werror)
  set(nvcc_warnings "-Werror=all-warnings;-Xcompiler=-Wall,-Wextra,-Werror")
endif()
add_library(tern_options INTERFACE)
tern_cxx_options(
  -Wall -Wextra ${werror} -Wshadow -Wnon-virtual-dtor
  # The same expression must round the same way in every kernel that evaluates it (a backward pass
  # recomputes what its forward decided), so the compiler may not fuse a*b+c where it likes.
  -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports overlapping copies in "literal" + std::string (GCC bug 105651), and endless ones where <string> is
  # precompiled.
  tern_cxx_options(-Wno-restrict -Wno-stringop-overflow)
  if(compiler_version GREATER_EQUAL 13)
    tern_cxx_options(-Wno-dangling-reference)  # of functions that give back a part of a cache, not of their argument
  endif()
endif()
if(TERN_NATIVE)
  tern_cxx_options(-march=native)
endif()
if(EMSCRIPTEN)
  tern_cxx_options(-msimd128 -fwasm-exceptions)
  target_link_options(tern_options INTERFACE -fwasm-exceptions)
endif()
if(TERN_SANITIZE)
  tern_cxx_options(-fsanitize=${TERN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The instrumentation makes GCC see uninitialised reads inside the standard library that are not there.
    tern_cxx_options(-Wno-maybe-uninitialized)
  endif()
  target_link_options(tern_options INTERFACE -fsanitize=${TERN_SANITIZE})
endif()
if(TERN_FUZZ)
  tern_cxx_options(-fsanitize=fuzzer-no-link)
endif()
# -fmad=false is -ffp-contract=off for the GPU: where a fused operation is wanted, the code says fmaf.
target_compile_options(tern_options INTERFACE
  "$<$<COMPILE_LANGUAGE:CUDA>:-fmad=false;--extended-lambda;--expt-relaxed-constexpr;${nvcc_warnings}>")

# What most files include of others, compiled once, which saves GCC a third of the time that the programs take. The
# builds by nvcc and Clang do without and show that every file includes what it uses.
set(precompiled <algorithm> <filesystem> <functional> <map> <memory> <sstream> <string> <unordered_map> <vector> <fmt/format.h>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompiled.cpp CONTENT "")
  add_library(tern_precompiled OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(tern_precompiled PRIVATE tern_options fmt::fmt OpenMP::OpenMP_CXX)
  target_precompile_headers(tern_precompiled PRIVATE ${precompiled})
endif()

# Files whose loops decide how fast networks run are optimised one by one, whatever stands beside them; but for a browser.
function(tern_compile_alone target)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT EMSCRIPTEN)
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  endif()
endfunction()

function(tern_precompile target)
  if(TARGET tern_precompiled)
    target_precompile_headers(${target} REUSE_FROM tern_precompiled)
  endif()
endfunction()

function(tern_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;ENGINE_SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  set(include_dir ${PROJECT_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${include_dir}/tern)
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${include_dir}/tern/${name} SYMBOLIC)

  if(TERN_ENGINE_ONLY)
    tern_engine_part(${name})
    return()
  endif()
  add_library(tern_${name} STATIC ${ARG_SOURCES})
  add_library(tern::${name} ALIAS tern_${name})
  target_include_directories(tern_${name} PUBLIC
    $<BUILD_INTERFACE:${include_dir}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(tern_${name} INTERFACE cxx_std_20)
  target_link_libraries(tern_${name} PUBLIC ${ARG_LINKS} PRIVATE $<BUILD_INTERFACE:tern_options> ${ARG_PRIVATE_LINKS})
  set_target_properties(tern_${name} PROPERTIES EXPORT_NAME ${name})
  if(ARG_ENGINE_SOURCES)
    add_library(tern_${name}_for_engine OBJECT ${ARG_ENGINE_SOURCES})
    target_include_directories(tern_${name}_for_engine PRIVATE ${include_dir})
    target_link_libraries(tern_${name}_for_engine PRIVATE tern_options ${ARG_LINKS} ${ARG_PRIVATE_LINKS})
    set_target_properties(tern_${name}_for_engine PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_sources(tern_${name} PRIVATE $<TARGET_OBJECTS:tern_${name}_for_engine>)
  endif()
  if(NOT name STREQUAL "kernels")  # whose options define other macros
    tern_precompile(tern_${name})
  endif()
  tern_check_headers(${name})
endfunction()

# What tern_library() makes where nothing but libtern_engine is built: the headers, and of the sources the engine's.
macro(tern_engine_part name)
  add_library(tern_${name} INTERFACE)
  add_library(tern::${name} ALIAS tern_${name})
  target_include_directories(tern_${name} INTERFACE ${include_dir})
  target_link_libraries(tern_${name} INTERFACE ${ARG_LINKS})
  if(ARG_ENGINE_SOURCES)
    add_library(tern_${name}_for_engine OBJECT ${ARG_ENGINE_SOURCES})
    target_link_libraries(tern_${name}_for_engine PRIVATE tern_options tern_${name} nlohmann_json::nlohmann_json)
    if(NOT ${name} STREQUAL "data")  # it reads files, where size counts more than time
      target_compile_options(tern_${name}_for_engine PRIVATE -Os)
    endif()
  endif()
endmacro()

# tern_cpu_kernels(NAME a.cpp ...): the kernels of kernels/cpu/NAME as a library of their own, for programs that only
# run merged networks and need nothing else of that folder. Its headers are all that it shows of it.
function(tern_cpu_kernels name)
  set(include_dir ${PROJECT_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${include_dir}/tern/kernels/cpu)
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${include_dir}/tern/kernels/cpu/${name} SYMBOLIC)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    # Each file says itself which instructions it may use, and with -march=native it could not say: no more than that.
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -march=x86-64)
  endif()

  add_library(tern_${name} STATIC ${ARGN})
  add_library(tern::${name} ALIAS tern_${name})
  target_include_directories(tern_${name} PUBLIC $<BUILD_INTERFACE:${include_dir}>)
  target_link_libraries(tern_${name} PRIVATE $<BUILD_INTERFACE:tern_options>)
  target_compile_options(tern_${name} PRIVATE $<$<CONFIG:Release>:-O3>)
  set_target_properties(tern_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON EXPORT_NAME ${name} UNITY_BUILD OFF)
endfunction()

# Compiles headers alone, so that none leans on what its includer included before. A header with a source file of
# the same name is the first include there (clang-format sees to it) and needs no check of its own. Once is enough: the
# builds with sanitizers leave it out.
function(tern_check_headers name)
  if(NOT TERN_TESTS OR TERN_SANITIZE)
    return()
  endif()
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *.h)
  set(sources)
  foreach(header ${headers})
    string(REGEX REPLACE "\\.h$" ".cpp" implementation ${header})
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${implementation})
      continue()
    endif()
    string(REPLACE "/" "_" unit ${header})
    set(source ${PROJECT_BINARY_DIR}/header_check/${name}/${unit}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "#include \"tern/${name}/${header}\"\n")
    list(APPEND sources ${source})
  endforeach()
  if(sources)
    add_library(tern_${name}_header_check OBJECT ${sources})
    target_link_libraries(tern_${name}_header_check PRIVATE tern_${name} tern_options
                          $<GENEX_EVAL:$<TARGET_PROPERTY:tern_${name},LINK_LIBRARIES>>)
    set_target_properties(tern_${name}_header_check PROPERTIES UNITY_BUILD OFF)
  endif()
endfunction()

# tern_program(NAME SOURCES main.cpp LINKS ...): an executable in build/<preset>/bin.
function(tern_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE tern_options ${ARG_LINKS})
  # No time is spent in a main, and much in optimising what it prints.
  target_compile_options(${name} PRIVATE $<$<NOT:$<CONFIG:Debug>>:-O1>)
  tern_precompile(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()
