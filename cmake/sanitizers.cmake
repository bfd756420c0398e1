# -DFUOTA_SANITIZE=ON builds everything with AddressSanitizer and UndefinedBehaviorSanitizer.
option(FUOTA_SANITIZE "Build with ASan and UBSan" OFF)
if(FUOTA_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer -O1)
  add_link_options(-fsanitize=address,undefined)
endif()
