#include <algorithm>
#include <cstdint>
#include <cstring>

#include "image_checker.hpp"
#include "tests/fuzz/expect.hpp"

using namespace fuota::update;

namespace {

/// Not a hash, but one that the fuzzer can meet: the sum of all bytes.
class Sum final : public Digest {
 public:
  bool update(const std::uint8_t* data, std::size_t bytes) override {
    for (std::size_t i = 0; i < bytes; ++i) sum_ = static_cast<std::uint8_t>(sum_ + data[i]);
    return true;
  }
  bool finish(std::uint8_t out[kSha256Bytes]) override {
    std::memset(out, sum_, kSha256Bytes);
    return true;
  }

 private:
  std::uint8_t sum_ = 0;
};

constexpr std::uint32_t kSlotBytes = 4096;

ImageError check(const std::uint8_t* data, std::size_t bytes, std::size_t piece, bool& whole) {
  Sum sum;
  ImageChecker checker(0, kSlotBytes, sum);
  ImageError error = ImageError::none;
  for (std::size_t at = 0; at < bytes && error == ImageError::none; at += piece) {
    error = checker.feed(data + at, std::min(piece, bytes - at));
  }
  whole = checker.is_whole();
  return checker.finish();
}

}  // namespace

/// How the stream is cut into pieces makes no difference, and nothing longer than the slot passes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  bool whole = false;
  const ImageError at_once = check(data, bytes, bytes + 1, whole);
  if (at_once == ImageError::none) {
    FUZZ_EXPECT(whole && bytes <= kSlotBytes);
  }
  for (const std::size_t piece : {1, 7, 16, 100}) {
    bool same = false;
    FUZZ_EXPECT(check(data, bytes, piece, same) == at_once);
  }
  return 0;
}
