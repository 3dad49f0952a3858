// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/port_card.h"

#include "cli/commands/query.h"
#include "cli/render/table.h"
#include "common/api/port_card.h"

namespace tandem::cli {
namespace {

using api::PortCard;
using api::PortTrait;

Cell verdict_cell(const PortTrait& trait) {
  const Tone tone = trait.verdict == "ok" ? Tone::good : trait.verdict == "wrong" ? Tone::bad : Tone::warn;
  return {trait.verdict, tone};
}

Columns<PortTrait> columns(bool verified) {
  return {
      {"WHAT", "what", [](const PortTrait& t) { return Cell{t.what}; }},
      {"ASKED", "asked", [](const PortTrait& t) { return Cell{t.asked}; }},
      {"DEVICE SAYS", "device", [](const PortTrait& t) { return Cell{t.device}; }},
      {"SEEN", "seen", [](const PortTrait& t) { return Cell{t.seen}; }, verified ? Shown::always : Shown::plain_only},
      {"", "verdict", verdict_cell},
  };
}

std::string draw(const Json& data, const Look& look, bool verified) {
  const PortCard card = data.get<PortCard>();
  Facts facts{{"port", Cell{card.name}}, {"device", Cell{card.device + ", " + card.driver, card.device}}};
  if (!card.note.empty()) facts.emplace_back("note", Cell{card.note});
  if (verified) facts.emplace_back("sent by", Cell{card.by.empty() ? "any port, but none came" : card.by, card.by});
  return render(facts, look) + "\n" + table(columns(verified), card.traits, look);
}

struct VerifyWords {
  std::string port, by;
  bool force = false;
};

}  // namespace

void add_port_show(Noun& noun) {
  const auto port = std::make_shared<std::string>();
  noun.verb("show", "One port: what was asked of its device, and what it said.", R"(  tandemctl port show outside)")
      .word(*port, "PORT", "its name")
      .run([port](Session& session) {
        return show(session, {.method = "port.show", .params = {{"port", *port}}, .draw = [](const Json& data, const Look& look) {
                                return draw(data, look, false);
                              }});
      });
}

void add_port_verify(Noun& noun) {
  const auto words = std::make_shared<VerifyWords>();
  noun.verb("verify", "Sends packets to a port and shows how they arrive. Exit 1 when something is otherwise than asked, or nothing comes.",
            R"(  tandemctl port verify outside                     by whichever port is joined to it
  tandemctl port verify outside --by inside --force)")
      .word(words->port, "PORT", "where the packets are to arrive")
      .option(words->by, "--by", "PORT", "the port that sends them; default: any whose frames come there")
      .flag(words->force, "--force", "also while this node serves")
      .run([words](Session& session) {
        return show(session,
                    {.method = "port.verify",
                     .params = {{"port", words->port}, {"by", words->by}, {"force", words->force}, {"reason", session.options().reason}},
                     .draw = [](const Json& data, const Look& look) { return draw(data, look, true); },
                     .judge = [](const Json& data) { return data.value("right", false) ? Exit::ok : Exit::failed; }});
      });
}

}  // namespace tandem::cli
