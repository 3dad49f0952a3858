// SPDX-License-Identifier: Apache-2.0
// One health check: what it found, and the verdict on its backend that rises and falls with what is found. No I/O here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/api/types.h"
#include "common/base/clock.h"

namespace tandem::health {

enum class Found : std::uint8_t { ok, refused, timeout, status, tls, error };
std::string_view name_of(Found found);

struct Outcome {
  Found found = Found::error;
  std::string text;  // for the operator: "refused", "no answer in 500 ms", "status 503, expected 200-399"
  Nanoseconds duration{};
  std::vector<std::string> dialogue;  // of a check that was asked for it

  bool ok() const { return found == Found::ok; }
};

using Done = std::function<void(Outcome)>;

// A check on its way; its Done comes once, never from within the call that started it. Destroying it ends it without.
class Attempt {
 public:
  virtual ~Attempt() = default;
};
using AttemptPtr = std::unique_ptr<Attempt>;

// What the backend is held to be. The first result decides at once, so that a start knows where it stands after one round;
// from then on `rise` good or `fall` bad results in a row turn it.
class Standing {
 public:
  Standing(std::uint64_t rise, std::uint64_t fall) { set_limits(rise, fall); }
  void set_limits(std::uint64_t rise, std::uint64_t fall);

  struct Verdict {
    bool up = false;
    bool settled = false;               // this result agrees with it
    std::uint64_t against = 0, of = 0;  // results in a row that do not, and how many turn it
  };
  Verdict take(bool good);

 private:
  std::uint64_t rise_ = 1, fall_ = 1, against_ = 0;
  bool known_ = false, up_ = false;
};

// True when both ask the same thing of the same server: what is known of it then outlives a reload.
bool same_question(const api::CheckJob& a, const api::CheckJob& b);

api::CheckVerdict to_report(const api::CheckJob& job, const Outcome& outcome, const Standing::Verdict& verdict);

std::string address_and_port(const api::CheckJob& job);  // for the dialogue: "10.0.0.11 port 80", "203.0.113.10 port 80 at 10.0.0.11"
std::string no_answer_in(std::uint64_t timeout_ms);      // "no answer in 500 ms"
std::string printable(std::string_view text, std::size_t longest = 300);

}  // namespace tandem::health
