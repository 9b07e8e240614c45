# Third-party libraries. Who may include which header is kept in src/THIRD_PARTY.
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(BZip2 REQUIRED)
find_package(LibLZMA REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-cpp)

# find_package(Boost) may find another release; take the first directory that holds 1.81.
foreach(candidate ${CMAKE_SOURCE_DIR}/.deps/boost/usr/include /usr/include)
  if(EXISTS ${candidate}/boost/version.hpp)
    file(STRINGS ${candidate}/boost/version.hpp boost_version REGEX "define BOOST_VERSION 108100")
    if(boost_version)
      set(BULWARK_BOOST ${candidate})
      break()
    endif()
  endif()
endforeach()
if(NOT BULWARK_BOOST)
  message(FATAL_ERROR "Boost 1.81 headers not found: run script/bootstrap")
endif()

add_library(bulwark_libraries INTERFACE)
target_compile_definitions(bulwark_libraries INTERFACE BOOST_ALL_NO_LIB)
if(NOT BULWARK_BOOST STREQUAL "/usr/include")
  target_include_directories(bulwark_libraries SYSTEM INTERFACE ${BULWARK_BOOST})
endif()
target_link_libraries(bulwark_libraries INTERFACE
  Threads::Threads ZLIB::ZLIB BZip2::BZip2 LibLZMA::LibLZMA OpenSSL::Crypto fmt::fmt
  PkgConfig::ZSTD PkgConfig::LZ4 PkgConfig::YAML)
