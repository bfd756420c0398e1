#pragma once

#include "fuota_b/update.hpp"

namespace fuota::update {

inline void report_alive(const Observer& observer) {
  if (observer.alive != nullptr) observer.alive(observer.context);
}

/// Announces a download as long as it lives.
class Announcement {
 public:
  explicit Announcement(const Observer& observer) : observer_(observer) {
    if (observer_.download_begins != nullptr) observer_.download_begins(observer_.context);
  }
  ~Announcement() {
    if (observer_.download_ended != nullptr) observer_.download_ended(observer_.context);
  }
  Announcement(const Announcement&) = delete;
  Announcement& operator=(const Announcement&) = delete;

 private:
  const Observer& observer_;
};

}  // namespace fuota::update
