// SPDX-License-Identifier: Apache-2.0
// A port looked at closely: port.show and port.verify. As types.h has it: a struct's fields are the JSON object's keys.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace tandem::api {

// One line of the matrix. verdict: ok; less: the device cannot, software does; wrong: packets went otherwise; unseen: none came.
struct PortTrait {
  std::string what, asked, device, seen, verdict;
};

struct PortCard {
  std::string name, device, driver, note;
  std::string by;     // port.verify: the port that sent; empty: nothing that was sent by any came here
  bool right = true;  // nothing was wrong, and with port.verify something was seen
  std::vector<PortTrait> traits;
};

void to_json(nlohmann::json& out, const PortTrait& trait);
void from_json(const nlohmann::json& in, PortTrait& trait);
void to_json(nlohmann::json& out, const PortCard& card);
void from_json(const nlohmann::json& in, PortCard& card);

}  // namespace tandem::api
