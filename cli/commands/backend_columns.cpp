// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/backend_columns.h"

#include "cli/render/durations.h"

namespace tandem::cli {
namespace {

using api::Backend;

Cell closed_cell(const Backend& backend, const char* how) {
  const auto found = backend.closed.find(how);
  return count_cell(found == backend.closed.end() ? 0 : found->second);
}

// A weight that is not the configured one says so.
Cell weight_cell(const Backend& backend) {
  const std::string weight = raw(backend.weight);
  return {backend.weight == backend.configured_weight ? weight : weight + " (of " + raw(backend.configured_weight) + ")", weight};
}

Cell overlay_cell(const Backend& backend) {
  return backend.overlay ? Cell{"#" + std::to_string(*backend.overlay), std::to_string(*backend.overlay)} : Cell{""};
}

}  // namespace

std::string address_of(const Backend& backend) {
  const bool ipv6 = backend.address.find(':') != std::string::npos;
  if (backend.port == 0) return backend.address;  // at whatever port its client asks for
  return (ipv6 ? "[" + backend.address + "]" : backend.address) + ":" + std::to_string(backend.port);
}

std::string check_of(const Backend& backend) {
  if (backend.check_state == "none") return {};
  const bool differs = !backend.verdict.empty() && backend.verdict != backend.check_state && backend.verdict != "unknown";
  const std::string holds = differs ? "; " + backend.verdict + " as " + backend.decided_by + " decides" : "";
  if (backend.check_state == "up") return "ok " + precise(backend.check_duration_seconds) + holds;
  return (backend.check_text.empty() ? backend.check_state : backend.check_text) + holds;
}

std::string decided_of(const Backend& backend) {
  std::string out = backend.decided_by;
  if (backend.kept) out += ", kept by the panic threshold";
  const std::string& peer = backend.peer_check_state;
  if (!peer.empty() && peer != backend.check_state) out += ", the peer's check: " + peer;
  return out;
}

Columns<Backend> backend_columns(bool several) {
  return {
      {"", "service", [](const Backend& b) { return Cell{b.service}; }, Shown::plain_only},
      {"BACKEND", "backend",
       [several](const Backend& b) {
         return Cell{several ? full_name(b) : b.name, b.name};
       }},
      {"ADDRESS", "address", [](const Backend& b) { return Cell{address_of(b)}; }},
      {"STATE", "state", [](const Backend& b) { return state_cell(b.state); }},
      {"CHECK", "check_state",
       [](const Backend& b) {
         return Cell{check_of(b), b.check_state, tone_of(b.check_state)};
       }},
      {"", "check_text", [](const Backend& b) { return Cell{b.check_text}; }, Shown::plain_only},
      {"WEIGHT", "weight", weight_cell},
      {"NEW/s", "new_connections_per_second", [](const Backend& b) { return rate_cell(b.new_connections_per_second); }},
      {"CONNS", "active_connections", [](const Backend& b) { return count_cell(b.active_connections); }},
      {"SHARE", "share",
       [](const Backend& b) {
         return Cell{percent(b.share), raw(b.share)};
       }},
      {"SINCE", "since_seconds",
       [](const Backend& b) {
         return Cell{coarse(b.since_seconds), raw(b.since_seconds)};
       }},
      {"OVERLAY", "overlay", overlay_cell, Shown::wide},
      {"GIVEN", "new_connections_total", [](const Backend& b) { return count_cell(b.new_connections_total); }, Shown::wide},
      {"UNANSWERED", "unanswered_syns_total", [](const Backend& b) { return count_cell(b.unanswered_syns_total); }, Shown::wide},
      {"REFUSED", "refused_connections_total", [](const Backend& b) { return count_cell(b.refused_connections_total); }, Shown::wide},
      {"FINISHED", "closed_finished", [](const Backend& b) { return closed_cell(b, "finished"); }, Shown::wide},
      {"RESET", "closed_reset", [](const Backend& b) { return closed_cell(b, "reset"); }, Shown::wide},
      {"EXPIRED", "closed_expired", [](const Backend& b) { return closed_cell(b, "expired"); }, Shown::wide},
      {"CUT", "closed_cut", [](const Backend& b) { return closed_cell(b, "cut"); }, Shown::wide},
      {"EXCEPTIONS", "exceptions_total", [](const Backend& b) { return count_cell(b.exceptions_total); }, Shown::wide},
      {"LENT", "lent_connections_total", [](const Backend& b) { return count_cell(b.lent_connections_total); }, Shown::wide},
      {"IN", "received_bytes", [](const Backend& b) { return bytes_cell(b.received_bytes); }, Shown::wide},
      {"OUT", "transmitted_bytes", [](const Backend& b) { return bytes_cell(b.transmitted_bytes); }, Shown::wide},
      {"", "verdict", [](const Backend& b) { return Cell{b.verdict}; }, Shown::plain_only},
      {"DECIDED BY", "decided_by",
       [](const Backend& b) {
         return Cell{decided_of(b), b.decided_by};
       },
       Shown::wide},
      {"", "suspect", [](const Backend& b) { return Cell{b.suspect ? "true" : "false"}; }, Shown::plain_only},
      {"", "peer_check_state", [](const Backend& b) { return Cell{b.peer_check_state}; }, Shown::plain_only},
  };
}

}  // namespace tandem::cli
