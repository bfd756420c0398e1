#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

#include "fuota_b/release_policy.hpp"
#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/manifest.hpp"
#include "fuota_protocol/root_trust.hpp"
#include "offered_release.hpp"
#include "request_url.hpp"
#include "slot_writer.hpp"
#include "update_subject.hpp"

namespace fuota::update {

/// What a check and a download need, allocated in one piece for as long as they last.
struct Workspace {
  explicit Workspace(const esp_partition_t* slot) : writer(slot) {}

  char url[kUrlBytesMax];
  char file_name[protocol::kFileNameBytesMax + 1];
  /// Of the offer, which lies in the writer's sector: it is judged before an image comes there.
  std::size_t offer_bytes;
  ReleasePolicy trusted;        ///< the keys of the newest root document
  ReleasePolicy successor;      ///< those of the next one, while it is taken
  protocol::RootDecision root;  ///< about that one
  DeviceFacts facts;
  OfferScratch scratch;  ///< for whatever JSON is read
  protocol::Manifest release;
  UpdateSubject update;
  SlotWriter writer;
};
static_assert(sizeof(Workspace) <= 12 * 1024, "what the component takes of the heap");

struct DestroyWorkspace {
  void operator()(Workspace* work) const {
    work->~Workspace();
    std::free(work);
  }
};
using WorkspacePointer = std::unique_ptr<Workspace, DestroyWorkspace>;

/// Empty when there is no memory. Not by operator new: without exceptions, even the nothrow form
/// ends in abort() on newer toolchains (cxx/cxx_exception_stubs.cpp).
inline WorkspacePointer make_workspace(const esp_partition_t* slot) {
  void* memory = std::malloc(sizeof(Workspace));
  return WorkspacePointer(memory == nullptr ? nullptr : ::new (memory) Workspace(slot));
}

}  // namespace fuota::update
