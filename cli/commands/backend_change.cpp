// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/backend_change.h"

#include "cli/commands/backend_columns.h"
#include "cli/commands/drain_wait.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

struct Change {
  std::vector<std::string> backends;
  std::string wait, ttl;
  bool force = false, kill = false;
};

Answer<Json> params_of(const Change& change, const Session& session) {
  Json params{{"backends", change.backends}};
  if (!session.options().reason.empty()) params["reason"] = session.options().reason;
  if (change.force) params["force"] = true;
  if (change.kill) params["kill"] = true;
  if (change.ttl.empty()) return params;
  const Answer<std::chrono::milliseconds> ttl = read_duration("--ttl", change.ttl);
  if (!ttl) return tl::unexpected{ttl.error()};
  params["ttl_seconds"] = std::chrono::duration<double>(*ttl).count();
  return params;
}

// "web/web-1 draining (overlay #7)"
std::string state_line(const api::Backend& backend, const Look& look) {
  std::string line = full_name(backend) + " " + paint(backend.state, tone_of(backend.state), look);
  if (backend.weight != backend.configured_weight)
    line += ", weight " + raw(backend.weight) + " (configured " + raw(backend.configured_weight) + ")";
  if (backend.overlay) line += " (overlay #" + std::to_string(*backend.overlay) + ")";
  return line + "\n";
}

void print_state(Session& session, const std::vector<api::Backend>& backends) {
  const Look& look = session.look();
  if (look.format != Format::table) return session.print(table(backend_columns(true), backends, look));
  for (const api::Backend& backend : backends) session.print(state_line(backend, look));
}

// Done here and not on the other node: the new state, and then what is missing.
Outcome print_partly(Session& session, const std::string& method, const Failure& failure) {
  if (failure.exit != Exit::partly_done || !failure.details.is_array()) return tl::unexpected{failure};
  return reading([&]() -> Outcome {
    if (session.for_programs()) session.print_json(method, failure.details);
    else print_state(session, failure.details.get<std::vector<api::Backend>>());
    return tl::unexpected{failure};
  });
}

Outcome apply(Session& session, const std::string& method, const Json& params, const std::string& wait) {
  std::optional<std::chrono::milliseconds> limit;
  if (!wait.empty()) {
    const Answer<std::chrono::milliseconds> given = read_duration("--wait", wait);
    if (!given) return tl::unexpected{given.error()};
    limit = *given;
  }
  const Answer<Json> answer = session.call(method, params);
  if (!answer) return print_partly(session, method, answer.error());
  return reading([&]() -> Outcome {
    const auto backends = answer->get<std::vector<api::Backend>>();
    if (!session.for_programs()) print_state(session, backends);
    else if (!limit) session.print_json(method, *answer);
    if (!limit) return Exit::ok;
    return DrainWait{session, method, backends}.run(*limit);
  });
}

Outcome change(Session& session, const std::string& method, const Change& change) {
  const Answer<Json> params = params_of(change, session);
  if (!params) return tl::unexpected{params.error()};
  if (change.kill)
    if (const Answer<void> sure = session.confirm("This cuts every connection of the backend."); !sure) return tl::unexpected{sure.error()};
  return apply(session, method, *params, change.wait);
}

// The last word is the weight: "3", or a share of the configured one, "50%".
Outcome change_weight(Session& session, Change change) {
  if (change.backends.size() < 2)
    return refuse(Exit::usage, "backend weight: expected BACKEND… and then a weight", "as in tandemctl backend weight web/web-1 50%");
  const std::string weight = change.backends.back();
  change.backends.pop_back();
  const std::string number = weight.ends_with("%") ? weight.substr(0, weight.size() - 1) : weight;
  if (!read_number("weight", number)) return refuse(Exit::usage, "expected a weight such as 3 or 50%, got \"" + weight + "\"");
  Answer<Json> params = params_of(change, session);
  if (!params) return tl::unexpected{params.error()};
  (*params)["weight"] = weight;
  return apply(session, "backend.weight", *params, {});
}

constexpr const char *kNames = "SERVICE/BACKEND, patterns allowed", *kTtl = "undo by itself after this time";

Verb& with_common(Verb& verb, const std::shared_ptr<Change>& args) {
  return verb.words(args->backends, "BACKEND", kNames)
      .option(args->ttl, "--ttl", "DUR", kTtl)
      .flag(args->force, "--force", "also when it leaves a service without a backend");
}

void add_drain(Noun& noun) {
  const auto args = std::make_shared<Change>();
  Verb verb = noun.verb("drain", "No new connections; those there are go on, and so do checks.",
                        R"(  tandemctl backend drain web/web-1 --wait 10m --reason "kernel update"
  tandemctl backend drain 'web/*-a' --ttl 2h)");
  with_common(verb, args)
      .option(args->wait, "--wait", "DUR", "wait at most so long until no connection is left")
      .run([args](Session& session) { return change(session, "backend.drain", *args); });
}

void add_disable(Noun& noun) {
  const auto args = std::make_shared<Change>();
  Verb verb = noun.verb("disable", "As drain; with --kill its connections are cut.", R"(  tandemctl backend disable web/web-1
  tandemctl backend disable web/web-1 --kill --yes --reason "compromised")");
  with_common(verb, args)
      .flag(args->kill, "--kill", "reset its connections")
      .option(args->wait, "--wait", "DUR", "wait at most so long until no connection is left")
      .run([args](Session& session) { return change(session, "backend.disable", *args); });
}

void add_enable_and_reset(Noun& noun) {
  const auto enabled = std::make_shared<Change>(), reset = std::make_shared<Change>();
  noun.verb("enable", "Back to the configured state.", R"(  tandemctl backend enable web/web-1
  tandemctl backend enable 'web/*')")
      .words(enabled->backends, "BACKEND", kNames)
      .run([enabled](Session& session) { return change(session, "backend.enable", *enabled); });
  Verb verb = noun.verb("reset", "Drop all that was changed at run time.", R"(  tandemctl backend reset web/web-1
  tandemctl backend reset '*/*' --reason "back to the file")");
  with_common(verb, reset).run([reset](Session& session) { return change(session, "backend.reset", *reset); });
}

void add_weight(Noun& noun) {
  const auto args = std::make_shared<Change>();
  noun.verb("weight", "A new share of new connections; 0 equals drain.", R"(  tandemctl backend weight web/web-1 3
  tandemctl backend weight web/web-1 web/web-2 50% --ttl 1h)")
      .words(args->backends, "BACKEND", "SERVICE/BACKEND, patterns allowed; the last word is the weight, 3 or 50%")
      .option(args->ttl, "--ttl", "DUR", kTtl)
      .flag(args->force, "--force", "also when it leaves a service without a backend")
      .run([args](Session& session) { return change_weight(session, *args); });
}

}  // namespace

void add_backend_changes(Noun& noun) { add_drain(noun), add_disable(noun), add_enable_and_reset(noun), add_weight(noun); }

}  // namespace tandem::cli
