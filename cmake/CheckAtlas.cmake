# bulwark_check_atlas(TARGET): TARGET is not built while a table of data/atlas, a rule or a drill names something that the
# pinned ATLAS does not have under that id and name.
function(bulwark_check_atlas target)
  find_program(BULWARK_AWK NAMES awk mawk gawk REQUIRED)
  set(tables tactics techniques mitigations casestudies controls control_map mitigation_map casestudy_drills
             mitigation_technique casestudy_steps crosswalk)
  list(TRANSFORM tables REPLACE "^(.+)$" "${CMAKE_SOURCE_DIR}/data/atlas/\\1.tsv")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/scan/*.cpp ${CMAKE_SOURCE_DIR}/data/drills/*)
  set(script ${CMAKE_SOURCE_DIR}/tools/check_atlas.awk)
  set(stamp ${CMAKE_BINARY_DIR}/atlas.checked)
  add_custom_command(OUTPUT ${stamp}
    COMMAND ${BULWARK_AWK} -f ${script} ${tables} ${sources}
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
    DEPENDS ${script} ${tables} ${sources} COMMENT "Holding our tables, rules and drills against ATLAS" VERBATIM)
  add_custom_target(check_atlas DEPENDS ${stamp})
  add_dependencies(${target} check_atlas)
  if(BULWARK_TESTS)
    add_test(NAME Atlas.WrongPairEndsTheBuild COMMAND ${CMAKE_COMMAND} -D AWK=${BULWARK_AWK} -D SCRIPT=${script}
      -D TABLES=${CMAKE_SOURCE_DIR}/data/atlas -D WORK=${CMAKE_BINARY_DIR}/check_atlas_test
      -P ${CMAKE_SOURCE_DIR}/tests/tools/check_atlas_test.cmake)
  endif()
endfunction()
