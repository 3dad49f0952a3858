// SPDX-License-Identifier: Apache-2.0
// Reading and changing backends. Three words, three meanings (operations.md 2.6): drain, disable, enable. Every change is an
// overlay entry on disk before it is answered, an event with its author, and a generation soon after.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "controlplane/api/describe.h"
#include "controlplane/api/lookup.h"
#include "controlplane/api/methods.h"

namespace tandem {
namespace {

using config::OverlayEntry;
using config::OverlayField;

// What a verb does to one backend: an entry to set, or fields to clear.
struct Change {
  std::string verb;
  std::optional<OverlayField> set;
  std::string value;
  std::vector<OverlayField> clear;
  bool takes_away = false;  // the backend takes no new connections afterwards
};

api::Answer<std::vector<std::string>> names_of(const Call& call) {
  std::vector<std::string> names;
  const auto found = call.params().find("backends");
  if (found != call.params().end() && found->is_array())
    for (const api::Json& name : *found)
      if (name.is_string()) names.push_back(name.get<std::string>());
  if (names.empty()) return tl::unexpected{api::Failure{api::Exit::usage, "backends: expected at least one SERVICE/BACKEND"}};
  return names;
}

// "3" is a weight, "50%" a share of the configured one; rounded, and never to 0 unless 0 was asked for.
api::Answer<std::string> weight_of(const std::string& text, const BackendRow& row) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view rest{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  if (error != std::errc{} || (rest != "" && rest != "%") || !(number >= 0))
    return tl::unexpected{api::Failure{api::Exit::usage, "weight: expected 0 to 256, or a percentage, got '" + text + "'"}};
  double weight = rest == "%" ? row.configured_weight * number / 100 : number;
  if (rest == "" && weight != std::floor(weight))
    return tl::unexpected{api::Failure{api::Exit::usage, "weight: expected a whole number, got '" + text + "'"}};
  weight = weight > 0 ? std::max(1.0, std::round(weight)) : 0;
  if (weight > 256) return tl::unexpected{api::Failure{api::Exit::usage, "weight: must be 0 to 256, got '" + text + "'"}};
  return std::to_string(static_cast<unsigned>(weight));
}

std::string why_not(const BackendRow& row) {
  if (row.admin != AdminState::up) return name_of(row.admin);
  return row.is_out() ? "down" : "weight 0";
}

// Services that the change would leave without a backend for new connections, in the operator's words.
std::optional<api::Failure> leaves_nobody(NodeState& node, const std::vector<BackendRow*>& chosen) {
  for (const BackendRow* row : chosen) {
    std::string others;
    bool any_left = false, any_now = false;
    for (const BackendRow* other : node.board().of(row->service)) {
      const bool leaving = std::find(chosen.begin(), chosen.end(), other) != chosen.end();
      any_now = any_now || other->eligible();
      any_left = any_left || (!leaving && other->eligible());
      if (!leaving && !other->eligible()) others += (others.empty() ? "" : ", ") + other->name + " " + why_not(*other);
    }
    if (!any_left && any_now)
      return api::Failure{
          api::Exit::refused,
          "this would leave service " + row->service + " with no backend for new connections" + (others.empty() ? "" : " (" + others + ")"),
          "use --force to do it anyway"};
  }
  return std::nullopt;
}

// What was said is what the other node hears as well.
Result<> say(NodeState& node, OverlayEntry entry, std::vector<OverlayEntry>& said) {
  entry.node = node.config().node.name;
  Result<OverlayEntry> set = node.overlay().set(std::move(entry));
  if (!set) return fail(set.error());
  said.push_back(std::move(*set));
  return {};
}

Result<> apply_to(NodeState& node, const BackendRow& row, const Change& change, const Call& call, std::vector<OverlayEntry>& said) {
  OverlayEntry entry{0, row.service, row.name, {}, "", call.peer().user, call.text_or("reason", ""), config::wall_now(), std::nullopt};
  for (const OverlayField field : change.clear) {
    entry.field = field;
    if (Result<> cleared = say(node, entry, said); !cleared) return cleared;
  }
  if (!change.set) return {};
  entry.field = *change.set, entry.value = change.value;
  if (const double ttl = call.number_or("ttl_seconds", 0); ttl > 0)
    entry.ttl = std::chrono::seconds{static_cast<std::int64_t>(std::ceil(ttl))};
  return say(node, std::move(entry), said);
}

// The new state, once the other node has it too; else with a sentence that it has not.
void answer(const CallPtr& call, NodeState& node, const std::vector<Board::Key>& keys, const std::optional<api::Failure>& peer) {
  const Sample sample = node.sample();
  std::vector<api::Backend> out;
  for (const auto& [service, name] : keys)
    if (const BackendRow* row = node.board().find(service, name)) out.push_back(describe(*row, node, sample));
  if (!peer) return call->reply(out);
  api::Failure partly = *peer;
  partly.details = out;
  call->fail(partly);
}

void carry_out(const CallPtr& call, NodeState& node, const std::vector<BackendRow*>& rows, const std::vector<Change>& changes) {
  const bool takes_away = std::any_of(changes.begin(), changes.end(), [](const Change& change) { return change.takes_away; });
  if (takes_away && !call->flag("force"))
    if (std::optional<api::Failure> refused = leaves_nobody(node, rows)) return call->fail(std::move(*refused));
  std::vector<OverlayEntry> said;
  std::vector<Board::Key> keys;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    keys.emplace_back(rows[i]->service, rows[i]->name);
    if (const Result<> done = apply_to(node, *rows[i], changes[i], *call, said); !done)
      return call->fail({api::Exit::failed, "the change could not be written, so it was not made: " + done.error().message});
    node.events().add(Severity::info, "overlay", rows[i]->service + "/" + rows[i]->name,
                      changes[i].verb + (changes[i].value.empty() ? "" : " " + changes[i].value), call->peer().user,
                      call->text_or("reason", ""));
  }
  node.board().lay_over(node.overlay(), node.now());
  node.republish();
  node.tell_peer(said, [call, &node, keys](const std::optional<api::Failure>& peer) { answer(call, node, keys, peer); });
}

api::Answer<Change> change_for(const Call& call, const BackendRow& row) {
  const std::string verb = call.method().substr(std::string_view{"backend."}.size());
  if (verb == "drain") return Change{verb, OverlayField::admin_state, "draining", {}, true};
  if (verb == "disable") return Change{verb, OverlayField::admin_state, call.flag("kill") ? "killed" : "disabled", {}, true};
  if (verb == "enable") return Change{verb, std::nullopt, "", {OverlayField::admin_state}, false};
  if (verb == "reset") return Change{verb, std::nullopt, "", {OverlayField::admin_state, OverlayField::weight}, false};
  api::Answer<std::string> weight = weight_of(call.text_or("weight", ""), row);
  if (!weight) return tl::unexpected{weight.error()};
  return Change{verb, OverlayField::weight, *weight, {}, *weight == "0"};
}

void change(const CallPtr& call, NodeState& node) {
  const api::Answer<std::vector<std::string>> names = names_of(*call);
  if (!names) return call->fail(names.error());
  const api::Answer<std::vector<BackendRow*>> rows = find_backends(node, *names);
  if (!rows) return call->fail(rows.error());
  std::vector<Change> changes;
  for (const BackendRow* row : *rows) {
    api::Answer<Change> one = change_for(*call, *row);
    if (!one) return call->fail(one.error());
    changes.push_back(std::move(*one));
  }
  carry_out(call, node, *rows, changes);
}

void list(const CallPtr& call, NodeState& node) {
  const std::string service = call->text_or("service", "");
  if (!service.empty())
    if (const auto found = find_service(node, service); !found) return call->fail(found.error());
  const Sample sample = node.sample();
  std::vector<api::Backend> out;
  for (const BackendRow* row : node.board().all())
    if (service.empty() || row->service == service) out.push_back(describe(*row, node, sample));
  call->reply(out);
}

void show(const CallPtr& call, NodeState& node) {
  const api::Answer<std::vector<BackendRow*>> rows = find_backends(node, {call->text_or("backend", "")});
  if (!rows) return call->fail(rows.error());
  call->reply(describe(*rows->front(), node, node.sample()));
}

}  // namespace

void add_backend_methods(Server& server, NodeState& node) {
  server.handle("backend.list", [&node](const CallPtr& call) { list(call, node); });
  server.handle("backend.show", [&node](const CallPtr& call) { show(call, node); });
  for (const char* verb : {"backend.drain", "backend.disable", "backend.enable", "backend.weight", "backend.reset"})
    server.handle(verb, [&node](const CallPtr& call) { change(call, node); });
}

}  // namespace tandem
