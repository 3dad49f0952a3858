// SPDX-License-Identifier: Apache-2.0
// A type's fields as the keys of a JSON object, for the .cpp files of the API's types.
#pragma once

#include <nlohmann/json.hpp>

// What NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT does, but not inline.
#define TANDEM_FIELDS(Type, ...)                                                            \
  void to_json(nlohmann::json& nlohmann_json_j, const Type& nlohmann_json_t) {              \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(NLOHMANN_JSON_TO, __VA_ARGS__))                \
  }                                                                                         \
  void from_json(const nlohmann::json& nlohmann_json_j, Type& nlohmann_json_t) {            \
    const Type nlohmann_json_default_obj{};                                                 \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(NLOHMANN_JSON_FROM_WITH_DEFAULT, __VA_ARGS__)) \
  }
