#include <exception>
#include <iostream>
#include <utility>
#include <variant>

#include "server/app/application.hpp"
#include "server/app/commands.hpp"
#include "server/app/configuration.hpp"

int main(int argc, char** argv) {
  using namespace fuota::server::app;
  try {
    if (const Command* command = find_command(commands(), argc, argv)) {
      return command->run(argc - 1, argv + 1);
    }
    auto configuration = read_configuration(argc, argv);
    if (const auto* exit = std::get_if<Exit>(&configuration)) return exit->status;
    return run_application(std::move(std::get<Configuration>(configuration)));
  } catch (const std::exception& exception) {
    std::cerr << "fuota-server: " << exception.what() << "\n";
    return 1;
  }
}
