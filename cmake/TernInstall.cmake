# What `cmake --install` installs, in components:
#   engine     libtern_engine, shared and static, with its one header and a file for pkg-config;
#   images     libtern_images, which decodes pictures for it, in the same way;
#   training   the libraries of the other folders with their public headers;
#   programs   tern-train, tern-merge, ...
# find_package(Tern COMPONENTS engine images training) finds Tern::engine (Tern::engine_static), Tern::images and Tern::training.
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Tern)
set(headers ${CMAKE_INSTALL_INCLUDEDIR}/tern)

install(TARGETS tern_engine tern_engine_static EXPORT TernEngine COMPONENT engine)
install(EXPORT TernEngine NAMESPACE Tern:: DESTINATION ${package} COMPONENT engine)
install(FILES models/engine/tern_engine.h DESTINATION ${headers}/models/engine COMPONENT engine)
install(TARGETS tern_images EXPORT TernImages COMPONENT images)
install(EXPORT TernImages NAMESPACE Tern:: DESTINATION ${package} COMPONENT images)
install(FILES data/tern_images.h DESTINATION ${headers}/data COMPONENT images)
file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)  # from the file to the prefix, wherever that is moved to
foreach(component engine images)
  configure_file(cmake/tern-${component}.pc.in ${PROJECT_BINARY_DIR}/tern-${component}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/tern-${component}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT ${component})
endforeach()

set(folders core distributed kernels layers models data training)
list(TRANSFORM folders PREPEND tern_ OUTPUT_VARIABLE libraries)
list(APPEND libraries tern_packed)
if(TERN_CUDA_BACKEND)
  list(APPEND libraries tern_cuda_runtime)
endif()
install(TARGETS ${libraries} EXPORT TernTraining COMPONENT training)
install(EXPORT TernTraining NAMESPACE Tern:: DESTINATION ${package} COMPONENT training)
foreach(folder ${folders})
  install(DIRECTORY ${folder}/ DESTINATION ${headers}/${folder} COMPONENT training FILES_MATCHING
    PATTERN *.h
    PATTERN *_impl.h EXCLUDE
    PATTERN cpu EXCLUDE
    PATTERN cuda EXCLUDE
    PATTERN engine EXCLUDE)
endforeach()
install(FILES tern.h DESTINATION ${headers} COMPONENT training)

configure_package_config_file(cmake/TernConfig.cmake.in ${PROJECT_BINARY_DIR}/TernConfig.cmake
  INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/TernConfigVersion.cmake COMPATIBILITY SameMinorVersion)
foreach(component engine images training)
  install(FILES ${PROJECT_BINARY_DIR}/TernConfig.cmake ${PROJECT_BINARY_DIR}/TernConfigVersion.cmake
    cmake/FindLibZip.cmake cmake/FindOneDnn.cmake cmake/FindSpng.cmake cmake/FindWebP.cmake
    DESTINATION ${package} COMPONENT ${component})
endforeach()

if(TERN_PROGRAMS)
  install(TARGETS tern-data tern-evaluate tern-import tern-merge tern-predict tern-train COMPONENT programs)
endif()
