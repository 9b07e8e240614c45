# Libraries that are loaded while running (src/native). third_party/native/SHA256SUMS pins them, script/bootstrap fetches
# them; without them everything builds and works but what needs them, which says so.
set(BULWARK_NATIVE ${CMAKE_SOURCE_DIR}/third_party/native)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${BULWARK_NATIVE}/SHA256SUMS)

function(bulwark_native name pattern)
  file(STRINGS ${BULWARK_NATIVE}/SHA256SUMS line REGEX "/${pattern}[^/]*$")
  if(NOT line MATCHES "^([0-9a-f]+)  (.*/([^/]+))$")
    message(FATAL_ERROR "third_party/native/SHA256SUMS pins no ${pattern}")
  endif()
  set(digest ${CMAKE_MATCH_1})
  set(path ${BULWARK_NATIVE}/${CMAKE_MATCH_2})
  set(file ${CMAKE_MATCH_3})
  set_property(SOURCE ${CMAKE_SOURCE_DIR}/src/native/pins.cpp APPEND PROPERTY COMPILE_DEFINITIONS
    BULWARK_${name}_FILE="${file}" BULWARK_${name}_SHA256="${digest}")
  if(EXISTS ${path})
    # Beside the program, where src/native/library.cpp looks. The program checks the digest whenever it loads one.
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
    file(CREATE_LINK ${path} ${CMAKE_BINARY_DIR}/lib/${file} SYMBOLIC)
    install(FILES ${path} DESTINATION lib/bulwark)
  else()
    message(STATUS "${file} is not there: run script/bootstrap and configure again")
  endif()
endfunction()

bulwark_native(DUCKDB libduckdb)
bulwark_native(ONNXRUNTIME libonnxruntime)
