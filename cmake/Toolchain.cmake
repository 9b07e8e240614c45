# Warnings are errors on both compilers; ccache and mold are used where they are installed.
add_library(bulwark_flags INTERFACE)
target_compile_options(bulwark_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough -Wformat=2 -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # TRY is a statement expression; __extension__ silences -Wpedantic in g++ only. libstdc++ 12 calls a function
  # that it has deprecated itself in stable_sort.
  target_compile_options(bulwark_flags INTERFACE -Wno-gnu-statement-expression -Wno-missing-designated-field-initializers
                         -Wno-deprecated-declarations)
else()
  # g++ 12 asks for every member of an aggregate even where it has a default.
  target_compile_options(bulwark_flags INTERFACE -Wno-missing-field-initializers)
endif()

if(BULWARK_SANITIZE)
  add_compile_options(-fsanitize=${BULWARK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${BULWARK_SANITIZE})
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection -D_GLIBCXX_ASSERTIONS
                      -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -ffunction-sections -fdata-sections)
  add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie> -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections)
endif()

find_program(BULWARK_CCACHE ccache)
if(BULWARK_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${BULWARK_CCACHE})
endif()
find_program(BULWARK_MOLD mold)
if(BULWARK_MOLD AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  add_link_options(-fuse-ld=mold)
endif()
