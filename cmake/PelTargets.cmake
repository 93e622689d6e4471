# SPDX-License-Identifier: Apache-2.0
# How every target of this tree is compiled, and the helpers that module folders use.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(PEL_CCACHE ccache)
if(PEL_CCACHE AND PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${PEL_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PEL_CCACHE})
endif()

# Flags that only this tree's own sources see.
add_library(pel_warnings INTERFACE)
target_compile_options(pel_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wconversion>)
if(PEL_SANITIZE)
  # -O1 behind the build type's own level: it halves the time to compile, and loses no report.
  add_compile_options(-O1 -fsanitize=${PEL_SANITIZE} -fno-omit-frame-pointer -g1)
  if(PEL_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-maybe-uninitialized)  # g++ reports it inside std::optional's checks
    if(PEL_SANITIZE MATCHES "thread")
      add_compile_options(-Wno-tsan)  # Boost.Asio has fences; pel has none
    endif()
  endif()
  add_link_options(-fsanitize=${PEL_SANITIZE})
endif()

# pel_library(NAME): a static library pel_NAME with the alias pel::NAME, exported as component NAME.
# Floating-point contraction is off for the library and for whoever links it: a fused multiply-add
# would make results depend on the CPU (docs/design/contract.md).
function(pel_library name)
  add_library(pel_${name} STATIC)
  add_library(pel::${name} ALIAS pel_${name})
  set_target_properties(pel_${name} PROPERTIES EXPORT_NAME ${name} LINKER_LANGUAGE CXX)
  target_compile_features(pel_${name} PUBLIC cxx_std_20)
  target_compile_options(pel_${name} PUBLIC -ffp-contract=off)
  target_link_libraries(pel_${name} PRIVATE $<BUILD_INTERFACE:pel_warnings>)
  target_include_directories(pel_${name}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${PROJECT_SOURCE_DIR})
endfunction()

# pel_sources(NAME files...): add files of the calling folder to library pel_NAME.
function(pel_sources name)
  foreach(file ${ARGN})
    target_sources(pel_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
endfunction()

# pel_add_folders(): add_subdirectory for every direct child that has a CMakeLists.txt.
macro(pel_add_folders)
  file(GLOB pel_folders_ CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
       ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
  foreach(folder_ ${pel_folders_})
    get_filename_component(folder_ ${folder_} DIRECTORY)
    add_subdirectory(${folder_})
  endforeach()
endmacro()
