# Runs inside `cmake --install`: installs the systemd unit, which names paths of this installation,
# and the configuration file, which is left alone where there is one already.
#
# Needs fuota_packaging and fuota_scratch (folders), fuota_bindir and fuota_sysconfdir (as given to
# GNUInstallDirs).
set(bindir ${fuota_bindir})
set(sysconfdir ${fuota_sysconfdir})
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr" AND sysconfdir STREQUAL "etc")
  set(sysconfdir "/etc")
endif()
cmake_path(ABSOLUTE_PATH bindir BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}")
cmake_path(ABSOLUTE_PATH sysconfdir BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}")

# A folder of its own: two installations may run at the same time.
string(RANDOM LENGTH 16 unique)
set(fuota_scratch ${fuota_scratch}/install-${unique})

configure_file(${fuota_packaging}/systemd/fuota-server.service.in
  ${fuota_scratch}/fuota-server.service @ONLY)
file(INSTALL DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/systemd/system" TYPE FILE
  FILES ${fuota_scratch}/fuota-server.service)

if(NOT EXISTS "$ENV{DESTDIR}${sysconfdir}/fuota/fuota-server.conf")
  configure_file(${fuota_packaging}/systemd/fuota-server.conf.in
    ${fuota_scratch}/fuota-server.conf @ONLY)
  file(INSTALL DESTINATION "${sysconfdir}/fuota" TYPE FILE
    FILES ${fuota_scratch}/fuota-server.conf)
endif()

file(REMOVE_RECURSE ${fuota_scratch})
