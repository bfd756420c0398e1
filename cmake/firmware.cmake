# fuota_add_firmware(<target> <library>…): links libraries of device code to one object, as the
# simulated chip runs it. Three things are different from an ordinary library:
#
# - Its variables lie in one section, firmware_ram, whose ends the linker names
#   (__start_firmware_ram, __stop_firmware_ram), so that each boot can begin with the memory as the
#   program was loaded (simulator/chip/firmware_memory.hpp).
# - It takes heap memory from the chip (simulator/chip/device_heap.hpp), so that what a power cut
#   leaves behind is freed with the session, and what the firmware uses can be counted.
#   Destructors of its static objects don't run at the end of the host's program.
# - A task that finds a static object being initialised by another one waits for it
#   (simulator/chip/device_statics.cpp): the host would take both for one thread.
function(fuota_add_firmware target)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${target}.o)
  set(redirections "")
  foreach(redirection malloc calloc realloc free _Znwm _Znam _ZdlPv _ZdlPvm _ZdaPv _ZdaPvm
      _ZnwmRKSt9nothrow_t _ZnamRKSt9nothrow_t _ZdlPvRKSt9nothrow_t _ZdaPvRKSt9nothrow_t
      __cxa_atexit)
    list(APPEND redirections --redefine-sym ${redirection}=device_heap_${redirection})
  endforeach()
  foreach(redirection __cxa_guard_acquire __cxa_guard_release)
    list(APPEND redirections --redefine-sym ${redirection}=device_static_${redirection})
  endforeach()
  set(archives "")
  foreach(library ${ARGN})
    list(APPEND archives $<TARGET_FILE:${library}>)
  endforeach()
  add_custom_command(OUTPUT ${object}
    COMMAND ${CMAKE_LINKER} -r --force-group-allocation -z noexecstack
      -T ${PROJECT_SOURCE_DIR}/cmake/firmware_ram.ld
      --whole-archive ${archives} -o ${object}
    COMMAND ${CMAKE_OBJCOPY} ${redirections} ${object}
    DEPENDS ${ARGN} ${archives} ${PROJECT_SOURCE_DIR}/cmake/firmware_ram.ld
    COMMENT "Linking firmware ${target}"
    VERBATIM)
  add_custom_target(${target}_object DEPENDS ${object})
  add_library(${target} OBJECT IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES IMPORTED_OBJECTS ${object})
  add_dependencies(${target} ${target}_object)
endfunction()
