// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/conn_filter.h"

#include <algorithm>

namespace tandem {
namespace {

constexpr const char* kTextWords[] = {"service", "backend", "proto", "state", "vip"};

tl::unexpected<api::Failure> wrong(const std::string& what) { return tl::unexpected{api::Failure{api::Exit::usage, what}}; }

Result<Prefix> parse_address_or_prefix(const std::string& text) {
  if (text.find('/') != std::string::npos) return parse_prefix(text);
  const Result<IpAddress> address = parse_address(text);
  if (!address) return fail(address.error());
  return Prefix{*address, static_cast<std::uint8_t>(address->bits())};
}

bool matches_text(const std::string& word, const std::string& wanted, const api::Connection& named) {
  if (word == "service") return named.service == wanted;
  if (word == "backend") return named.backend == wanted || named.service + "/" + named.backend == wanted;
  if (word == "proto") return named.proto == wanted;
  if (word == "state") return named.state == wanted;
  return named.vip == wanted || named.vip.starts_with(wanted + ":") || named.vip.starts_with("[" + wanted + "]:");
}

}  // namespace

const char* name_of(ConnState state) {
  constexpr const char* kNames[] = {"free", "half-open", "established", "fin-wait", "time-wait", "reset", "udp-one-way", "udp-two-way"};
  return kNames[static_cast<std::size_t>(state)];
}

api::Answer<ConnFilter> ConnFilter::read(const api::Json& params) {
  ConnFilter filter;
  const api::Json words = params.value("filter", api::Json::object());
  if (!words.is_object()) return wrong("filter must be an object");
  const std::map<std::string, std::optional<double>*> numbers{{"sport", &filter.source_port_},
                                                              {"dport", &filter.target_port_},
                                                              {"worker", &filter.worker_},
                                                              {"age_over_seconds", &filter.age_over_},
                                                              {"idle_over_seconds", &filter.idle_over_}};
  const std::map<std::string, std::optional<Prefix>*> prefixes{{"src", &filter.source_}, {"dst", &filter.target_}};
  for (const auto& [word, value] : words.items()) {
    if (const auto number = numbers.find(word); number != numbers.end()) {
      if (!value.is_number()) return wrong(word + ": expected a number");
      *number->second = value.get<double>();
    } else if (const auto prefix = prefixes.find(word); prefix != prefixes.end()) {
      const Result<Prefix> parsed = value.is_string() ? parse_address_or_prefix(value.get<std::string>()) : fail("expected an address");
      if (!parsed) return wrong(word + ": " + parsed.error().message);
      *prefix->second = *parsed;
    } else if (std::find(std::begin(kTextWords), std::end(kTextWords), word) != std::end(kTextWords) && value.is_string()) {
      filter.texts_[word] = value.get<std::string>();
    } else {
      return wrong(word + ": no such filter word");
    }
  }
  return filter;
}

bool ConnFilter::matches(const FoundConnection& found, const api::Connection& named) const {
  for (const auto& [word, wanted] : texts_)
    if (!matches_text(word, wanted, named)) return false;
  const ConnRecord& record = found.record;
  if (source_ && !source_->contains(record.client)) return false;
  if (target_ && !target_->contains(record.vip)) return false;
  if (source_port_ && *source_port_ != record.client_port) return false;
  if (target_port_ && *target_port_ != record.vip_port) return false;
  if (worker_ && *worker_ != static_cast<double>(index(found.worker))) return false;
  if (age_over_ && named.age_seconds <= *age_over_) return false;
  return !idle_over_ || named.idle_seconds > *idle_over_;
}

ConnNames::ConnNames(NodeState& node) {
  std::vector<ListenEntry> listens;
  for (const config::Service& service : node.config().service) {
    const auto id = static_cast<ServiceId>(services_.size());
    for (const config::Listen& listen : service.listen)
      listens.push_back({listen.address, listen.protocol, listen.port, id, listen.more_ports, listen.host_bits});
    services_.push_back(service.name);
  }
  vips_ = VipIndex{{}, listens, {}};
  for (const BackendRow* row : node.board().all())
    for (const BackendSlot slot : row->slots) by_slot_[index(slot)] = {row->service, row->name};
}

// It came to the service of its VIP; a fallback's backend is told by its whole name.
void ConnNames::name_borrower(api::Connection& out, const ConnRecord& record) const {
  const ServiceId id = vips_.find_service(record.vip, record.protocol, record.vip_port);
  if (id == kNoService || services_[index(id)] == out.service) return;
  if (!out.service.empty()) out.backend = out.service + "/" + out.backend;
  out.service = services_[index(id)];
}

api::Connection ConnNames::describe(const FoundConnection& found) const {
  const ConnRecord& record = found.record;
  api::Connection out;
  out.proto = to_string(record.protocol);
  out.client = to_string(Endpoint{record.client, record.client_port}), out.vip = to_string(Endpoint{record.vip, record.vip_port});
  const auto names = by_slot_.find(index(record.backend));
  if (names != by_slot_.end()) out.service = names->second.first, out.backend = names->second.second;
  else out.backend = "(removed)";
  if (record.source_port != 0) out.source = to_string(Endpoint{record.source, record.source_port});
  name_borrower(out, record);
  out.state = name_of(record.state), out.origin = (record.flags & kConnSynced) != 0 ? "synced" : "local";
  const double tick = std::chrono::duration<double>(kTick).count();
  out.age_seconds = record.age_ticks * tick, out.idle_seconds = record.idle_ticks * tick;
  out.worker = index(found.worker);
  out.exception = (record.flags & kConnException) != 0, out.adopted = (record.flags & kConnAdopted) != 0;
  return out;
}

}  // namespace tandem
