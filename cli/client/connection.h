// SPDX-License-Identifier: Apache-2.0
// How tandemctl reaches the daemon: opened at the first request, over status.sock when the user may only read.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

#include "common/api/client.h"

namespace tandem::cli {

class Connection {
 public:
  // `trace`: where each request is shown before it is sent; may be null.
  Connection(std::string socket, std::chrono::milliseconds timeout, std::ostream* trace);

  api::Answer<api::Json> call(const std::string& method, const api::Json& params);

  using Handle = std::function<bool(const api::Json&)>;
  // Events until the end comes or `handle` says no; with `forever` no time limit.
  api::Answer<api::Json> stream(const std::string& method, const api::Json& params, bool forever, const Handle& handle);

 private:
  api::Answer<api::Client*> open(const std::string& method);
  api::Answer<api::Client> open_for_reading(api::Failure control);

  std::string socket_;
  std::chrono::milliseconds timeout_;
  std::ostream* trace_;
  std::optional<api::Client> client_;
  bool reads_only_ = false;
};

}  // namespace tandem::cli
