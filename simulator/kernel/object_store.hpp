#pragma once

#include <map>
#include <memory>
#include <utility>

namespace simulator::kernel {

/// What device code creates through a handle: a queue, a timer, an event group.
class KernelObject {
 public:
  KernelObject() = default;
  virtual ~KernelObject() = default;
  KernelObject(const KernelObject&) = delete;
  KernelObject& operator=(const KernelObject&) = delete;
};

/// Owns kernel objects from their creation to their deletion, or to the end of the session.
class ObjectStore {
 public:
  /// The returned object belongs to the store.
  template <typename Object, typename... Arguments>
  Object* create(Arguments&&... arguments) {
    auto object = std::make_unique<Object>(std::forward<Arguments>(arguments)...);
    Object* handle = object.get();
    objects_.emplace(handle, std::move(object));
    return handle;
  }

  /// False when the store does not own it, which on the chip is a double free.
  [[nodiscard]] bool destroy(const KernelObject* object) { return objects_.erase(object) == 1; }

 private:
  std::map<const KernelObject*, std::unique_ptr<KernelObject>> objects_;
};

}  // namespace simulator::kernel
