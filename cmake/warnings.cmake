# Warnings are errors in our own builds; a packager turns that off with -DFUOTA_WERROR=OFF, since
# another compiler knows other warnings.
option(FUOTA_WERROR "Treat compiler warnings as errors" ON)

add_library(fuota_warnings INTERFACE)
target_compile_options(fuota_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual> $<$<BOOL:${FUOTA_WERROR}>:-Werror>)
