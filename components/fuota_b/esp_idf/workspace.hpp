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
#include "token_record.hpp"
#include "update_subject.hpp"

namespace fuota::update {

/// What a check and a download need, allocated in one piece for as long as they last.
struct Workspace {
  explicit Workspace(const esp_partition_t* slot) : writer(slot) {}

  // Small ones first: what lies beyond 2 KiB costs RISC-V two more instructions for each access.
  DeviceFacts facts;
  UpdateSubject update;
  protocol::Manifest release;
  ReleasePolicy trusted;                             ///< the keys of the newest root document
  TokenRecord token;                                 ///< with a fleet key
  char token_text[protocol::kDeviceTokenBytes + 1];  ///< the same, as the server knows it
  /// Of the offer, which lies in the writer's sector: it is judged before an image comes there.
  std::size_t offer_bytes;
  ReleasePolicy successor;  ///< the keys of the next root document, while it is taken
  char file_name[protocol::kFileNameBytesMax + 1];
  char url[kUrlBytesMax];
  protocol::RootDecision root;  ///< about the next root document
  SlotWriter writer;
  OfferScratch scratch;  ///< for whatever JSON is read
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
