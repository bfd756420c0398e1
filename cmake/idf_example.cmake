# fuota_add_example(<folder>): builds the example of a component for the host, from the main/ that
# ESP-IDF builds, and links it to the firmware firmware_<name of the folder>. Its configuration is
# that of its own menu and its own sdkconfig.defaults, with the components' menus beside it.
function(fuota_add_example folder)
  get_filename_component(name ${folder} NAME)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${name}_config)
  set(menus ${folder}/main/Kconfig.projbuild)
  foreach(component ${FUOTA_COMPONENTS})
    list(APPEND menus ${PROJECT_SOURCE_DIR}/components/${component}/Kconfig)
  endforeach()
  set(sources "")
  foreach(menu ${menus})
    if(EXISTS ${menu})
      string(APPEND sources "source \"${menu}\"\n")
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${menu})
    endif()
  endforeach()
  file(WRITE ${generated}/Kconfig "${sources}")
  execute_process(COMMAND ${CMAKE_COMMAND} -E env
    KCONFIG_CONFIG=${folder}/sdkconfig.defaults ${FUOTA_KCONFIG_PYTHON} -m genconfig
    --header-path ${generated}/sdkconfig.h ${generated}/Kconfig
    COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)

  add_subdirectory(${folder}/main ${CMAKE_CURRENT_BINARY_DIR}/${name})
  # Before the configuration of the sample application, which the components bring along.
  target_include_directories(${name} BEFORE PRIVATE ${generated})
  fuota_add_firmware(firmware_${name} ${name} ${FUOTA_COMPONENTS})
endfunction()
