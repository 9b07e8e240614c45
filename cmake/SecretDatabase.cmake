# bulwark_secret_database(TARGET): the keywords of data/secrets/detectors.tsv, compiled for the multi-string search and
# embedded as bw_secret_database … bw_secret_database_end. docs/decisions/20261120-secret-search.md says why at build time.
function(bulwark_secret_database target)
  set(table ${CMAKE_SOURCE_DIR}/data/secrets/detectors.tsv)
  set(database ${CMAKE_BINARY_DIR}/secrets.hsdb)
  add_executable(secret_database tools/secret_database.cpp src/scan/secrets/keywords.cpp src/base/text.cpp)
  target_include_directories(secret_database PRIVATE src)
  target_link_libraries(secret_database PRIVATE bulwark_flags bulwark::hs_compiler)
  add_custom_command(OUTPUT ${database} COMMAND secret_database ${table} ${database}
    DEPENDS secret_database ${table} VERBATIM)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/secrets.S @ONLY CONTENT ".section .rodata
.balign 64
.globl bw_secret_database
.globl bw_secret_database_end
.hidden bw_secret_database
.hidden bw_secret_database_end
bw_secret_database: .incbin \"${database}\"
bw_secret_database_end: .byte 0
.section .note.GNU-stack,\"\",%progbits
")
  set_source_files_properties(${CMAKE_BINARY_DIR}/secrets.S PROPERTIES OBJECT_DEPENDS ${database})
  target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/secrets.S)
endfunction()
