// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/backend_columns.h"
#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/commands/service_columns.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

Cell backends_cell(const api::Service& service) {
  return {std::to_string(service.backends_eligible) + "/" + std::to_string(service.backends_total), tone_of(service.state)};
}

std::string timeouts_of(const Json& data) {
  std::string out;
  const Json timeouts = data.value("timeouts", Json::object());  // items() refers to it
  for (const auto& [name, value] : timeouts.items()) {
    const std::string word = name.ends_with("_seconds") ? name.substr(0, name.size() - 8) : name;
    if (value.is_number()) out.append(out.empty() ? "" : ", ").append(word).append(" ").append(raw(value.get<double>())).append(" s");
  }
  return out;
}

// Whose checks decide about backends, and what stands against believing them.
std::string decided_of(const api::Service& service) {
  if (service.decided_by.empty()) return "no check";
  std::string out = service.decided_by;
  if (service.cut_off) out += "; most backends fail their checks on this node alone";
  if (service.panic_threshold_percent > 0) out += "; panic threshold " + std::to_string(service.panic_threshold_percent) + "%";
  if (service.kept > 0) out += ", " + std::to_string(service.kept) + " that are down stay in service";
  return out;
}

// "Them or us" on one screen: what each backend left unanswered, what it cut, and what its check last said.
std::string slow_start_of(const Json& data) {
  const double seconds = data.value("slow_start_seconds", 0.0);
  return seconds > 0 ? ", slow start " + raw(seconds) + " s" : "";
}

std::string fallback_of(const api::Service& service) {
  if (service.fallback.empty()) return "none";
  return service.fallback + (service.on_fallback ? ", whose backends take the new connections now" : "");
}

std::string passive_of(const api::Service& service) {
  if (service.passive_of == 0) return "not looked at";
  const std::string suspects = service.suspects == 0 ? "no suspects" : std::to_string(service.suspects) + " suspect";
  return std::to_string(service.passive_failed) + " of " + std::to_string(service.passive_of) + " that fail have a check asked; " +
         suspects;
}

std::string forwarding_of(const api::Service& service) {
  const bool told = !service.client_address.empty() && service.client_address != "none";
  return told ? service.forwarding + ", clients told by " + service.client_address : service.forwarding;
}

std::string draw_one(const Json& data, const Look& look) {
  const api::Service service = data.get<api::Service>();
  const Facts facts{
      {"service", Cell{service.name}},
      {"listens on", Cell{listens_of(service)}},
      {"state",
       Cell{service.state + ", " + backends_cell(service).text + " backends take new connections", service.state, tone_of(service.state)}},
      {"forwarding", Cell{forwarding_of(service), service.forwarding}},
      {"scheduler", Cell{service.scheduler + slow_start_of(data)}},
      {"fallback", Cell{fallback_of(service), service.fallback, service.on_fallback ? Tone::bad : Tone::plain}},
      {"checks", Cell{decided_of(service), service.decided_by, service.kept > 0 || service.cut_off ? Tone::bad : Tone::plain}},
      {"openings", Cell{passive_of(service), service.suspects > 0 ? Tone::bad : Tone::plain}},
      {"new", {compact(service.new_connections_per_second) + "/s", raw(service.new_connections_per_second)}},
      {"connections", {grouped(service.active_connections), std::to_string(service.active_connections)}},
      {"timeouts", Cell{timeouts_of(data)}}};
  Look parts = look;
  if (look.format == Format::table) parts.format = Format::wide;  // one service has room for all that is known
  return render(facts, look) + "\n" + table(backend_columns(false), service.backends, parts);
}

}  // namespace

std::string listens_of(const api::Service& service) {
  std::string out;
  for (const std::string& listen : service.listen) out.append(out.empty() ? "" : ",").append(listen);
  return out;
}

const Columns<api::Service>& service_columns() {
  using api::Service;
  static const Columns<Service> columns{
      {"SERVICE", "service", [](const Service& s) { return Cell{s.name}; }},
      {"VIP", "listen", [](const Service& s) { return Cell{listens_of(s)}; }},
      {"STATE", "state", [](const Service& s) { return state_cell(s.state); }},
      {"BACKENDS", "", backends_cell, Shown::table_only},
      {"", "backends_eligible", [](const Service& s) { return Cell{std::to_string(s.backends_eligible)}; }, Shown::plain_only},
      {"", "backends_total", [](const Service& s) { return Cell{std::to_string(s.backends_total)}; }, Shown::plain_only},
      {"NEW/s", "new_connections_per_second", [](const Service& s) { return rate_cell(s.new_connections_per_second); }},
      {"CONNS", "active_connections", [](const Service& s) { return count_cell(s.active_connections); }},
      {"FORWARDING", "forwarding", [](const Service& s) { return Cell{s.forwarding}; }, Shown::wide},
      {"SCHEDULER", "scheduler", [](const Service& s) { return Cell{s.scheduler}; }, Shown::wide},
      {"GIVEN", "new_connections_total", [](const Service& s) { return count_cell(s.new_connections_total); }, Shown::wide},
      {"PKTS IN", "received_packets", [](const Service& s) { return count_cell(s.received_packets); }, Shown::wide},
      {"PKTS OUT", "transmitted_packets", [](const Service& s) { return count_cell(s.transmitted_packets); }, Shown::wide},
      {"IN", "received_bytes", [](const Service& s) { return bytes_cell(s.received_bytes); }, Shown::wide},
      {"OUT", "transmitted_bytes", [](const Service& s) { return bytes_cell(s.transmitted_bytes); }, Shown::wide},
  };
  return columns;
}

void add_service(Tree& tree) {
  Noun noun = tree.noun("service", "services", "Virtual services: what clients connect to.",
                        R"(  tandemctl service list
  tandemctl service show web)");
  noun.verb("list", "All services, one a line.", R"(  tandemctl service list
  tandemctl service list -o wide
  tandemctl service list -o json | jq '.data[] | select(.state != "up") | .name')")
      .run([](Session& session) {
        return show(session, {.method = "service.list", .draw = [](const Json& data, const Look& look) {
                                return table(service_columns(), data.get<std::vector<api::Service>>(), look);
                              }});
      });
  const auto name = std::make_shared<std::string>();
  noun.verb("show", "One service with its backends: is it them or us?", R"(  tandemctl service show web
  tandemctl service show web --watch)")
      .word(*name, "SERVICE", "its name")
      .run([name](Session& session) {
        return show(session, {.method = "service.show", .params = {{"service", *name}}, .draw = draw_one});
      });
}

}  // namespace tandem::cli
