#include "tests/support/server/server_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace test_support {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kEndPatience{60'000};
constexpr std::string_view kListening = "listening on https://";
constexpr std::string_view kAdmin = "metrics and health on https://";
constexpr char kAdminVariable[] = "FUOTA_ADMIN_LISTEN";

/// The port of the address behind `words`; 0 when they aren't there.
std::uint16_t port_behind(std::string_view words, const std::string& log) {
  const std::size_t at = log.find(words);
  if (at == std::string::npos) return 0;
  return static_cast<std::uint16_t>(std::stoi(log.substr(log.find(':', at + words.size()) + 1)));
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result(texts.size() + 1, nullptr);
  std::transform(texts.begin(), texts.end(), result.begin(),
                 [](std::string& text) { return text.data(); });
  return result;
}

/// The variables that the program itself or a sanitizer may need.
std::vector<std::string> inherited_environment() {
  std::vector<std::string> variables;
  for (const char* name : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TMPDIR"}) {
    if (const char* value = std::getenv(name)) variables.push_back(std::string(name) + "=" + value);
  }
  return variables;
}

/// Whether the child process ends in time; it is not reaped.
bool ends_within(pid_t pid, std::chrono::milliseconds patience) {
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (process < 0) throw std::runtime_error("pidfd_open");
  pollfd entry{process, POLLIN, 0};
  const auto until = std::chrono::steady_clock::now() + patience;
  int ready = -1;
  do {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    ready = ::poll(&entry, 1, static_cast<int>(std::max(left.count(), std::int64_t{0})));
  } while (ready < 0 && errno == EINTR);
  ::close(process);
  return ready > 0;
}

}  // namespace

ServerProcess::ServerProcess(const ServerOptions& options)
    : data_directory_(options.data_directory) {
  spawn(options);
  if (options.started) options.started(pid_);
  std::unique_lock lock(mutex_);
  const auto known = [this] {
    return log_ended_ || log_.find('\n', log_.find(kListening)) != std::string::npos;
  };
  if (!changed_.wait_for(lock, kPatience, known)) throw std::runtime_error("no server: " + log_);
  port_ = port_behind(kListening, log_);
  admin_port_ = port_behind(kAdmin, log_);
}

ServerProcess::~ServerProcess() {
  if (!ended_) {
    signal(SIGKILL);
    static_cast<void>(wait());
  }
  reader_.join();
}

void ServerProcess::spawn(const ServerOptions& options) {
  std::vector<std::string> arguments;
  if (!options.limits.empty()) {
    arguments = {"/bin/sh", "-c", options.limits + " && exec \"$0\" \"$@\""};
  }
  arguments.insert(arguments.end(),
                   {FUOTA_SERVER_PROGRAM, "--data-dir", options.data_directory.string()});
  if (options.default_listen) {
    arguments.insert(arguments.end(), {"--listen", "127.0.0.1:0"});
  }
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  std::vector<std::string> environment = inherited_environment();
  for (const auto& [name, value] : options.environment) {
    environment.push_back(name);
    environment.back().append("=").append(value);
  }

  if (!options.environment.contains(kAdminVariable)) {
    environment.push_back(std::string(kAdminVariable) + "=off");
  }

  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe[1], STDERR_FILENO);
  const int failed = ::posix_spawn(&pid_, arguments.front().c_str(), &actions, nullptr,
                                   pointers(arguments).data(), pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  if (failed != 0) {
    ::close(pipe[0]);
    throw std::runtime_error("posix_spawn " FUOTA_SERVER_PROGRAM);
  }
  reader_ = std::thread([this, fd = pipe[0]] { read_log(fd); });
}

void ServerProcess::read_log(int fd) {
  std::array<char, 4096> bytes;
  for (;;) {
    const ssize_t count = ::read(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    const std::lock_guard lock(mutex_);
    if (count > 0) log_.append(bytes.data(), static_cast<std::size_t>(count));
    if (count <= 0) log_ended_ = true;
    changed_.notify_all();
    if (count <= 0) break;
  }
  ::close(fd);
}

std::filesystem::path ServerProcess::certificate() const {
  return data_directory_ / "ca_cert.pem";
}

ClientOptions ServerProcess::client() const {
  ClientOptions options;
  options.port = port_;
  options.certificate = certificate();
  return options;
}

HttpResponse ServerProcess::exchange(const HttpRequest& request) const {
  TlsClient client(this->client());
  client.send(to_text(request));
  HttpReader reader(client);
  return reader.receive(request.method == "HEAD");
}

HttpResponse ServerProcess::ask_admin(const std::string& target) const {
  ClientOptions options = client();
  options.port = admin_port_;
  TlsClient client(options);
  client.send("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  return HttpReader(client).receive();
}

std::string ServerProcess::to_text(const HttpRequest& request) {
  const std::string authorization =
      request.authorization.value_or(basic_authorization(kUsername, kPassword));
  std::string text = request.method + " " + request.target +
                     " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n";
  if (!authorization.empty()) text += "Authorization: " + authorization + "\r\n";
  for (const std::string& field : request.fields) text += field + "\r\n";
  if (request.method == "PUT" || !request.body.empty()) {
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return text + "\r\n" + request.body;
}

void ServerProcess::signal(int number) const {
  ::kill(pid_, number);
}

int ServerProcess::wait() {
  if (!ended_) {
    if (!ends_within(pid_, kEndPatience)) signal(SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    ended_ = true;
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  return status_;
}

std::string ServerProcess::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

bool ServerProcess::wait_for_log(std::string_view text) const {
  std::unique_lock lock(mutex_);
  const auto there = [&] { return log_.find(text) != std::string::npos; };
  changed_.wait_for(lock, kPatience, [&] { return log_ended_ || there(); });
  return there();
}

}  // namespace test_support
