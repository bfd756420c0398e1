# fuota_harden(): compiles and links the targets of the calling directory, and of those below it, so
# that an error of memory is likely to end the program instead of obeying an attacker. For programs
# that read what strangers send. What each flag is for, and what it costs, is in
# docs/security.md; tests/integration/packaging/hardening_test.py reads them off the built programs.
include(CheckPIESupported)
check_pie_supported()

set(FUOTA_HARDENING_COMPILE_OPTIONS
  -fstack-protector-strong -fstack-clash-protection -fcf-protection=full)
# The sanitizers see more than these checks do, and don't see what these redirect. Without
# optimisation, _FORTIFY_SOURCE checks nothing and warns.
if(NOT FUOTA_SANITIZE)
  list(APPEND FUOTA_HARDENING_COMPILE_OPTIONS -D_GLIBCXX_ASSERTIONS
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
endif()
set(FUOTA_HARDENING_LINK_OPTIONS -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)

macro(fuota_harden)
  add_compile_options(${FUOTA_HARDENING_COMPILE_OPTIONS})
  add_link_options(${FUOTA_HARDENING_LINK_OPTIONS})
endmacro()
