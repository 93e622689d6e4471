# SPDX-License-Identifier: Apache-2.0
# cmake -DBUILD=... -DCTEST=... -P check_labels.cmake: every module label selects, alone and together
# with the kind of test, and nightly cases have their module's label too.
function(expect_cases)  # labels...
  set(selection "")
  foreach(label ${ARGN})
    list(APPEND selection -L "^${label}$")
  endforeach()
  execute_process(COMMAND ${CTEST} --test-dir ${BUILD} -N ${selection} OUTPUT_VARIABLE out
                  RESULT_VARIABLE code)
  string(REGEX MATCH "Total Tests: ([0-9]+)" found "${out}")
  if(NOT code EQUAL 0 OR NOT found OR CMAKE_MATCH_1 EQUAL 0)
    message(FATAL_ERROR "no test has all of the labels ${ARGN}")
  endif()
  message(STATUS "${ARGN}: ${CMAKE_MATCH_1}")
endfunction()

foreach(module executor loops observe speculation)
  expect_cases(${module})
  expect_cases(unit ${module} sanitized)
endforeach()
expect_cases(property executor sanitized)
expect_cases(nightly executor)
