#include "server/app/secret_input.hpp"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <optional>

#include "server/api/account_name.hpp"
#include "server/api/password_hash.hpp"

namespace fuota::server::app {
namespace {

/// Shows nothing of what is typed, as long as it lives.
class HiddenInput {
 public:
  HiddenInput() {
    if (::tcgetattr(STDIN_FILENO, &shown_) != 0) return;
    termios hidden = shown_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
  }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;
  ~HiddenInput() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_);
  }

 private:
  termios shown_{};
  bool changed_ = false;
};

/// A line of standard input without its end; nothing when there is none, or it is far too long.
/// Read byte by byte, so that what follows stays for others.
std::optional<std::string> read_line() {
  constexpr std::size_t kLineBytesMax = 1024;
  std::string line;
  for (;;) {
    char byte = '\0';
    const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 || (count == 0 && line.empty())) return std::nullopt;
    if (count == 0 || byte == '\n') break;
    if (line.size() == kLineBytesMax) return std::nullopt;
    line += byte;
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

std::optional<std::string> ask(const char* prompt) {
  std::cerr << prompt << std::flush;
  const HiddenInput hidden;
  auto line = read_line();
  std::cerr << "\n";
  return line;
}

}  // namespace

Result<std::string> read_new_password() {
  const bool terminal = ::isatty(STDIN_FILENO) != 0;
  const auto password = terminal ? ask("New password: ") : read_line();
  if (!password)
    return StartFailure{"there is no password: type one, or give it on standard input"};
  if (!api::is_acceptable_password(*password)) {
    return StartFailure{"the password can't be one: use " + std::string(api::password_rule())};
  }
  if (terminal && ask("Once more: ") != password) {
    return StartFailure{"the two are not the same: try again"};
  }
  // Said plainly, since a failure could be made of a text, too.
  return Result<std::string>(boost::system::in_place_value, *password);
}

}  // namespace fuota::server::app
