# Installs into a fresh prefix, moves it, and builds consumers through find_package and through pkg-config.
#   cmake -D BUILD=… -D SOURCE=… -D CXX=… -D C=… -P install_test.cmake
set(work ${BUILD}/install_test)
file(REMOVE_RECURSE ${work})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    string(REPLACE ";" " " line "${ARGN}")
    message(FATAL_ERROR "${line}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/first)
file(RENAME ${work}/first ${work}/prefix)  # the package files must not remember where they were

run(${CMAKE_COMMAND} -S ${SOURCE}/tests/install/consumer -B ${work}/consumer -D CMAKE_PREFIX_PATH=${work}/prefix
  -D CMAKE_CXX_COMPILER=${CXX} -D CMAKE_C_COMPILER=${C})
run(${CMAKE_COMMAND} --build ${work}/consumer)
run(${work}/consumer/from_cpp)
run(${work}/consumer/from_c)

file(GLOB_RECURSE package_file ${work}/prefix/bulwark.pc)
get_filename_component(package_dir ${package_file} DIRECTORY)
set(ENV{PKG_CONFIG_PATH} ${package_dir})
get_filename_component(library_dir ${package_dir} DIRECTORY)
set(ENV{LD_LIBRARY_PATH} ${library_dir})
run(sh -c "${C} ${SOURCE}/tests/install/consumer/main.c $(pkg-config --cflags --libs bulwark) -o ${work}/pc_c")
run(${work}/pc_c)
run(sh -c "${CXX} ${SOURCE}/tests/install/consumer/main.cpp $(pkg-config --cflags --libs bulwark-cpp) -o ${work}/pc_cpp")
run(${work}/pc_cpp)

# Nothing but the C API may be visible: a second copy of a library in the same process must not be disturbed.
run(sh -c "nm -D --defined-only ${library_dir}/libbulwark.so | awk '$2 != \"A\" {print $3}' | sort | tr '\\n' ' '")
string(STRIP "${output}" visible)
if(NOT visible STREQUAL "bulwark_free bulwark_scan_buffer bulwark_version")
  message(FATAL_ERROR "libbulwark.so exports: ${visible}")
endif()
file(REMOVE_RECURSE ${work})
