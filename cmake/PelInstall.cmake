# SPDX-License-Identifier: Apache-2.0
# `cmake --install`, find_package(pel COMPONENTS ...), pkg-config, and packages by cpack.
include(CMakePackageConfigHelpers)

set(pel_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/pel)
set(pel_components base)
foreach(component runtime main evm ledger)
  if(TARGET pel_${component})
    list(APPEND pel_components ${component})
  endif()
endforeach()

# What a program that links a component needs on its machine, as find_dependency and as pkg-config names.
set(pel_finds_runtime "Threads")
set(pel_finds_main "Threads")
set(pel_finds_evm "OpenSSL")
set(pel_pc_base "")
set(pel_pc_runtime "pel-base")
set(pel_pc_main "pel-runtime")
set(pel_pc_evm "pel-base")
set(pel_pc_ledger "pel-evm pel-runtime")
set(pel_pc_private_main "")
set(pel_pc_private_evm "libsecp256k1 libcrypto gmp")
set(pel_pc_private_ledger "")

# pkg-config files find their prefix from where they lie, so that an unpacked archive works.
file(RELATIVE_PATH PEL_PC_UP /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
foreach(component ${pel_components})
  install(TARGETS pel_${component} EXPORT pel-${component}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT pel-${component} NAMESPACE pel:: DESTINATION ${pel_cmake_dir})
  set(PEL_PC_NAME ${component})
  set(PEL_PC_REQUIRES "${pel_pc_${component}}")
  set(PEL_PC_REQUIRES_PRIVATE "${pel_pc_private_${component}}")
  configure_file(${PROJECT_SOURCE_DIR}/cmake/pel.pc.in ${PROJECT_BINARY_DIR}/pel-${component}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/pel-${component}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/pel DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp")
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/pelConfig.cmake.in
  ${PROJECT_BINARY_DIR}/pelConfig.cmake INSTALL_DESTINATION ${pel_cmake_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/pelConfigVersion.cmake
  COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/pelConfig.cmake ${PROJECT_BINARY_DIR}/pelConfigVersion.cmake
        DESTINATION ${pel_cmake_dir})
foreach(program pel_cli pel_statetest_tool pel_t8n_tool)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md
              ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples/template
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

set(CPACK_GENERATOR "DEB;TGZ")
set(CPACK_PACKAGE_NAME pel)
set(CPACK_PACKAGE_VENDOR "pel")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The pel maintainers")
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_STRIP_FILES ON)
include(CPack)
