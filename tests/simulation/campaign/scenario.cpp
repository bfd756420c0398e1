#include "tests/simulation/campaign/scenario.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "tests/simulation/campaign/update_life.hpp"

namespace fuota::test {
namespace {

void offer_update(UpdateLife& life) {
  life.offer(life.images().update());
}

void offer_failing(UpdateLife& life) {
  life.offer(life.images().failing());
}

/// The image that fails was built with another server's certificate, and the operator has the next
/// release ready as soon as that one runs anywhere.
void let_failing_image_fail(UpdateLife& life) {
  const bool fails = life.runs(life.images().failing());
  life.set_trusting(!fails);
  if (fails) life.offer(life.images().update());
}

bool has_reported(UpdateLife& life) {
  std::map<std::string, std::uint64_t> last;
  bool installed = false;
  bool confirmed = false;
  for (const ReceivedReport& report : life.native_server().reports()) {
    const bool is_next = report.sequence > last[report.stream];
    if (!report.is_repeat && !is_next) return false;
    last[report.stream] = std::max(last[report.stream], report.sequence);
    if (report.image != life.images().update().release->image) continue;
    installed |= report.state == "installed";
    confirmed |= report.state == "confirmed";
  }
  return installed && confirmed;
}

/// The update is signed by a key that only the root document names.
void offer_update_of_new_key(UpdateLife& life) {
  life.native_server().publish_root(1, life.images().signed_root());
  life.offer(life.images().rotated_update());
}

bool has_followed(UpdateLife& life) {
  const auto& requests = life.native_server().requests();
  const auto is_check = [](const ServedRequest& request) {
    return request.kind == ServedRequest::Kind::check;
  };
  const auto last = std::find_if(requests.rbegin(), requests.rend(), is_check);
  return last != requests.rend() && last->parameter("root") == "1";
}

void offer_to_who_enrols(UpdateLife& life) {
  offer_update(life);
  life.native_server().spoil_with([number = 0](const ServedRequest& request) mutable {
    AnswerFault fault;
    const bool is_lost = request.kind == ServedRequest::Kind::enrolment && number++ % 2 == 0;
    if (is_lost) fault.kind = AnswerFault::Kind::closed;
    return fault;
  });
}

/// The server has never heard of more than one token, and knows the device by that.
bool has_enrolled(UpdateLife& life) {
  const auto& posted = life.native_server().posted_tokens();
  return !posted.empty() && std::equal(posted.begin() + 1, posted.end(), posted.begin()) &&
         life.native_server().token("00001") == posted.front();
}

constexpr auto kNothing = [](UpdateLife&) {};
constexpr auto kAlways = [](UpdateLife&) { return true; };

constexpr Scenario kScenarios[] = {
    {"update", "an update is offered", false, nullptr, 20, offer_update, kNothing, kAlways},
    {"rollback", "the first release never reaches its server; the next one comes after it", false,
     nullptr, 60, offer_failing, let_failing_image_fail, kAlways},
    {"reports", "an update is offered, and its installation and confirmation must be reported",
     true, nullptr, 20, offer_update, kNothing, has_reported},
    {"rotation", "an update is offered that a key signed which only the root document names", true,
     nullptr, 20, offer_update_of_new_key, kNothing, has_followed},
    {"enrolment", "the device enrols first, and every second answer to that is lost", true,
     "fuf_of_the_campaign", 20, offer_to_who_enrols, kNothing, has_enrolled},
};

}  // namespace

std::span<const Scenario> scenarios() {
  return kScenarios;
}

const Scenario* find_scenario(std::string_view name) {
  const auto* found = std::find_if(std::begin(kScenarios), std::end(kScenarios),
                                   [name](const Scenario& row) { return row.name == name; });
  return found == std::end(kScenarios) ? nullptr : found;
}

}  // namespace fuota::test
