# Third-party libraries. Who may include which header is kept in src/THIRD_PARTY.
find_package(Threads REQUIRED)

# What is shipped starts in a few milliseconds: eight shared libraries cost the dynamic linker more than a scan takes.
option(BULWARK_STATIC_LIBRARIES "link the programs with the .a files of the libraries" OFF)

function(bulwark_import target location include)
  add_library(${target} UNKNOWN IMPORTED)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${location})
  if(NOT include STREQUAL "/usr/include")  # -isystem /usr/include breaks #include_next
    set_target_properties(${target} PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${include})
  endif()
endfunction()

# bulwark_library(NAME header library): imported target bulwark::NAME. Programs get the .a file if that is wanted and
# there; a shared library of ours never does, because distributions build .a files without -fPIC.
function(bulwark_library name header library)
  find_path(BULWARK_${name}_INCLUDE ${header} REQUIRED)
  find_library(BULWARK_${name}_LIBRARY NAMES ${library} REQUIRED)
  bulwark_import(bulwark::${name}_shared ${BULWARK_${name}_LIBRARY} ${BULWARK_${name}_INCLUDE})
  set(chosen bulwark::${name}_shared)
  if(BULWARK_STATIC_LIBRARIES)
    find_library(BULWARK_${name}_ARCHIVE NAMES lib${library}.a)
    if(BULWARK_${name}_ARCHIVE)
      bulwark_import(bulwark::${name}_static ${BULWARK_${name}_ARCHIVE} ${BULWARK_${name}_INCLUDE})
      set(chosen $<IF:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>,bulwark::${name}_static,bulwark::${name}_shared>)
    endif()
  endif()
  add_library(bulwark_${name} INTERFACE)
  target_link_libraries(bulwark_${name} INTERFACE ${chosen})
  add_library(bulwark::${name} ALIAS bulwark_${name})
endfunction()

bulwark_library(zlib zlib.h z)
bulwark_library(bzip2 bzlib.h bz2)
bulwark_library(lzma lzma.h lzma)
bulwark_library(zstd zstd.h zstd)
bulwark_library(lz4 lz4frame.h lz4)
bulwark_library(yaml yaml-cpp/yaml.h yaml-cpp)
bulwark_library(crypto openssl/evp.h crypto)
bulwark_library(argon2 argon2.h argon2)
bulwark_library(re2 re2/re2.h re2)
bulwark_library(png png.h png)
bulwark_library(jpeg jpeglib.h jpeg)
bulwark_library(hs_runtime hs/hs_runtime.h hs_runtime)
bulwark_library(hs_compiler hs/hs.h hs)  # for the build only

# Only a header, for one file: a token's own library is opened while running.
find_path(BULWARK_p11kit_INCLUDE p11-kit/pkcs11.h PATH_SUFFIXES p11-kit-1 REQUIRED)
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/crypto/pkcs11.cpp
                            PROPERTIES COMPILE_OPTIONS "-isystem;${BULWARK_p11kit_INCLUDE}")

# Only headers, for the files that src/THIRD_PARTY names.
find_path(BULWARK_eigen_INCLUDE Eigen/Core PATH_SUFFIXES eigen3 REQUIRED)

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
target_include_directories(bulwark_libraries SYSTEM INTERFACE ${BULWARK_eigen_INCLUDE})
target_link_libraries(bulwark_libraries INTERFACE
  bulwark::zlib bulwark::bzip2 bulwark::lzma bulwark::zstd bulwark::lz4 bulwark::yaml bulwark::crypto
  bulwark::argon2 bulwark::re2 bulwark::png bulwark::jpeg bulwark::hs_runtime
  Threads::Threads ${CMAKE_DL_LIBS})
