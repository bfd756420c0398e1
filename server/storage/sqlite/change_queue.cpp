#include "server/storage/sqlite/change_queue.hpp"

#include <algorithm>
#include <iterator>

namespace fuota::server::storage {

ChangeQueue::~ChangeQueue() {
  waiting_.clear_and_dispose(std::default_delete<Pending>());
}

void ChangeQueue::push(std::unique_ptr<Pending> change) noexcept {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(*change.release());
  if (scheduled_) return;
  scheduled_ = true;
  schedule();
}

void ChangeQueue::schedule() noexcept {
  offload::post_in(room_, thread_.get_executor(), [this] { run_batch(); });
}

ChangeQueue::Batch ChangeQueue::take() noexcept {
  const std::lock_guard lock(mutex_);
  Batch batch;
  const std::size_t count = std::min(waiting_.size(), kChangesPerTransactionMax);
  auto last = waiting_.before_begin();
  std::advance(last, count);
  batch.splice_after(batch.before_begin(), waiting_, waiting_.before_begin(), last, count);
  scheduled_ = !waiting_.empty();
  // In turn with what else the thread has to do.
  if (scheduled_) schedule();
  return batch;
}

void ChangeQueue::run_batch() noexcept {
  Batch batch = take();
  auto begun = writer_.begin(batch.size() == 1 ? Changes::one : Changes::many);
  if (begun) {
    for (Pending& change : batch) change.outcome = change.errand->run();
  }
  const auto committed = begun ? writer_.commit() : std::move(begun);
  batch.clear_and_dispose([&committed](Pending* disposed) {
    const std::unique_ptr<Pending> change(disposed);
    Result<void> outcome = change->outcome ? copy_of(committed) : std::move(change->outcome);
    offload::Errand<Result<void>>::finish(std::move(change->errand), std::move(outcome));
  });
}

}  // namespace fuota::server::storage
