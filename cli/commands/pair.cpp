// SPDX-License-Identifier: Apache-2.0
// The pair's secret: made once, copied to the other node by the operator, its keys changed in two steps. Works on the file
// alone, without a daemon; shows which keys it holds, never the keys.
#include "cli/commands/commands.h"
#include "cli/render/safe_text.h"
#include "cli/render/table.h"
#include "controlplane/config/state_file.h"
#include "controlplane/sync/key_file.h"

namespace tandem::cli {
namespace {

using sync::PairKeys;

struct KeyRow {
  std::string id, fingerprint;
  bool sends = false;
};

std::vector<KeyRow> rows_of(const PairKeys& keys) {
  std::vector<KeyRow> rows;
  rows.reserve(keys.keys.size());
  for (const sync::PairKey& key : keys.keys) rows.push_back({to_string(key.id), to_string(key.fingerprint), key.id == keys.send});
  return rows;
}

const Columns<KeyRow>& columns() {
  static const Columns<KeyRow> all{
      {"KEY", "key", [](const KeyRow& row) { return Cell{row.id}; }},
      {"FINGERPRINT", "fingerprint", [](const KeyRow& row) { return Cell{row.fingerprint}; }},
      {"SENDS", "sends",
       [](const KeyRow& row) {
         return Cell{row.sends ? "yes" : "", row.sends ? "true" : "false", Tone::good};
       }},
  };
  return all;
}

Outcome show_keys(Session& session, const PairKeys& keys) {
  Json data = Json::array();
  for (const KeyRow& row : rows_of(keys)) data.push_back({{"key", row.id}, {"fingerprint", row.fingerprint}, {"sends", row.sends}});
  if (session.for_programs()) session.print_json("pair.key.show", data);
  else session.print(table(columns(), rows_of(keys), session.look()));
  return Exit::ok;
}

tl::unexpected<Failure> failed(const Error& error, Exit exit = Exit::failed) { return refuse(exit, printable(error.message)); }

Outcome init(Session& session, const std::string& path) {
  const PairKeys keys = sync::make_keys(sync::kernel_chance());
  if (const Result<> written = sync::write_new_keys(path, keys); !written)
    return failed(written.error(), config::file_exists(path) ? Exit::refused : Exit::failed);
  session.say("Copy " + printable(path) + " to the other node, by a way you trust; name it in [sync] key on both.");
  return show_keys(session, keys);
}

Outcome show(Session& session, const std::string& path) {
  const Result<PairKeys> keys = sync::load_keys(path);
  return keys ? show_keys(session, *keys) : failed(keys.error());
}

using Change = std::function<Result<>(PairKeys&)>;

// Reads, changes, writes. What may not be is refused by `change`, and leaves the file alone.
Outcome change_keys(Session& session, const std::string& path, const Change& change, const std::string& next) {
  Result<PairKeys> keys = sync::load_keys(path);
  if (!keys) return failed(keys.error());
  if (const Result<> changed = change(*keys); !changed) return failed(changed.error().within(path), Exit::refused);
  if (const Result<> written = sync::replace_keys(path, *keys); !written) return failed(written.error());
  session.say(next);
  return show_keys(session, *keys);
}

Outcome add(Session& session, const std::string& path) {
  return change_keys(
      session, path, [](PairKeys& keys) { return sync::add_key(keys, sync::kernel_chance()); },
      "Copy " + printable(path) + " to the other node and reload both; then: tandemctl pair key retire " + printable(path));
}

Outcome retire(Session& session, const std::string& path, const std::string& written_id) {
  const std::optional<sync::KeyId> id = sync::read_key_id(written_id);
  if (!written_id.empty() && !id) return refuse(Exit::usage, "expected a key such as 3f2a, got \"" + printable(written_id) + "\"");
  if (const Result<PairKeys> keys = sync::load_keys(path); keys && id && keys->find(*id) == nullptr)
    return refuse(Exit::no_such_object, printable(path) + ": there is no key " + to_string(*id), "see tandemctl pair key show");
  return change_keys(
      session, path, [id](PairKeys& keys) { return sync::retire_key(keys, id.value_or(keys.send)); },
      "Reload this node; then copy " + printable(path) + " to the other and reload it.");
}

void add_keys(Noun noun) {
  const auto shown = std::make_shared<std::string>(), added = std::make_shared<std::string>();
  const auto retired = std::make_shared<std::string>(), id = std::make_shared<std::string>();
  noun.verb("add", "The first step of a rotation: a second key that both nodes can open.",
            R"(  tandemctl pair key add /etc/tandem/pair.key)")
      .word(*added, "FILE", "the pair's secret")
      .run([added](Session& session) { return add(session, *added); });
  noun.verb("retire", "The last step: the old key goes, the other sends.", R"(  tandemctl pair key retire /etc/tandem/pair.key
  tandemctl pair key retire /etc/tandem/pair.key 91cc   this one, when it is not the old one)")
      .word(*retired, "FILE", "the pair's secret")
      .word(*id, "KEY", "which; else the one that sends", false)
      .run([retired, id](Session& session) { return retire(session, *retired, *id); });
  noun.verb("show", "Which keys a file holds, by id and fingerprint.", R"(  tandemctl pair key show /etc/tandem/pair.key)")
      .word(*shown, "FILE", "the pair's secret")
      .run([shown](Session& session) { return show(session, *shown); });
}

}  // namespace

void add_pair(Tree& tree) {
  Noun noun = tree.noun("pair", "pairs", "The secret that two nodes share.", R"(  tandemctl pair init /etc/tandem/pair.key
  tandemctl pair key show /etc/tandem/pair.key)");
  const auto made = std::make_shared<std::string>();
  noun.verb("init", "Makes a new secret, for its owner alone; never overwrites one.", R"(  tandemctl pair init /etc/tandem/pair.key
  scp -p /etc/tandem/pair.key lb-b:/etc/tandem/)")
      .word(*made, "FILE", "where it is written")
      .run([made](Session& session) { return init(session, *made); });
  add_keys(noun.noun("key", "keys", "The keys in it: two while they are changed.", R"(  tandemctl pair key add /etc/tandem/pair.key
  tandemctl pair key retire /etc/tandem/pair.key)"));
}

}  // namespace tandem::cli
