# The check that guards the build passes on our data and fails on broken copies of it.
set(names tactics techniques mitigations casestudies controls control_map mitigation_map casestudy_drills
          mitigation_technique casestudy_steps crosswalk)

function(run expected_exit expected_text)
  set(files ${names})
  list(TRANSFORM files REPLACE "^(.+)$" "${WORK}/\\1.tsv")
  execute_process(COMMAND ${AWK} -f ${SCRIPT} ${files} ${ARGN} RESULT_VARIABLE exit OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT exit EQUAL expected_exit)
    message(FATAL_ERROR "exit ${exit}, expected ${expected_exit}\n${out}")
  endif()
  string(FIND "${out}" "${expected_text}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "expected '${expected_text}' in\n${out}")
  endif()
endfunction()

function(fresh)
  file(REMOVE_RECURSE ${WORK})
  file(COPY ${TABLES}/ DESTINATION ${WORK})
endfunction()

# Replaces text in one table of a fresh copy and expects the complaint.
function(broken table from to complaint)
  fresh()
  file(READ ${WORK}/${table}.tsv text)
  string(REPLACE "${from}" "${to}" text "${text}")
  file(WRITE ${WORK}/${table}.tsv "${text}")
  run(1 "${complaint}")
endfunction()

fresh()
run(0 "")
broken(control_map "AML.T0074\tMasquerading" "AML.T0074\tMasquerade"
       "'AML.T0074' is 'Masquerading' in ATLAS as pinned, not 'Masquerade'")
broken(control_map "AML.T0074\tMasquerading" "AML.T0075\tMasquerading"
       "'AML.T0075' is 'Cloud Service Discovery' in ATLAS as pinned, not 'Masquerading'")
broken(mitigation_map "AML.M0013\tCode Signing" "AML.M0913\tCode Signing" "'AML.M0913' is not in ATLAS as pinned")
broken(casestudy_drills "AML.CS0023\tShadowRay" "AML.CS0023\tShadow Ray" "'AML.CS0023' is 'ShadowRay'")
broken(techniques "AML.T0074\tMasquerading" "AML.T0074\tPretending" "not 'Masquerading'")
broken(crosswalk "TR-EVADE" "TR-EVADES" "'TR-EVADES' is no control of controls.tsv")
fresh()
file(WRITE ${WORK}/rule.cpp ".atlas = \"AML.T0011.000 AML.T0011.077\",\n")
run(1 "rule.cpp:1: 'AML.T0011.077' is not in ATLAS as pinned" ${WORK}/rule.cpp)
file(WRITE ${WORK}/rule.cpp ".atlas = \"AML.T0011.000\",\n")
run(0 "" ${WORK}/rule.cpp)
