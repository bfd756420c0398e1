# Builds ESP-IDF components for the host from the very CMakeLists.txt that ESP-IDF reads: one list
# of sources and one list of requirements for chip and Linux (docs/architecture.md, decision 1).

set(IDF_VERSION_MAJOR 5)  # what simulator/include/esp_idf_version.h says

# What GCC on the chip is told (ESP-IDF's defaults), apart from the C++ standard, which each
# component states itself. -fno-threadsafe-statics is not among them: ESP-IDF does not set it.
add_library(idf_component_options INTERFACE)
target_compile_options(idf_component_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions> $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>
  $<$<BOOL:${FUOTA_WERROR}>:-Werror>)

# sdkconfig.h as ESP-IDF makes it: the menus of the components and of the sample application, with
# the values that sample_app/sdkconfig.defaults sets. Options that no menu here has are ESP-IDF's
# own business.
find_program(FUOTA_KCONFIG_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
set(sdkconfig_defaults ${PROJECT_SOURCE_DIR}/sample_app/sdkconfig.defaults)
file(GLOB kconfigs CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/components/*/Kconfig
  ${PROJECT_SOURCE_DIR}/sample_app/main/Kconfig ${PROJECT_SOURCE_DIR}/cmake/sdkconfig/Kconfig)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${kconfigs} ${sdkconfig_defaults})
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/sdkconfig)
execute_process(COMMAND ${CMAKE_COMMAND} -E env srctree=${PROJECT_SOURCE_DIR}
  KCONFIG_CONFIG=${sdkconfig_defaults} ${FUOTA_KCONFIG_PYTHON} -m genconfig
  --header-path ${PROJECT_BINARY_DIR}/sdkconfig/sdkconfig.h cmake/sdkconfig/Kconfig
  COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
add_library(sdkconfig INTERFACE)
target_include_directories(sdkconfig INTERFACE ${PROJECT_BINARY_DIR}/sdkconfig)

# idf_component_register as in ESP-IDF's build system, for the arguments that our components use.
# A requirement that is none of our components is a part of ESP-IDF: the simulator's headers. jsmn is
# one header, which the compiler finds by itself.
macro(idf_component_register)
  cmake_parse_arguments(IDF "" "" "SRCS;INCLUDE_DIRS;PRIV_INCLUDE_DIRS;REQUIRES;PRIV_REQUIRES;EMBED_TXTFILES"
    ${ARGN})
  if(IDF_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "idf_component_register: not known here: ${IDF_UNPARSED_ARGUMENTS}")
  endif()
  get_filename_component(COMPONENT_LIB ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  if(COMPONENT_LIB STREQUAL "main")
    get_filename_component(COMPONENT_LIB ${CMAKE_CURRENT_SOURCE_DIR}/.. ABSOLUTE)
    get_filename_component(COMPONENT_LIB ${COMPONENT_LIB} NAME)
  endif()
  add_library(${COMPONENT_LIB} STATIC ${IDF_SRCS})
  target_include_directories(${COMPONENT_LIB} PUBLIC ${IDF_INCLUDE_DIRS} PRIVATE ${IDF_PRIV_INCLUDE_DIRS})
  target_link_libraries(${COMPONENT_LIB} PUBLIC sdkconfig PRIVATE idf_component_options)
  foreach(kind REQUIRES PRIV_REQUIRES)
    set(visibility PRIVATE)
    if(kind STREQUAL "REQUIRES")
      set(visibility PUBLIC)
    endif()
    foreach(requirement ${IDF_${kind}})
      if(requirement IN_LIST FUOTA_COMPONENTS)
        target_link_libraries(${COMPONENT_LIB} ${visibility} ${requirement})
      elseif(NOT requirement STREQUAL "jsmn")
        target_link_libraries(${COMPONENT_LIB} ${visibility} esp_idf_headers)
      endif()
    endforeach()
  endforeach()
  foreach(file ${IDF_EMBED_TXTFILES})
    fuota_embed_text(${COMPONENT_LIB} ${file})
  endforeach()
endmacro()

# Embeds a text file and a NUL behind it as _binary_<name>_start and _end, as ESP-IDF's
# target_add_binary_data does. A file that is not there is an empty text: a virtual device is
# provisioned with what it needs.
function(fuota_embed_text target file)
  get_filename_component(path ${file} ABSOLUTE)
  get_filename_component(name ${file} NAME)
  string(MAKE_C_IDENTIFIER ${name} symbol)
  set(assembly ${CMAKE_CURRENT_BINARY_DIR}/${name}.S)
  set(contents "")
  if(EXISTS ${path})
    set(contents ".incbin \"${path}\"\n")
    set_source_files_properties(${assembly} PROPERTIES OBJECT_DEPENDS ${path})
  endif()
  file(WRITE ${assembly}.new ".section .rodata\n.global _binary_${symbol}_start\n_binary_${symbol}_start:\n${contents}.byte 0\n.global _binary_${symbol}_end\n_binary_${symbol}_end:\n.section .note.GNU-stack,\"\",%progbits\n")
  configure_file(${assembly}.new ${assembly} COPYONLY)
  target_sources(${target} PRIVATE ${assembly})
endfunction()
