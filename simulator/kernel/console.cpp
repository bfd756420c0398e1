#include "simulator/kernel/console.hpp"

#include <cstdio>
#include <utility>

#include "simulator/kernel/misuse.hpp"

namespace simulator::kernel {

namespace {

Console* current_console = nullptr;

void print_line(std::string_view line) {
  std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
  std::fflush(stdout);
}

}  // namespace

Console::Console(LineSink sink) : sink_(sink ? std::move(sink) : print_line) {
  if (current_console != nullptr) misuse("Console", "another console is alive");
  current_console = this;
}

Console::~Console() {
  if (!line_.empty()) sink_(line_);
  current_console = nullptr;
}

Console& Console::current() {
  if (current_console == nullptr) misuse("Console::current", "no session is alive");
  return *current_console;
}

Console* Console::current_or_null() {
  return current_console;
}

void Console::write(std::string_view text) {
  while (true) {
    const std::size_t end = text.find('\n');
    line_.append(text.substr(0, end));
    if (end == std::string_view::npos) return;
    sink_(line_);
    line_.clear();
    text.remove_prefix(end + 1);
  }
}

}  // namespace simulator::kernel
