# The library for others: libbulwark.a with the C++ headers, libbulwark.so with nothing but the C API, package files
# for CMake and pkg-config that work wherever the prefix is moved to.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

add_library(bulwark_shared SHARED src/capi/bulwark.cpp)
set_target_properties(bulwark_shared PROPERTIES
  OUTPUT_NAME bulwark VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
  LINK_DEPENDS ${CMAKE_SOURCE_DIR}/src/capi/exports.map)
target_compile_definitions(bulwark_shared PRIVATE BULWARK_VERSION="${PROJECT_VERSION}")
target_link_libraries(bulwark_shared PRIVATE bulwark_flags bulwark_static)
target_link_options(bulwark_shared PRIVATE -Wl,--version-script=${CMAKE_SOURCE_DIR}/src/capi/exports.map)
if(NOT BULWARK_SANITIZE)
  # The sanitizers' runtime is in the executable that loads the library, so its symbols are open here.
  target_link_options(bulwark_shared PRIVATE -Wl,-z,defs)
endif()

install(TARGETS bulwark bulwark_static bulwark_shared
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
# The rooms that hold no secrets of the command line. Our headers name no header of a third party.
foreach(module base core atlas scan policy report)
  install(DIRECTORY src/${module} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/bulwark FILES_MATCHING PATTERN "*.h")
endforeach()
install(FILES src/capi/bulwark.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/bulwark)
configure_package_config_file(cmake/bulwarkConfig.cmake.in ${CMAKE_BINARY_DIR}/bulwarkConfig.cmake
  INSTALL_DESTINATION ${package_dir} PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/bulwarkConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/bulwarkConfig.cmake ${CMAKE_BINARY_DIR}/bulwarkConfigVersion.cmake
  DESTINATION ${package_dir})

# From lib/<arch>/pkgconfig back to the prefix.
file(RELATIVE_PATH BULWARK_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
foreach(name bulwark bulwark-cpp)
  configure_file(cmake/${name}.pc.in ${CMAKE_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

if(BULWARK_TESTS)
  add_executable(capi_test tests/capi/capi_test.c)
  target_include_directories(capi_test PRIVATE src/capi)
  target_link_libraries(capi_test PRIVATE bulwark_shared Threads::Threads)
  target_compile_options(capi_test PRIVATE -Wall -Wextra -Werror)
  if(BULWARK_SANITIZE)
    # A program in C brings only the C half of the runtime that the library's C++ needs.
    set_target_properties(capi_test PROPERTIES LINKER_LANGUAGE CXX)
  endif()
  add_test(NAME Capi.ScansFromC COMMAND capi_test)
  find_package(Python3 COMPONENTS Interpreter)
  if(Python3_FOUND AND NOT BULWARK_SANITIZE)  # a sanitizer must be loaded before the interpreter
    add_test(NAME Capi.ExampleOfTheHowtoRuns COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/capi/howto_test.py
      ${CMAKE_SOURCE_DIR}/docs/howto/use-as-a-library.md $<TARGET_FILE:bulwark_shared>)
  endif()
  if(NOT BULWARK_SANITIZE)  # what is installed is never built with sanitizers
    add_test(NAME Install.ConsumersBuildAndRun COMMAND ${CMAKE_COMMAND}
      -D BUILD=${CMAKE_BINARY_DIR} -D SOURCE=${CMAKE_SOURCE_DIR} -D CXX=${CMAKE_CXX_COMPILER} -D C=${CMAKE_C_COMPILER}
      -P ${CMAKE_SOURCE_DIR}/tests/install/install_test.cmake)
    set_tests_properties(Install.ConsumersBuildAndRun PROPERTIES TIMEOUT 300 LABELS slow)
  endif()
endif()
