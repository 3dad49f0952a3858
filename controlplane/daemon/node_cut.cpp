// SPDX-License-Identifier: Apache-2.0
// Connections that an operator ends: each by the node that owns it.
#include <algorithm>
#include <memory>

#include "controlplane/daemon/node.h"

namespace tandem {
namespace {

constexpr std::size_t kRecordsAtOnce = 200;

std::string words_for(const ConnRecord& record) {
  return (record.protocol == Protocol::tcp ? "tcp " : "udp ") + to_string(Endpoint{record.client, record.client_port}) + " " +
         to_string(Endpoint{record.vip, record.vip_port});
}

CutOrder order_for(const ConnRecord& record) { return {record.protocol, record.client, record.vip, record.client_port, record.vip_port}; }

// "tcp 192.0.2.7:40000 203.0.113.10:80", as words_for spells it.
std::optional<CutOrder> read_order(const std::string& text) {
  const std::size_t first = text.find(' '), second = text.find(' ', first + 1);
  if (first == std::string::npos || second == std::string::npos) return {};
  const Result<Endpoint> client = parse_endpoint(text.substr(first + 1, second - first - 1)), vip = parse_endpoint(text.substr(second + 1));
  if (!client || !vip || client->address.family != vip->address.family) return {};
  const Protocol protocol = text.starts_with("tcp ") ? Protocol::tcp : Protocol::udp;
  return CutOrder{protocol, client->address, vip->address, client->port, vip->port};
}

}  // namespace

NodeState::Cut Node::cut(const ConnRecord& record) {
  const config::ServiceRecord* const service = builder_->service(record.service);
  const GroupId group = service == nullptr ? kNoGroup : builder_->group_of(*service);
  if (!dataplane_->roles().get().is_active(group)) return Cut::at_peer;
  return dataplane_->cut_connection(order_for(record)) ? Cut::here : Cut::busy;
}

// In portions that fit a word; the answer is the last one's, or the first failure.
void Node::cut_at_peer(const std::vector<ConnRecord>& records, std::function<void(std::optional<api::Failure>)> done) {
  if (records.empty()) return done({});
  if (!calls_) return done(api::Failure{api::Exit::partly_done, "nobody owns some of them", ""});
  struct Telling {
    std::size_t left;
    std::optional<api::Failure> failure = std::nullopt;
  };
  const auto telling = std::make_shared<Telling>(Telling{(records.size() + kRecordsAtOnce - 1) / kRecordsAtOnce});
  for (std::size_t at = 0; at < records.size(); at += kRecordsAtOnce) {
    api::Json words = api::Json::array();
    for (std::size_t i = at; i < std::min(records.size(), at + kRecordsAtOnce); ++i) words.push_back(words_for(records[i]));
    calls_->ask("pair.cut", {{"connections", words}}, "tandemd", [telling, done](const api::Answer<api::Json>& answer) {
      if (!answer && !telling->failure)
        telling->failure = api::Failure{api::Exit::partly_done, "done here, not on the peer: " + answer.error().message, ""};
      if (--telling->left == 0) done(telling->failure);
    });
  }
}

api::Answer<api::Json> Node::take_cuts(const api::Json& params) {
  const auto connections = params.find("connections");
  if (connections == params.end() || !connections->is_array())
    return tl::unexpected{api::Failure{api::Exit::usage, "connections: expected a list", ""}};
  bool all = true;
  for (const api::Json& words : *connections) {
    const auto order = words.is_string() ? read_order(words.get<std::string>()) : std::nullopt;
    all &= order && dataplane_->cut_connection(*order);
  }
  if (all) return api::Json::object();
  return tl::unexpected{api::Failure{api::Exit::partly_done, "not all of them could be ended", "say it again"}};
}

}  // namespace tandem
