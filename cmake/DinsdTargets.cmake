# The build rules of the project in one place: how a folder becomes a library, a program or a test.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

add_library(dinsd_flags INTERFACE)
target_include_directories(dinsd_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(dinsd_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wno-missing-field-initializers -Werror -fstack-protector-strong>)
target_compile_definitions(dinsd_flags INTERFACE DINSD_VERSION="${PROJECT_VERSION}")
# A program loads only the libraries that it uses: the parent and the reader come out without LibTorch. The C++ library
# goes first, since LibTorch exports some of its symbols too and would be kept for them.
target_link_options(dinsd_flags INTERFACE
                    "SHELL:-Wl,--no-as-needed -lstdc++ -Wl,--as-needed")
if(DINSD_SANITIZE)
  # -Wmaybe-uninitialized is a false alarm on GCC 12's own <regex> and <functional> once they are instrumented.
  target_compile_options(dinsd_flags INTERFACE -fsanitize=${DINSD_SANITIZE} -fno-sanitize-recover=all
                         -fno-omit-frame-pointer $<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized>)
  target_link_options(dinsd_flags INTERFACE -fsanitize=${DINSD_SANITIZE})
endif()
if(DINSD_COVERAGE)
  target_compile_options(dinsd_flags INTERFACE --coverage -fprofile-update=atomic -O1 -g0)
  target_link_options(dinsd_flags INTERFACE --coverage)
endif()

find_program(DINSD_CCACHE ccache)
if(DINSD_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${DINSD_CCACHE})
endif()

# dinsd_library(FOLDER DEPENDS target... [PRIVATE target...] [WITH file...] [EXCEPT regex]): every .cc under FOLDER becomes
# the static library dinsd_FOLDER (dinsd_A_B for A/B), with the files WITH and without those that EXCEPT matches, which are
# other libraries' and programs'.
function(dinsd_library folder)
  cmake_parse_arguments(ARG "" "EXCEPT" "DEPENDS;PRIVATE;WITH" ${ARGN})
  string(REPLACE "/" "_" name ${folder})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cc)
  if(ARG_EXCEPT)
    list(FILTER sources EXCLUDE REGEX "${ARG_EXCEPT}")
  endif()
  list(APPEND sources ${ARG_WITH})
  if(DINSD_WITH_CUDA)
    file(GLOB_RECURSE cuda_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cu)
    list(APPEND sources ${cuda_sources})
  endif()
  if(sources)
    add_library(dinsd_${name} STATIC ${sources})
    target_link_libraries(dinsd_${name} PUBLIC dinsd_flags ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE})
    if(DINSD_WITH_CUDA AND folder STREQUAL "gpu")
      target_compile_definitions(dinsd_gpu PUBLIC DINSD_WITH_CUDA=1)
      target_link_libraries(dinsd_gpu PUBLIC CUDA::cudart_static)
    endif()
  else()
    add_library(dinsd_${name} INTERFACE)
    target_link_libraries(dinsd_${name} INTERFACE dinsd_flags ${ARG_DEPENDS})
  endif()
endfunction()

# dinsd_program(NAME FOLDER DEPENDS target...): every .cc directly in daemon/FOLDER, one of them main.cc.
function(dinsd_program name folder)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/daemon/${folder}/*.cc)
  if(sources)
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE ${ARG_DEPENDS})
  endif()
endfunction()

# dinsd_tests(FOLDER DEPENDS target... [LABELS label...] [TOGETHER suite]): tests/FOLDER/*_test.cc as one program, one
# ctest entry per test; the tests of the suite, which share what takes long to make, are one entry.
function(dinsd_tests folder)
  cmake_parse_arguments(ARG "" "TOGETHER" "DEPENDS;LABELS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cc)
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" suffix ${folder})
  set(target test_${suffix})
  add_executable(${target} ${sources})
  target_link_libraries(${target} PRIVATE ${ARG_DEPENDS} dinsd_test_folders GTest::gmock GTest::gtest_main)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)  # what is tested is not: a third less to wait for
  if(ARG_TOGETHER)
    add_test(NAME ${ARG_TOGETHER} COMMAND ${target} --gtest_filter=${ARG_TOGETHER}.*)
    set_tests_properties(${ARG_TOGETHER} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 900)
    set(others TEST_FILTER -${ARG_TOGETHER}.*)
  endif()
  gtest_discover_tests(${target} DISCOVERY_TIMEOUT 120 ${others}
                       PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 900 SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
endfunction()

# dinsd_embed(FOLDER NAME FILE): the text of FILE as `extern const std::string_view NAME` in the library of FOLDER, for
# what is shipped as a file and needed by the program as well.
function(dinsd_embed folder name file)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${file})
  file(READ ${PROJECT_SOURCE_DIR}/${file} text)
  set(generated ${PROJECT_BINARY_DIR}/embedded/${name}.cc)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/embedded_text.cc.in ${generated} @ONLY)
  target_sources(dinsd_${folder} PRIVATE ${generated})
endfunction()
