// SPDX-License-Identifier: Apache-2.0
// What would become of a packet, in the order in which it would happen (operations.md 2.7).
#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/render/durations.h"
#include "cli/render/table.h"
#include "common/api/seen_packet.h"

namespace tandem::cli {
namespace {

using api::Contender;
using api::Explanation;

struct Wanted {
  std::string proto, source, target, ingress;
  bool as_existing = false;
};

// "web-2" of the service that is meant, else its whole name.
std::string short_name(const Explanation& told, const std::string& backend) {
  const std::string own = told.service + "/";
  return backend.starts_with(own) ? backend.substr(own.size()) : backend;
}

std::string flow_text(const Explanation& told) {
  return fmt::format("{} {} -> {}, {}", told.proto, told.source, told.target,
                     told.packet == "datagram" ? "a datagram"
                     : told.packet == "SYN"    ? "a SYN"
                                               : "an ACK");
}

std::string service_text(const Explanation& told) {
  if (told.service.empty()) return told.role == "node" ? "none: for the node itself" : "none";
  const std::string lent = told.lender == told.service ? "" : " on its fallback " + told.lender;
  const std::string part = told.role == "client" ? "" : ", an answer of its backend " + short_name(told, told.backend);
  return fmt::format("{}{}, {}, {}{}", told.service, lent, told.scheduler, told.forwarding, part);
}

std::string arrival_text(const Explanation& told) {
  const std::string lan = told.vlan == 0 ? told.port : fmt::format("{} vlan {}", told.port, told.vlan);
  if (told.any_worker) return "port " + lan + " -> whichever worker its queue is";
  return fmt::format("port {} -> worker {} (core {})", lan, told.worker, told.core);
}

std::string tracking_text(const Explanation& told) {
  const std::string after = told.becomes.empty() || told.becomes == told.entry ? "" : " -> " + told.becomes;
  if (told.entry.empty()) return "no entry" + (after.empty() ? ", and none is made" : after);
  std::string out = fmt::format("{}, {}, age {}, idle {}", told.entry, short_name(told, told.entry_backend), brief(told.entry_age_seconds),
                                brief(told.entry_idle_seconds));
  if (told.entry_origin == "synced") out += ", learnt from the other node";
  if (told.entry_exception) out += ", exception";
  if (told.entry_adopted) out += ", adopted";
  return out + after;
}

std::string contender_text(const Explanation& told, const Contender& contender) {
  if (contender.backend.empty()) return "none";
  const std::string name = short_name(told, contender.backend);
  if (!contender.live) return fmt::format("{} ({})", name, contender.state);
  if (told.scheduler == "least-connections") return fmt::format("{} ({} connections)", name, contender.connections);
  return told.scheduler == "consistent-round-robin" ? fmt::format("{} ({:+.1f} turns)", name, contender.turns) : name;
}

std::string candidates_text(const Explanation& told) {
  if (told.first.backend.empty()) return "none";
  return contender_text(told, told.first) + ", then " + contender_text(told, told.second);
}

std::string choice_text(const Explanation& told) {
  const std::string name = short_name(told, told.backend);
  if (name.empty()) return told.rule.empty() ? "none" : told.rule;
  return told.rule.empty() ? name : name + ": " + told.rule;
}

std::string verdict_text(const Explanation& told) {
  if (told.fate == "dropped") return fmt::format("dropped, {}: {}", told.reason, told.reason_text);
  if (told.fate == "held") return "held until " + told.next_hop + " is resolved";
  if (told.fate == "punted") return "given to the node's kernel";
  if (told.fate == "pair") return "taken for the pair's own";
  if (told.fate == "peer") return "sent to the other node, by port " + told.out;
  if (told.fate == "handed_over") return fmt::format("handed over to worker {}", told.worker);
  return "sent by port " + told.out;
}

Tone tone_of_fate(const std::string& fate) {
  if (fate == "sent" || fate == "peer") return Tone::good;
  return fate == "dropped" ? Tone::bad : Tone::warn;
}

void add_way_out(Facts& facts, const Explanation& told) {
  if (told.fate == "sent" || told.fate == "held")
    facts.push_back({"rewrite", Cell{fmt::format("source {}, destination {}", told.left_source, told.left_target)}});
  if (told.fate == "sent") facts.push_back({"next hop", Cell{fmt::format("{} on {}, {}", told.next_hop, told.out, told.next_mac)}});
  facts.push_back({"verdict", Cell{verdict_text(told), told.fate, tone_of_fate(told.fate)}});
}

Facts facts_of(const Explanation& told) {
  Facts facts{{"flow", Cell{flow_text(told)}}, {"service", Cell{service_text(told)}}};
  if (!told.group.empty()) facts.push_back({"owner", Cell{fmt::format("group {}: {} is {}", told.group, told.node, told.group_role)}});
  facts.push_back({"arrives", Cell{arrival_text(told)}});
  facts.push_back({"tracking", Cell{tracking_text(told)}});
  if (told.decides) facts.push_back({"candidates", Cell{candidates_text(told)}});
  if (!told.service.empty()) facts.push_back({"choice", Cell{choice_text(told)}});
  add_way_out(facts, told);
  return facts;
}

// What the other node would do with it. Nothing where there is none.
std::string peer_text(const Explanation& ours, const Explanation& theirs) {
  const std::string generations = ours.generation == theirs.generation
                                      ? fmt::format(" (generation {} on both)", ours.generation)
                                      : fmt::format(" (generation {} here, {} there)", ours.generation, theirs.generation);
  if (theirs.fate == "dropped") return fmt::format("{} drops it: {}{}", theirs.node, theirs.reason, generations);
  if (theirs.backend.empty()) return theirs.node + " gives it to no backend" + generations;
  const std::string name = short_name(theirs, theirs.backend);
  const char* too = theirs.backend == ours.backend ? " too" : "";
  return fmt::format("{} chooses {}{}{}", theirs.node, name, too, generations);
}

Json params_of(const Wanted& wanted) {
  const auto with_port = [](const std::string& end) {  // a client's port is of no interest to most who ask
    const bool bare6 = end.find(':') != end.rfind(':') && end.find(']') == std::string::npos;
    if (bare6) return "[" + end + "]:50000";
    return end.find(':') == std::string::npos || end.ends_with("]") ? end + ":50000" : end;
  };
  Json params{{"proto", wanted.proto}, {"source", with_port(wanted.source)}, {"target", wanted.target}};
  if (!wanted.ingress.empty()) params["port"] = wanted.ingress;
  if (wanted.as_existing) params["mid_flow"] = true;
  return params;
}

std::string draw(const Explanation& told, const std::string& peer, const Look& look) {
  Facts facts = facts_of(told);
  if (!peer.empty()) facts.push_back({"peer", Cell{peer}});
  return render(facts, look);
}

// Asked of this node, the other's answer is a line of ours; where it is silent, that is said.
std::string ask_peer(Session& session, const Json& params, const Explanation& ours) {
  if (session.options().node != Which::usual) return "";
  const Answer<Json> theirs = session.call_peer("explain", params);
  if (theirs) return peer_text(ours, theirs->get<Explanation>());
  return theirs.error().exit == Exit::no_such_object ? "" : theirs.error().message;
}

Outcome explain(Session& session, const Wanted& wanted) {
  const Json params = params_of(wanted);
  if (session.for_programs() || session.options().node == Which::both || session.options().watch)
    return show(session, {.method = "explain", .params = params, .draw = [](const Json& data, const Look& look) {
                            return draw(data.get<Explanation>(), "", look);
                          }});
  const Answer<Json> told = session.call("explain", params);
  if (!told) return tl::unexpected{told.error()};
  return reading([&]() -> Outcome {
    const Explanation ours = told->get<Explanation>();
    session.print(draw(ours, ask_peer(session, params, ours), session.look()));
    return Exit::ok;
  });
}

}  // namespace

void add_explain(Tree& tree) {
  const auto wanted = std::make_shared<Wanted>();
  tree.verb("explain", "What would become of a packet, and why.", R"(  tandemctl explain tcp 198.51.100.7:51514 203.0.113.10:443
  tandemctl explain udp 198.51.100.7 203.0.113.10:53 --node peer
  tandemctl explain tcp 10.20.0.12:443 198.51.100.7:51514 --ingress inside)")
      .word(wanted->proto, "PROTO", "tcp or udp")
      .word(wanted->source, "SRC[:PORT]", "who sends it; without a port: from 50000")
      .word(wanted->target, "DST:PORT", "where to")
      .option(wanted->ingress, "--ingress", "PORT", "the port that it comes by (else the one that SRC is routed to)")
      .flag(wanted->as_existing, "--as-existing", "not a SYN, though no connection is known")
      .run([wanted](Session& session) { return explain(session, *wanted); });
}

}  // namespace tandem::cli
