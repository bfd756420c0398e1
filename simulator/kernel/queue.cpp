#include "simulator/kernel/queue.hpp"

#include <cstring>
#include <utility>

#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/kernel/ticks.hpp"

using simulator::kernel::end_of_wait_us;
using simulator::kernel::HeapBlock;
using simulator::kernel::misuse;
using simulator::kernel::Scheduler;
using Kind = QueueDefinition::Kind;
using Position = QueueDefinition::Position;

QueueDefinition::QueueDefinition(Kind object_kind, std::size_t item_count_max,
                                 std::size_t bytes_per_item, HeapBlock heap_block)
    : kind(object_kind),
      length(item_count_max),
      item_bytes(bytes_per_item),
      memory_(std::move(heap_block)),
      storage_(item_count_max * bytes_per_item) {}

std::byte* QueueDefinition::item_at(std::size_t index) {
  return storage_.data() + (first_ + index) % length * item_bytes;
}

void QueueDefinition::put(const void* item, Position position) {
  std::size_t index = count;
  if (position == Position::front && count != 0) {
    first_ = (first_ + length - 1) % length;
    index = 0;
  } else if (full()) {
    index = count - 1;  // only a queue of one item is overwritten
  }
  if (item_bytes != 0) std::memcpy(item_at(index), item, item_bytes);
  if (!full()) ++count;
  Scheduler::current().wake_first(receivers);
}

void QueueDefinition::copy_first(void* item) const {
  if (item_bytes != 0) std::memcpy(item, storage_.data() + first_ * item_bytes, item_bytes);
}

void QueueDefinition::drop_first() {
  first_ = (first_ + 1) % length;
  --count;
  Scheduler::current().wake_first(senders);
}

void QueueDefinition::clear() {
  first_ = 0;
  count = 0;
  Scheduler::current().wake_first(senders);
}

namespace {

/// What FreeRTOS allocates for the control block (ESP32, ESP-IDF v5.5).
constexpr std::size_t kControlBlockBytes = 84;

void check(QueueHandle_t queue, const char* function) {
  if (queue == nullptr) misuse(function, "the handle is null");
}

Kind kind_of(std::uint8_t type, const char* function) {
  switch (type) {
    case queueQUEUE_TYPE_BASE:
      return Kind::queue;
    case queueQUEUE_TYPE_MUTEX:
      return Kind::mutex;
    case queueQUEUE_TYPE_COUNTING_SEMAPHORE:
      return Kind::counting_semaphore;
    case queueQUEUE_TYPE_BINARY_SEMAPHORE:
      return Kind::binary_semaphore;
    case queueQUEUE_TYPE_RECURSIVE_MUTEX:
      return Kind::recursive_mutex;
    default:
      misuse(function, "no such type of queue");
  }
}

QueueHandle_t create_in(HeapBlock memory, std::size_t length, std::size_t item_bytes, Kind kind,
                        std::size_t initial_count) {
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  if (!memory.ok()) return nullptr;
  auto* queue =
      scheduler.objects().create<QueueDefinition>(kind, length, item_bytes, std::move(memory));
  queue->count = initial_count;
  return queue;
}

QueueHandle_t create(std::size_t length, std::size_t item_bytes, Kind kind,
                     std::size_t initial_count, const char* function) {
  if (length == 0) misuse(function, "the length is 0");
  return create_in({Scheduler::current().heap(), kControlBlockBytes + length * item_bytes}, length,
                   item_bytes, kind, initial_count);
}

QueueHandle_t create_static(std::size_t length, std::size_t item_bytes, const void* storage,
                            const void* control_block, Kind kind, std::size_t initial_count,
                            const char* function) {
  if (length == 0) misuse(function, "the length is 0");
  if (control_block == nullptr) misuse(function, "the memory is null");
  if ((storage != nullptr) != (item_bytes != 0)) {
    misuse(function, "the storage does not fit the items");
  }
  return create_in({}, length, item_bytes, kind, initial_count);
}

Position position_of(QueueHandle_t queue, const void* item, BaseType_t copy_position,
                     const char* function) {
  check(queue, function);
  if (item == nullptr && queue->item_bytes != 0) misuse(function, "the item is null");
  if (copy_position == queueSEND_TO_FRONT) return Position::front;
  if (copy_position != queueOVERWRITE) return Position::back;
  if (queue->length != 1) misuse(function, "only a queue of one item can be overwritten");
  return Position::overwrite;
}

/// Waits in `list` as long as `blocked` holds. False when the time is over first.
template <typename Blocked>
bool wait_while(Blocked blocked, simulator::kernel::WaitList& list, TickType_t ticks,
                const char* function) {
  if (!blocked()) return true;
  if (ticks == 0) return false;
  const std::int64_t until_us = end_of_wait_us(ticks);
  while (blocked()) {
    if (!Scheduler::current().wait(list, until_us, function)) return !blocked();
  }
  return true;
}

bool wait_for_item(QueueHandle_t queue, TickType_t ticks, const char* function) {
  return wait_while([queue] { return queue->count == 0; }, queue->receivers, ticks, function);
}

void finish(BaseType_t* woken) {
  // The scheduler sees by itself that a task of higher priority is ready.
  if (woken != nullptr) *woken = pdFALSE;
  Scheduler::current().preempt();
}

}  // namespace

extern "C" {

QueueHandle_t xQueueGenericCreate(const UBaseType_t length, const UBaseType_t item_size,
                                  const uint8_t type) {
  return create(length, item_size, kind_of(type, __func__), 0, __func__);
}

QueueHandle_t xQueueGenericCreateStatic(const UBaseType_t length, const UBaseType_t item_size,
                                        uint8_t* storage, StaticQueue_t* control_block,
                                        const uint8_t type) {
  return create_static(length, item_size, storage, control_block, kind_of(type, __func__), 0,
                       __func__);
}

QueueHandle_t xQueueCreateMutex(const uint8_t type) {
  return create(1, 0, kind_of(type, __func__), 1, __func__);
}

QueueHandle_t xQueueCreateMutexStatic(const uint8_t type, StaticQueue_t* control_block) {
  return create_static(1, 0, nullptr, control_block, kind_of(type, __func__), 1, __func__);
}

QueueHandle_t xQueueCreateCountingSemaphore(const UBaseType_t max_count,
                                            const UBaseType_t initial_count) {
  if (initial_count > max_count) misuse(__func__, "the count is above its maximum");
  return create(max_count, 0, Kind::counting_semaphore, initial_count, __func__);
}

QueueHandle_t xQueueCreateCountingSemaphoreStatic(const UBaseType_t max_count,
                                                  const UBaseType_t initial_count,
                                                  StaticQueue_t* control_block) {
  if (initial_count > max_count) misuse(__func__, "the count is above its maximum");
  return create_static(max_count, 0, nullptr, control_block, Kind::counting_semaphore,
                       initial_count, __func__);
}

void vQueueDelete(QueueHandle_t queue) {
  check(queue, __func__);
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  if (!scheduler.objects().destroy(queue)) misuse(__func__, "the handle is not alive");
}

BaseType_t xQueueGenericSend(QueueHandle_t queue, const void* const item, TickType_t ticks,
                             const BaseType_t copy_position) {
  const Position position = position_of(queue, item, copy_position, __func__);
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  if (position != Position::overwrite &&
      !wait_while([queue] { return queue->full(); }, queue->senders, ticks, __func__)) {
    return errQUEUE_FULL;
  }
  if (queue->is_mutex()) simulator::kernel::release_mutex(*queue);
  queue->put(item, position);
  scheduler.preempt();
  return pdPASS;
}

BaseType_t xQueueReceive(QueueHandle_t queue, void* const item, TickType_t ticks) {
  check(queue, __func__);
  if (item == nullptr && queue->item_bytes != 0) misuse(__func__, "the buffer is null");
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  if (!wait_for_item(queue, ticks, __func__)) return errQUEUE_EMPTY;
  queue->copy_first(item);
  queue->drop_first();
  scheduler.preempt();
  return pdPASS;
}

BaseType_t xQueuePeek(QueueHandle_t queue, void* const item, TickType_t ticks) {
  check(queue, __func__);
  if (item == nullptr && queue->item_bytes != 0) misuse(__func__, "the buffer is null");
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  if (!wait_for_item(queue, ticks, __func__)) return errQUEUE_EMPTY;
  queue->copy_first(item);
  // The item is still there for the next one who waits.
  scheduler.wake_first(queue->receivers);
  scheduler.preempt();
  return pdPASS;
}

UBaseType_t uxQueueMessagesWaiting(const QueueHandle_t queue) {
  check(queue, __func__);
  Scheduler::current().kernel_call();
  return static_cast<UBaseType_t>(queue->count);
}

UBaseType_t uxQueueMessagesWaitingFromISR(const QueueHandle_t queue) {
  check(queue, __func__);
  return static_cast<UBaseType_t>(queue->count);
}

UBaseType_t uxQueueSpacesAvailable(const QueueHandle_t queue) {
  check(queue, __func__);
  Scheduler::current().kernel_call();
  return static_cast<UBaseType_t>(queue->length - queue->count);
}

BaseType_t xQueueGenericReset(QueueHandle_t queue, BaseType_t) {
  check(queue, __func__);
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  queue->clear();
  scheduler.preempt();
  return pdPASS;
}

BaseType_t xQueueGenericSendFromISR(QueueHandle_t queue, const void* const item,
                                    BaseType_t* const woken, const BaseType_t copy_position) {
  const Position position = position_of(queue, item, copy_position, __func__);
  if (queue->is_mutex()) misuse(__func__, "a mutex belongs to a task");
  if (position != Position::overwrite && queue->full()) return errQUEUE_FULL;
  queue->put(item, position);
  finish(woken);
  return pdPASS;
}

BaseType_t xQueueReceiveFromISR(QueueHandle_t queue, void* const item, BaseType_t* const woken) {
  check(queue, __func__);
  if (item == nullptr && queue->item_bytes != 0) misuse(__func__, "the buffer is null");
  if (queue->is_mutex()) misuse(__func__, "a mutex belongs to a task");
  if (queue->count == 0) return errQUEUE_EMPTY;
  queue->copy_first(item);
  queue->drop_first();
  finish(woken);
  return pdPASS;
}

BaseType_t xQueueGiveFromISR(QueueHandle_t queue, BaseType_t* const woken) {
  return xQueueGenericSendFromISR(queue, nullptr, woken, queueSEND_TO_BACK);
}

BaseType_t xQueueSemaphoreTake(QueueHandle_t queue, TickType_t ticks) {
  check(queue, __func__);
  if (queue->item_bytes != 0) misuse(__func__, "the queue is no semaphore");
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  const auto blocked = [queue] {
    if (queue->count != 0) return false;
    if (queue->is_mutex()) simulator::kernel::inherit_priority(*queue);
    return true;
  };
  const bool taken =
      ticks == 0 ? queue->count != 0 : wait_while(blocked, queue->receivers, ticks, __func__);
  if (taken) {
    if (queue->is_mutex()) simulator::kernel::become_holder(*queue);
    queue->drop_first();
  } else if (queue->is_mutex() && ticks != 0) {
    simulator::kernel::forget_waiter(*queue);
  }
  scheduler.preempt();
  return taken ? pdPASS : pdFAIL;
}

}  // extern "C"
