// SPDX-License-Identifier: Apache-2.0
#include "cli/client/connection.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "common/api/methods.h"

namespace tandem::cli {
namespace {

using api::Answer;
using api::Client;
using api::Failure;
using api::Json;

bool only_reads(const std::string& method) {
  const api::Method* known = api::find_method(method);
  return known != nullptr && known->rights == api::Rights::read;
}

bool is_forbidden(const std::string& path) { return ::faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK, AT_EACCESS) != 0 && errno == EACCES; }

}  // namespace

Connection::Connection(std::string socket, std::chrono::milliseconds timeout, std::ostream* trace)
    : socket_{std::move(socket)}, timeout_{timeout}, trace_{trace} {}

// Those who may only look are in the group of status.sock, which stands beside control.sock. When that fails too, what
// matters to the operator is why the first did.
Answer<Client> Connection::open_for_reading(Failure control) {
  const std::filesystem::path path{socket_};
  if (path.filename() != "control.sock" || !is_forbidden(socket_)) return tl::unexpected{std::move(control)};
  Answer<Client> status = Client::connect(path.parent_path() / "status.sock", timeout_);
  if (!status) return tl::unexpected{std::move(control)};
  reads_only_ = true;
  if (trace_ != nullptr) *trace_ << "(over status.sock: control.sock may not be opened)\n";
  return status;
}

Answer<Client*> Connection::open(const std::string& method) {
  const bool reading = only_reads(method);
  if (client_ && (reading || !reads_only_)) return &*client_;
  Answer<Client> opened = Client::connect(socket_, timeout_);
  if (!opened && reading) opened = open_for_reading(std::move(opened.error()));
  if (!opened) return tl::unexpected{opened.error()};
  client_.emplace(std::move(*opened));
  return &*client_;
}

Answer<Json> Connection::call(const std::string& method, const Json& params) {
  return stream(method, params, false, [](const Json&) { return true; });
}

Answer<Json> Connection::stream(const std::string& method, const Json& params, bool forever, const Handle& handle) {
  const Answer<Client*> client = open(method);
  if (!client) return tl::unexpected{client.error()};
  if (trace_ != nullptr) *trace_ << "> " << method << " " << params.dump() << "\n";
  const auto limit = forever ? std::chrono::milliseconds::zero() : timeout_;
  try {
    Answer<Json> answer = (*client)->stream(method, params, limit, handle);
    if (!answer) client_.reset();  // what is still on the way belongs to nobody
    return answer;
  } catch (const nlohmann::json::exception& e) {
    client_.reset();
    return tl::unexpected{Failure{api::Exit::version_mismatch, std::string{"tandemd's answer cannot be read: "} + e.what(),
                                  "compare versions: tandemctl version --check"}};
  }
}

}  // namespace tandem::cli
