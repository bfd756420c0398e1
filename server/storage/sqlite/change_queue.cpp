#include "server/storage/sqlite/change_queue.hpp"

#include <algorithm>
#include <iterator>

namespace fuota::server::storage {

void ChangeQueue::push(std::unique_ptr<Pending> change) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(change));
  if (scheduled_) return;
  boost::asio::post(thread_, [this] { run_batch(); });
  scheduled_ = true;
}

ChangeQueue::Batch ChangeQueue::take() {
  const std::lock_guard lock(mutex_);
  const auto count =
      static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kChangesPerTransactionMax));
  Batch batch(std::make_move_iterator(waiting_.begin()),
              std::make_move_iterator(waiting_.begin() + count));
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  scheduled_ = !waiting_.empty();
  // In turn with what else the thread has to do.
  if (scheduled_) boost::asio::post(thread_, [this] { run_batch(); });
  return batch;
}

void ChangeQueue::run_batch() {
  const Batch batch = take();
  std::vector<Result<void>> outcomes;
  outcomes.reserve(batch.size());
  const auto begun = writer_.begin(batch.size() == 1 ? Changes::one : Changes::many);
  for (const auto& change : batch) outcomes.push_back(begun ? change->run() : begun);
  auto committed = begun ? writer_.commit() : begun;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const bool made = outcomes[i].has_value();
    batch[i]->complete(made ? committed : outcomes[i]);
  }
}

}  // namespace fuota::server::storage
