# Builds seeds/<reader>/*.recipe, reader by reader.
file(GLOB readers RELATIVE ${FROM} ${FROM}/*)
foreach(reader ${readers})
  execute_process(COMMAND ${TOOL} ${FROM}/${reader} ${TO}/${reader} RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "seeds of ${reader} cannot be built")
  endif()
endforeach()
