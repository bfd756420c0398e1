#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"
#include "simulator/kernel/heap.hpp"
#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/object_store.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/kernel/task.hpp"
#include "simulator/kernel/ticks.hpp"
#include "simulator/kernel/wait_list.hpp"

using simulator::kernel::HeapBlock;
using simulator::kernel::misuse;
using simulator::kernel::Scheduler;
using simulator::kernel::Task;

struct EventGroupDef_t final : public simulator::kernel::KernelObject {
  explicit EventGroupDef_t(HeapBlock heap_block) : memory(std::move(heap_block)) {}

  HeapBlock memory;
  EventBits_t bits = 0;
  simulator::kernel::WaitList waiters;
};

namespace {

using EventWait = Task::EventWait;

/// What FreeRTOS allocates for a group (ESP32, ESP-IDF v5.5).
constexpr std::size_t kControlBlockBytes = 40;
constexpr EventBits_t kKernelBits = 0xff000000;

void check(EventGroupHandle_t group, EventBits_t bits, const char* function) {
  if (group == nullptr) misuse(function, "the handle is null");
  if ((bits & kKernelBits) != 0) misuse(function, "the upper 8 bits are the kernel's");
}

bool satisfied(EventBits_t bits, EventBits_t wanted, bool all) {
  return all ? (bits & wanted) == wanted : (bits & wanted) != 0;
}

EventGroupHandle_t create(HeapBlock memory) {
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  if (!memory.ok()) return nullptr;
  return scheduler.objects().create<EventGroupDef_t>(std::move(memory));
}

/// Sets bits and wakes whom they satisfy. Bits are cleared when all of these have seen them.
void set_bits(EventGroupDef_t& group, EventBits_t bits) {
  group.bits |= bits;
  EventBits_t to_clear = 0;
  for (Task* task : group.waiters.tasks()) {
    EventWait& wait = task->event_wait;
    if (!satisfied(group.bits, wait.bits, wait.all)) continue;
    wait.ended = true;
    wait.result = group.bits;
    if (wait.clear) to_clear |= wait.bits;
    Scheduler::current().wake(*task);
  }
  group.bits &= ~to_clear;
}

EventBits_t wait_bits(EventGroupDef_t& group, EventBits_t wanted, bool clear, bool all,
                      TickType_t ticks, const char* function) {
  const auto leave = [&] {
    const EventBits_t seen = group.bits;
    if (clear && satisfied(seen, wanted, all)) group.bits &= ~wanted;
    return seen;
  };
  if (ticks == 0 || satisfied(group.bits, wanted, all)) return leave();
  Scheduler& scheduler = Scheduler::current();
  Task* task = scheduler.running();
  if (task == nullptr) misuse(function, "called outside of a task");
  task->event_wait = {wanted, all, clear, false, 0};
  scheduler.wait(group.waiters, simulator::kernel::end_of_wait_us(ticks), function);
  return task->event_wait.ended ? task->event_wait.result : leave();
}

}  // namespace

extern "C" {

EventGroupHandle_t xEventGroupCreate(void) {
  return create({Scheduler::current().heap(), kControlBlockBytes});
}

EventGroupHandle_t xEventGroupCreateStatic(StaticEventGroup_t* memory) {
  if (memory == nullptr) misuse(__func__, "the memory is null");
  return create({});
}

void vEventGroupDelete(EventGroupHandle_t group) {
  check(group, 0, __func__);
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  for (Task* task : group->waiters.tasks()) {
    task->event_wait.ended = true;
    task->event_wait.result = 0;
    scheduler.wake(*task);
  }
  if (!scheduler.objects().destroy(group)) misuse(__func__, "the handle is not alive");
  scheduler.preempt();
}

EventBits_t xEventGroupWaitBits(EventGroupHandle_t group, const EventBits_t bits,
                                const BaseType_t clear_on_exit, const BaseType_t wait_for_all,
                                TickType_t ticks) {
  check(group, bits, __func__);
  if (bits == 0) misuse(__func__, "no bit to wait for");
  Scheduler::current().kernel_call();
  return wait_bits(*group, bits, clear_on_exit != pdFALSE, wait_for_all != pdFALSE, ticks,
                   __func__);
}

EventBits_t xEventGroupClearBits(EventGroupHandle_t group, const EventBits_t bits) {
  check(group, bits, __func__);
  Scheduler::current().kernel_call();
  const EventBits_t before = group->bits;
  group->bits &= ~bits;
  return before;
}

EventBits_t xEventGroupSetBits(EventGroupHandle_t group, const EventBits_t bits) {
  check(group, bits, __func__);
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  set_bits(*group, bits);
  scheduler.preempt();
  return group->bits;
}

EventBits_t xEventGroupSync(EventGroupHandle_t group, const EventBits_t bits_to_set,
                            const EventBits_t bits_to_wait_for, TickType_t ticks) {
  check(group, bits_to_set | bits_to_wait_for, __func__);
  if (bits_to_wait_for == 0) misuse(__func__, "no bit to wait for");
  Scheduler& scheduler = Scheduler::current();
  scheduler.kernel_call();
  // Looked at before the bits are set: the others, satisfied by them, clear them.
  const EventBits_t together = group->bits | bits_to_set;
  set_bits(*group, bits_to_set);
  if (satisfied(together, bits_to_wait_for, true)) {
    group->bits &= ~bits_to_wait_for;
    scheduler.preempt();
    return together;
  }
  return wait_bits(*group, bits_to_wait_for, true, true, ticks, __func__);
}

}  // extern "C"
