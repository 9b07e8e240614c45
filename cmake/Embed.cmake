# bulwark_embed(TARGET): every file listed in data/EMBED becomes a pair of symbols in TARGET, by .incbin.
#
# data/EMBED: one "symbol path" a line (path relative to data/). In C++:
#   extern "C" const char bw_<symbol>[], bw_<symbol>_end[];
# A path with a star stands for all files that match, sorted, one after the other, each behind a line "--- # path".
function(bulwark_embed target)
  set(list ${CMAKE_SOURCE_DIR}/data/EMBED)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
  file(STRINGS ${list} rows REGEX "^[a-z]")
  set(assembly ".section .rodata\n")
  set(files "")
  foreach(row ${rows})
    string(REGEX MATCH "^([a-z0-9_]+) +(.+)$" _ ${row})
    set(symbol bw_${CMAKE_MATCH_1})
    set(pattern ${CMAKE_MATCH_2})
    string(APPEND assembly ".balign 16\n.globl ${symbol}\n.globl ${symbol}_end\n.hidden ${symbol}\n"
                           ".hidden ${symbol}_end\n${symbol}:\n")
    if(pattern MATCHES "[*]")
      file(GLOB found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/data/${pattern})
      foreach(file ${found})
        file(RELATIVE_PATH name ${CMAKE_SOURCE_DIR} ${file})
        string(APPEND assembly ".ascii \"--- # ${name}\\n\"\n.incbin \"${file}\"\n")
      endforeach()
    else()
      set(found ${CMAKE_SOURCE_DIR}/data/${pattern})
      string(APPEND assembly ".incbin \"${found}\"\n")
    endif()
    string(APPEND assembly "${symbol}_end: .byte 0\n")
    list(APPEND files ${found})
  endforeach()
  # Without this line the executable would get an executable stack.
  string(APPEND assembly ".section .note.GNU-stack,\"\",%progbits\n")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/embedded.S CONTENT "${assembly}" @ONLY)
  set_source_files_properties(${CMAKE_BINARY_DIR}/embedded.S PROPERTIES OBJECT_DEPENDS "${files}")
  target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/embedded.S)
endfunction()
