#include "body.hpp"

#include <cstdint>

namespace fuota::update {

Code read_body(HttpConnection& connection, char* out, std::size_t capacity, std::size_t* length) {
  *length = 0;
  for (;;) {
    // One byte more tells whether a body that fills the room is over.
    char excess = 0;
    const bool is_full = *length == capacity;
    std::size_t bytes = 0;
    const auto result =
        connection.read(reinterpret_cast<std::uint8_t*>(is_full ? &excess : out + *length),
                        is_full ? sizeof excess : capacity - *length, &bytes);
    if (result == HttpConnection::ReadResult::lost) return connection.code_of_loss();
    if (result == HttpConnection::ReadResult::end) break;
    if (is_full) return Code::bad_answer;
    *length += bytes;
  }
  return *length > 0 ? Code::updated : Code::bad_answer;
}

}  // namespace fuota::update
