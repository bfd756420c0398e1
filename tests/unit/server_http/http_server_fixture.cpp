#include "tests/unit/server_http/http_server_fixture.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

#include "server/app/certificate.hpp"

namespace fuota::server::http {
namespace {

using boost::asio::awaitable;

constexpr std::chrono::seconds kPatience{20};

class Pieces final : public BodyPieces {
 public:
  explicit Pieces(bool broken) : broken_(broken) {}

  awaitable<std::optional<std::string>> next() override {
    static constexpr std::array<const char*, 4> kPieces{"one,", "two,", "three", ""};
    if (broken_ && next_ == 1) co_return std::nullopt;
    co_return kPieces[next_++];
  }

 private:
  bool broken_;
  std::size_t next_ = 0;
};

BodyFile file_of(const std::string& content) {
  const int fd = ::memfd_create("file", MFD_CLOEXEC);
  if (::write(fd, content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
    throw std::runtime_error("memfd");
  }
  return BodyFile(fd, content.size(), "\"tag\"");
}

}  // namespace

awaitable<Handled> FakeHandler::handle(Request request) {
  Handled handled;
  handled.user = "somebody";
  handled.route = request.path == "/text" ? "/{}" : "";
  handled.response = co_await respond(std::move(request));
  co_return handled;
}

awaitable<Response> FakeHandler::respond(Request request) {
  Response response;
  if (request.path == "/text") {
    response.body = std::string("hello");
  } else if (request.path == "/peer") {
    response.body = std::string(request.peer_address);
  } else if (request.path == "/name") {
    response.body = std::string(request.client_name);
  } else if (request.path == "/file") {
    response.body = file_of(file_content());
  } else if (request.path == "/pieces" || request.path == "/broken") {
    response.body = std::make_unique<Pieces>(request.path == "/broken");
  } else if (request.path == "/ignore") {
    response.body = std::string("ignored");
  } else if (request.path == "/echo") {
    co_return co_await echo(std::move(request));
  } else {
    throw std::runtime_error("thrown by the handler");
  }
  co_return response;
}

awaitable<Response> FakeHandler::echo(Request request) {
  Response response;
  if (!request.body->limit(100'000)) co_return text_response(413, "too long");
  std::string text;
  std::array<char, 1000> piece{};
  BodyRead step = co_await request.body->read(piece);
  while (step.status == BodyStatus::data) {
    text.append(piece.data(), step.bytes);
    step = co_await request.body->read(piece);
  }
  last_body_end_ = step.status;
  response.body = std::move(text);
  co_return response;
}

std::string FakeHandler::file_content() {
  std::string content(kFileBytes, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31 % 251);
  return content;
}

void FakeObserver::on_connection(ConnectionEvent event) {
  const std::lock_guard lock(mutex_);
  ++connection_events_[event];
  changed_.notify_all();
}

void FakeObserver::on_handshake(HandshakeOutcome outcome, std::chrono::microseconds duration) {
  const std::lock_guard lock(mutex_);
  if (duration.count() >= 0) handshakes_.push_back(outcome);
  changed_.notify_all();
}

bool FakeObserver::wait_for(ConnectionEvent event, int count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return connection_events_[event] >= count; });
}

int FakeObserver::count_of(ConnectionEvent event) {
  const std::lock_guard lock(mutex_);
  return connection_events_[event];
}

std::vector<HandshakeOutcome> FakeObserver::handshakes(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience, [&] { return handshakes_.size() >= count; });
  return handshakes_;
}

void FakeObserver::on_request(const AccessRecord& record) {
  const std::lock_guard lock(mutex_);
  records_.push_back(Recorded{std::string(record.method), std::string(record.target), record.status,
                              record.body_bytes, record.complete, std::string(record.user),
                              std::string(record.route), record.received_bytes});
  changed_.notify_all();
}

void FakeObserver::on_turn_end() {
  const std::lock_guard lock(mutex_);
  recorded_at_turn_end_ = records_.size();
  changed_.notify_all();
}

bool FakeObserver::wait_for_turn_end(std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return recorded_at_turn_end_ >= count; });
}

void FakeObserver::on_event(Severity, std::string_view what) {
  const std::lock_guard lock(mutex_);
  events_.append(what).append("\n");
  changed_.notify_all();
  if (thrown_at_.empty() || what.find(thrown_at_) == std::string_view::npos) return;
  thrown_at_.clear();
  throw std::bad_alloc();
}

void FakeObserver::throw_at_event(std::string text) {
  const std::lock_guard lock(mutex_);
  thrown_at_ = std::move(text);
}

std::vector<Recorded> FakeObserver::records(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience, [&] { return records_.size() >= count; });
  return records_;
}

bool FakeObserver::wait_for_event(std::string_view text) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience,
                           [&] { return events_.find(text) != std::string::npos; });
}

HttpServerTest::HttpServerTest() {
  std::signal(SIGPIPE, SIG_IGN);
  if (!app::provide_certificate(directory_.path(), {"127.0.0.1"})) {
    throw std::runtime_error("no certificate");
  }
  tls_files_.certificates = {{directory_.path() / "ca_cert.pem", directory_.path() / "ca_key.pem"}};
}

HttpServerTest::~HttpServerTest() {
  if (thread_.joinable()) stop(std::chrono::milliseconds(0));
}

void HttpServerTest::start(Limits limits, std::size_t threads) {
  tls_ = *TlsContext::create(tls_files_);
  ServerSettings settings;
  settings.listen = {listen_, 0};
  settings.threads = threads;
  settings.limits = limits;
  server_ = std::move(*Server::create(settings, *tls_, handler_, observer_));
  thread_ = std::thread([this] { server_->run(); });
}

void HttpServerTest::stop(std::chrono::milliseconds grace) {
  server_->stop(grace);
  thread_.join();
}

test_support::ClientOptions HttpServerTest::client() const {
  test_support::ClientOptions options;
  options.port = server_->address().port();
  options.certificate = directory_.path() / "ca_cert.pem";
  return options;
}

test_support::HttpResponse HttpServerTest::exchange(const std::string& request_line,
                                                    const std::string& fields,
                                                    const std::string& body) const {
  test_support::TlsClient tls(client());
  tls.send(request(request_line, fields, body));
  test_support::HttpReader reader(tls);
  return reader.receive(request_line.starts_with("HEAD"));
}

std::string HttpServerTest::request(const std::string& request_line, const std::string& fields,
                                    const std::string& body) {
  return request_line + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + body;
}

}  // namespace fuota::server::http
