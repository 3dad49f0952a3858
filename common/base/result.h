// SPDX-License-Identifier: Apache-2.0
// A value, or a sentence for the operator. Each level that passes an error on says where it was:
// "service.vip: '10.0.0.0' has no /length".
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace tandem {

struct Error {
  std::string message;

  Error within(std::string_view place) const { return Error{std::string{place} + ": " + message}; }
};

template <typename T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>{std::move(error)}; }
inline tl::unexpected<Error> fail(std::string message) { return fail(Error{std::move(message)}); }

}  // namespace tandem
