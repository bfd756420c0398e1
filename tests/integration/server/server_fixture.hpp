#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/server/server_process.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server {

/// A test with a real server, started by the test.
class ServerTest : public testing::Test {
 protected:
  void start(const std::vector<std::string>& arguments = {}) {
    test_support::ServerOptions options;
    options.data_directory = directory_.path() / "data";
    options.arguments = arguments;
    options.arguments.insert(options.arguments.end(), {"--host", "127.0.0.1"});
    server_.reset();
    server_ = std::make_unique<test_support::ServerProcess>(options);
    ASSERT_NE(server_->port(), 0) << server_->log();
  }

  [[nodiscard]] test_support::HttpResponse exchange(
      const std::string& method, const std::string& target, const std::string& body = "",
      const std::vector<std::string>& fields = {}) const {
    test_support::HttpRequest request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.fields = fields;
    return server_->exchange(request);
  }

  [[nodiscard]] int put_file(const std::string& name, const std::string& content) const {
    return exchange("PUT", "/files/" + name, content).status;
  }

  [[nodiscard]] int put_device(const std::string& id, const std::string& version,
                               const std::string& file) const {
    return exchange("PUT", "/devices/" + id, "\"" + id + "\",\"" + version + "\",\"" + file + "\"")
        .status;
  }

  /// A file's content, or the status when there is none.
  [[nodiscard]] std::string get_file(const std::string& name) const {
    const auto response = exchange("GET", "/files/" + name);
    return response.status == 200 ? response.body : std::to_string(response.status);
  }

  [[nodiscard]] std::string get_devices() const { return exchange("GET", "/devices").body; }

  /// A connection to the server.
  [[nodiscard]] std::unique_ptr<test_support::TlsClient> tls_client() const {
    return std::make_unique<test_support::TlsClient>(server_->client());
  }

  /// The same without TLS.
  [[nodiscard]] std::unique_ptr<test_support::TlsClient> plain_client() const {
    test_support::ClientOptions options = server_->client();
    options.with_tls = false;
    return std::make_unique<test_support::TlsClient>(options);
  }

  test_support::TemporaryDirectory directory_;
  std::unique_ptr<test_support::ServerProcess> server_;
};

}  // namespace fuota::server
