// The requests of the original device, byte for byte: ESP-IDF v4.4's esp_http_client sends its
// fields in the order in which they were set (User-Agent, Host, Authorization, Content-Length), in
// HTTP/1.1, and the original opens a new connection for each request.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "tests/integration/server/server_fixture.hpp"

namespace fuota::server {
namespace {

using test_support::ClientOptions;
using test_support::HttpReader;
using test_support::HttpResponse;
using test_support::TlsClient;

// base64 of "server_username:server_password", as the original's README shows it.
constexpr char kAuthorization[] = "Basic c2VydmVyX3VzZXJuYW1lOnNlcnZlcl9wYXNzd29yZA==";

std::string request(const std::string& target) {
  return "GET " + target +
         " HTTP/1.1\r\n"
         "User-Agent: ESP32 HTTP Client/1.0\r\n"
         "Host: 192.168.1.41:50000\r\n"
         "Authorization: " +
         kAuthorization +
         "\r\n"
         "Content-Length: 0\r\n"
         "\r\n";
}

class OriginalDevice : public ServerTest {
 protected:
  void SetUp() override {
    start();
    ASSERT_EQ(put_file("esp32-fuota.bin.0.1.1", firmware_), 200);
    ASSERT_EQ(put_device("00001", "0.1.0", "esp32-fuota.bin.0.1.1"), 200);
  }

  /// Sends bytes on a new connection of TLS 1.2, which is what the original's mbedTLS speaks.
  [[nodiscard]] HttpResponse ask(const std::string& bytes) const {
    ClientOptions options = server_->client();
    options.tls_version_max = TLS1_2_VERSION;
    TlsClient tls(options);
    tls.send(bytes);
    return HttpReader(tls).receive();
  }

  const std::string firmware_ = std::string(816'384, '\xe9');
};

TEST_F(OriginalDevice, GetsItsUpdate) {
  const HttpResponse offer = ask(request("/devices/00001?app_ver=0.1.0"));
  EXPECT_EQ(offer.status, 200);
  EXPECT_EQ(offer.field("content-length"), "21");
  EXPECT_EQ(offer.body, "esp32-fuota.bin.0.1.1");
  const HttpResponse download = ask(request("/files/" + offer.body));
  EXPECT_EQ(download.status, 200);
  EXPECT_TRUE(download.body == firmware_);
}

TEST_F(OriginalDevice, GetsNothingOnceItIsUpdated) {
  EXPECT_EQ(ask(request("/devices/00001?app_ver=0.1.1")).status, 204);
}

TEST_F(OriginalDevice, IsToldThatItIsNotKnown) {
  EXPECT_EQ(ask(request("/devices/00002?app_ver=0.1.0")).status, 404);
}

TEST_F(OriginalDevice, IsServedWhenItsHeaderComesInSeveralPieces) {
  // esp_http_client writes what doesn't fit its buffer of 512 bytes in several pieces.
  const std::string bytes = request("/devices/00001?app_ver=0.1.0");
  TlsClient tls(server_->client());
  for (std::size_t at = 0; at < bytes.size(); at += 40) tls.send(bytes.substr(at, 40));
  EXPECT_EQ(HttpReader(tls).receive().body, "esp32-fuota.bin.0.1.1");
}

TEST_F(OriginalDevice, MayHangUpInTheMiddleOfADownload) {
  {
    TlsClient tls(server_->client());
    tls.send(request("/files/esp32-fuota.bin.0.1.1"));
    ASSERT_FALSE(tls.receive_some().empty());
    tls.reset();
  }
  EXPECT_TRUE(ask(request("/files/esp32-fuota.bin.0.1.1")).body == firmware_);
}

TEST_F(OriginalDevice, OfHttp10IsAnsweredInHttp10AndTheConnectionEnds) {
  TlsClient tls(server_->client());
  tls.send("GET /devices/00001?app_ver=0.1.0 HTTP/1.0\r\nAuthorization: " +
           std::string(kAuthorization) + "\r\n\r\n");
  HttpReader reader(tls);
  const HttpResponse response = reader.receive();
  EXPECT_EQ(response.version, "HTTP/1.0");
  EXPECT_EQ(response.body, "esp32-fuota.bin.0.1.1");
  EXPECT_EQ(tls.receive_some(), "");
  EXPECT_TRUE(tls.closed_cleanly());
}

TEST_F(OriginalDevice, OfHttp10GetsAFileWithALength) {
  const HttpResponse response = ask("GET /files/esp32-fuota.bin.0.1.1 HTTP/1.0\r\nAuthorization: " +
                                    std::string(kAuthorization) + "\r\n\r\n");
  EXPECT_EQ(response.field("content-length"), std::to_string(firmware_.size()));
  EXPECT_TRUE(response.body == firmware_);
}

TEST_F(OriginalDevice, OfHttp10MayUpload) {
  const HttpResponse response =
      ask("PUT /files/new.bin HTTP/1.0\r\nAuthorization: " + std::string(kAuthorization) +
          "\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nnew");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(get_file("new.bin"), "new");
}

}  // namespace
}  // namespace fuota::server
