// What the client does with a response: http-parser's callbacks, and reading.

#include <algorithm>
#include <cstring>

#include "esp_log.h"
#include "simulator/kernel/misuse.hpp"
#include "simulator/net/http_client.hpp"
#include "simulator/net/http_stack.hpp"
#include "simulator/net/ignoring_case.hpp"

namespace simulator::net {

namespace {

constexpr char kTag[] = "HTTP_CLIENT";

// v6.0 inserts an event for the status and one for the end of the headers into the middle of the
// enumeration, with which an application is compiled there. To one that is compiled with the header
// of the simulator both must be what it doesn't know: the only value that this enumeration can hold
// beside its own.
constexpr auto kUnknownEvent = static_cast<esp_http_client_event_id_t>(7);

}  // namespace

Io HttpClient::receive(std::size_t size) {
  const Io io =
      transport_->read(receive_buffer_.data(), std::min(size, receive_size_), timeout_ms_);
  capture_read(io);
  return io;
}

void HttpClient::parse(std::size_t size) {
  http_parser_execute(&parser_, &callbacks(), receive_buffer_.data(), size);
}

std::int64_t HttpClient::fetch_headers() {
  if (state_ < State::headers_sent) return ESP_FAIL;
  state_ = State::request_sent;
  response_.status_code = -1;
  while (state_ < State::headers_read) {
    const Io io = receive(receive_size_);
    if (io.status == Io::Status::timeout) {
      if (stack_.behaviour().fetch_timeout_is_failure) return ESP_FAIL;
      ESP_LOGW(kTag, "Connection timed out before data was ready!");
      return -ESP_ERR_HTTP_EAGAIN;
    }
    if (io.status != Io::Status::done) {
      log_read_failure(io);
      return ESP_FAIL;
    }
    parse(io.bytes);
  }
  state_ = State::body;
  if (response_.content_length > 0) return response_.content_length;
  response_.chunked = true;
  return 0;
}

int HttpClient::read(char* buffer, int size) {
  int read = static_cast<int>(cache_.take(buffer, static_cast<std::size_t>(size)));
  while (read < size) {
    const bool more =
        response_.chunked ? !response_.complete : response_.processed < response_.content_length;
    if (!more) break;
    const Io io = receive(static_cast<std::size_t>(size - read));
    if (io.status != Io::Status::done) return end_of_read(io, read);
    destination_ = buffer + read;
    parse(io.bytes);
    read = static_cast<int>(destination_ - buffer);
    destination_ = nullptr;
    cache_.forget_count();
  }
  return read;
}

int HttpClient::end_of_read(const Io& io, int read_before) {
  if (io.status == Io::Status::timeout) {
    if (read_before > 0 || stack_.behaviour().read_timeout_returns_zero) return read_before;
    return -ESP_ERR_HTTP_EAGAIN;
  }
  // The end of the stream is the end of a body without a length.
  if (io.status == Io::Status::closed && response_.chunked) parse(0);
  if (io.status == Io::Status::failed) log_read_failure(io);
  if (read_before == 0 && !is_complete_data_received()) {
    emit(HTTP_EVENT_ERROR, error_handle());
    return ESP_FAIL;
  }
  return read_before;
}

int HttpClient::read_response(char* buffer, int size) {
  int total = 0;
  while (total < size) {
    const int count = read(buffer + total, size - total);
    if (count <= 0) break;
    total += count;
  }
  return total;
}

int HttpClient::receive_data() {
  if (state_ < State::body) return ESP_FAIL;
  if (method_ == HTTP_METHOD_HEAD) {
    kernel::misuse("esp_http_client_flush_response", "a HEAD has no body: it never returns");
  }
  const Io io = receive(receive_size_);
  if (io.status == Io::Status::failed || io.status == Io::Status::closed) return ESP_FAIL;
  parse(io.bytes);
  return static_cast<int>(io.bytes);
}

esp_err_t HttpClient::flush_response(int* size) {
  int total = 0;
  while (!is_complete_data_received()) {
    const int count = receive_data();
    if (count < 0) return ESP_FAIL;
    total += count;
  }
  if (size != nullptr) *size = total;
  return ESP_OK;
}

bool HttpClient::is_complete_data_received() const {
  return response_.chunked ? response_.complete : response_.processed == response_.content_length;
}

// http-parser's callbacks.

HttpClient& HttpClient::self(http_parser* parser) {
  return *static_cast<HttpClient*>(parser->data);
}

const http_parser_settings& HttpClient::callbacks() {
  static const http_parser_settings settings = [] {
    http_parser_settings made;
    http_parser_settings_init(&made);
    made.on_message_begin = [](http_parser* parser) {
      self(parser).response_.chunked = false;
      self(parser).response_.complete = false;
      return 0;
    };
    made.on_header_field = [](http_parser* parser, const char* at, std::size_t size) {
      self(parser).on_header_name({at, size});
      return 0;
    };
    made.on_header_value = [](http_parser* parser, const char* at, std::size_t size) {
      self(parser).on_header_value({at, size});
      return 0;
    };
    made.on_status = [](http_parser* parser, const char*, std::size_t) {
      self(parser).on_status();
      return 0;
    };
    made.on_headers_complete = [](http_parser* parser) {
      return self(parser).on_headers_complete();
    };
    made.on_body = [](http_parser* parser, const char* at, std::size_t size) {
      self(parser).on_body(at, size);
      return 0;
    };
    made.on_message_complete = [](http_parser* parser) {
      self(parser).response_.complete = true;
      return 0;
    };
    return made;
  }();
  return settings;
}

void HttpClient::emit_header() {
  if (!response_.has_header || !response_.has_value) return;
  response_.has_header = false;
  response_.has_value = false;
  event_.header_key = response_.header_name.data();
  event_.header_value = response_.header_value.data();
  emit(HTTP_EVENT_ON_HEADER);
  response_.header_name.clear();
  response_.header_value.clear();
}

void HttpClient::on_header_name(std::string_view part) {
  emit_header();
  response_.has_header = true;
  response_.header_name.append(part);
}

void HttpClient::on_header_value(std::string_view part) {
  if (!response_.has_header) return;
  const std::string_view name = response_.header_name;
  if (equals_ignoring_case(name, "Location")) {
    response_.location.append(part);
  } else if (equals_ignoring_case(name, "Transfer-Encoding") &&
             std::string_view("chunked").starts_with(part)) {
    response_.chunked = true;
  } else if (equals_ignoring_case(name, "WWW-Authenticate")) {
    response_.www_authenticate.append(part);
  }
  response_.has_value = true;
  response_.header_value.append(part);
}

void HttpClient::on_status() {
  if (!stack_.behaviour().has_status_events) return;
  response_.status_code = parser_.status_code;
  emit(kUnknownEvent, &response_.status_code, sizeof response_.status_code);
}

int HttpClient::on_headers_complete() {
  emit_header();
  response_.status_code = parser_.status_code;
  // Without a Content-Length http-parser says ULLONG_MAX, which is -1 here, as on the chip.
  response_.content_length = static_cast<std::int64_t>(parser_.content_length);
  response_.processed = 0;
  state_ = State::headers_read;
  if (stack_.behaviour().has_status_events) emit(kUnknownEvent);
  return method_ == HTTP_METHOD_HEAD ? 1 : 0;  // 1: there is no body
}

void HttpClient::on_body(const char* data, std::size_t size) {
  if (destination_ != nullptr) {
    std::memcpy(destination_, data, size);
    destination_ += size;
  } else if (state_ < State::body) {
    cache_.keep({data, size});
  }
  cache_.count(size);
  response_.processed += static_cast<std::int64_t>(size);
  emit(HTTP_EVENT_ON_DATA, const_cast<char*>(data), size);
}

}  // namespace simulator::net
