# SPDX-License-Identifier: Apache-2.0
# pel_npm(OUT): npm puts the packages that package.json and package-lock.json of the calling folder
# name into the build folder, once for each content of the lock file; OUT is then their folder,
# node_modules. Their scripts do not run.
function(pel_npm out)
  set(fetched ${CMAKE_CURRENT_BINARY_DIR}/npm)
  configure_file(package.json ${fetched}/package.json COPYONLY)
  configure_file(package-lock.json ${fetched}/package-lock.json COPYONLY)
  file(SHA256 ${CMAKE_CURRENT_SOURCE_DIR}/package-lock.json lock_hash)
  if(NOT EXISTS ${fetched}/${lock_hash}.done)
    find_program(PEL_NPM npm REQUIRED)
    file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    message(STATUS "Getting the packages of ${folder} from npm")
    execute_process(COMMAND ${PEL_NPM} ci --ignore-scripts --no-audit --no-fund
                    WORKING_DIRECTORY ${fetched} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    file(TOUCH ${fetched}/${lock_hash}.done)
  endif()
  set(${out} ${fetched}/node_modules PARENT_SCOPE)
endfunction()
