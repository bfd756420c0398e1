#include <exception>
#include <iostream>

#include "cli/commands.hpp"

int main(int argc, char** argv) {
  try {
    return fuota::cli::run(argc, argv);
  } catch (const std::exception& exception) {
    std::cerr << "fuota: " << exception.what() << "\n";
    return fuota::cli::kFailed;
  }
}
