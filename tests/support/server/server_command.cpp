#include "tests/support/server/server_command.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace test_support {
namespace {

constexpr mode_t kMode = 0600;

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

CommandOutcome run_server_command(const std::filesystem::path& folder,
                                  std::vector<std::string> arguments, const std::string& input) {
  const std::filesystem::path in = folder / "command.in";
  const std::filesystem::path out = folder / "command.out";
  const std::filesystem::path error = folder / "command.err";
  std::ofstream(in, std::ios::binary) << input;
  arguments.insert(arguments.begin(), FUOTA_SERVER_PROGRAM);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
  constexpr int kNew = O_WRONLY | O_CREAT | O_TRUNC;
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), kNew, kMode);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, error.c_str(), kNew, kMode);
  pid_t pid = -1;
  const int failed =
      ::posix_spawn(&pid, FUOTA_SERVER_PROGRAM, &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("posix_spawn " FUOTA_SERVER_PROGRAM);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  CommandOutcome outcome;
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  outcome.out = content_of(out);
  outcome.error = content_of(error);
  return outcome;
}

}  // namespace test_support
