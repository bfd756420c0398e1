#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "simulator/kernel/random.hpp"
#include "simulator/net/network.hpp"
#include "simulator/radio/world.hpp"
#include "tests/simulation/random_lives/agenda.hpp"
#include "tests/simulation/random_lives/life_counts.hpp"
#include "tests/simulation/random_lives/release_shelf.hpp"
#include "tests/support/native_server/native_server.hpp"

namespace fuota::test {

constexpr const char* kDeviceId = "00001";

/// All that is around one device: access point, network, server and operator. Goes wrong on demand
/// and gets well again. All that is random follows from the seed.
class Surroundings {
 public:
  /// What must outlive it. `log` may be empty.
  struct Parts {
    ReleaseShelf& shelf;
    simulator::radio::World& world;
    simulator::net::Network& network;
    LifeCounts& counts;
    std::function<void(const std::string&)> log;
  };

  Surroundings(const Parts& parts, std::uint64_t seed);
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

  /// Lets something go wrong, for some time or once. Which things can go wrong differs from life to
  /// life, so that a few of them meet often.
  void strike(std::int64_t now_us);
  /// What is due to get well again.
  void recover(std::int64_t now_us) { agenda_.run_due(now_us); }
  [[nodiscard]] std::int64_t next_recovery_us() const { return agenda_.next_us(); }

  /// Everything is well from now on.
  void calm();
  /// The operator publishes the next release that turns out well; the device is offered it.
  void publish_healthy();
  /// Whether anything was published yet.
  [[nodiscard]] bool has_published() const { return newest_ != first_; }
  /// What the operator wants the device to run; of no meaning before anything was published.
  [[nodiscard]] const ReleaseShelf::Release& newest() const { return shelf_.at(newest_); }

  /// The version of the newest root document that the operator has published; 0: none.
  [[nodiscard]] unsigned root() const { return root_; }
  /// What the device runs, as it decides whom to trust; told at each boot.
  void device_runs(const ReleaseShelf::Release& release) { running_ = &release; }
  /// Called when the device has asked the server for something, on its task's stack.
  std::function<void(const ServedRequest&)> on_request;

  NativeServer& server() { return server_; }

 private:
  using Deed = void (Surroundings::*)(std::int64_t now_us);
  struct Row {
    unsigned weight;
    Deed deed;
  };
  static const Row kRows[];

  void access_point_gone(std::int64_t now_us);
  void access_point_refuses(std::int64_t now_us);
  void dhcp_silent(std::int64_t now_us);
  void link_lost(std::int64_t now_us);
  void kick(std::int64_t now_us);
  void driver_faults(std::int64_t now_us);
  void server_away(std::int64_t now_us);
  void connections_fail(std::int64_t now_us);
  void connections_slow(std::int64_t now_us);
  void streams_fail(std::int64_t now_us);
  void answers_wrong(std::int64_t now_us);
  void answers_ask_for_time(std::int64_t now_us);
  void few_requests(std::int64_t now_us);
  void publish(std::int64_t now_us);
  void offer_anew(std::int64_t now_us);
  void withdraw(std::int64_t now_us);
  void offer_evil(std::int64_t now_us);
  void replay_old(std::int64_t now_us);
  void publish_root(std::int64_t now_us);
  void publish_evil_root(std::int64_t now_us);
  void replace_file(std::int64_t now_us);

  AnswerFault choose_fault(const ServedRequest& request);
  std::optional<AnswerFault::Kind> choose_kind(const ServedRequest& request);
  simulator::net::Conditions choose_conditions();
  simulator::net::StreamFault::Kind choose_stream_fault();

  void offer(const Offering& offering);
  void offer_newest();
  void withdraw_evil_root();
  void change_access_point(const std::function<void(simulator::radio::AccessPoint&)>& edit);
  /// Undoes something after a random time of up to `max_s` seconds.
  void later(std::int64_t now_us, std::uint64_t max_s, std::function<void()> undo);
  bool chance(unsigned per_mille) { return random_.below(1000) < per_mille; }
  std::int64_t random_us(std::int64_t min_us, std::int64_t max_us) {
    return min_us + static_cast<std::int64_t>(
                        random_.below(static_cast<std::uint64_t>(max_us - min_us) + 1));
  }
  void say(const std::string& text) const {
    if (log_) log_(text);
  }

  ReleaseShelf& shelf_;
  simulator::radio::World& world_;
  LifeCounts& counts_;
  std::function<void(const std::string&)> log_;
  simulator::kernel::Random random_;
  /// Of the device's own tasks: what they draw does not depend on what is drawn between.
  simulator::kernel::Random random_of_requests_;
  Agenda agenda_;
  NativeServer server_;
  simulator::radio::AccessPointId access_point_;
  std::vector<Deed> deeds_;  ///< those of this life, as often as they weigh

  unsigned first_ = 0;  ///< the last one that was published before this life
  unsigned newest_ = 0;
  const ReleaseShelf::Release* running_ = nullptr;
  bool is_calm_ = false;
  unsigned root_ = 0;
  unsigned told_root_ = 0;             ///< by the device
  std::optional<EvilRoot> evil_root_;  ///< what stands behind the newest root document now
  std::optional<Evil> evil_;           ///< what is offered now
  bool is_replay_ = false;

  // What is wrong now; 0 and empty when nothing is.
  unsigned connect_fault_per_mille_ = 0;
  simulator::net::Conditions::Connect connect_fault_{};
  std::uint64_t bytes_per_second_ = 0;
  std::int64_t latency_us_ = 0;
  unsigned stream_fault_per_mille_ = 0;
  unsigned answer_fault_per_mille_ = 0;
  std::optional<AnswerFault::Kind> answer_fault_;  ///< always this one; none: any
};

}  // namespace fuota::test
