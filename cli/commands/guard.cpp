// SPDX-License-Identifier: Apache-2.0
// tandemctl deny and tandemctl allow: two lists, one set of verbs.
#include "cli/commands/commands.h"
#include "cli/commands/guard_change.h"
#include "cli/commands/guard_list.h"

namespace tandem::cli {
namespace {

struct Wording {
  const char *noun, *plural, *about, *add, *del, *list;
};

constexpr Wording kDeny{"deny",
                        "denies",
                        "Who may not enter.",
                        "These may not enter, from their next packet on.",
                        "Take prefixes off the deny list.",
                        "Prefixes that may not enter."};
constexpr Wording kAllow{"allow",
                         "allows",
                         "Who may enter, though a shorter prefix may not.",
                         "These may enter.",
                         "Take prefixes off the allow list.",
                         "Prefixes that may enter in spite of a deny of the same length or shorter."};

constexpr const char* kPrefix = "an address, or a prefix as in 198.51.100.0/24";

void add_add(Noun& noun, const Wording& wording, const std::string& method) {
  const auto wish = std::make_shared<GuardWish>();
  const std::string name{wording.noun};
  noun.verb("add", wording.add,
            "  tandemctl " + name + " add 198.51.100.66 --ttl 4h --reason crowdsec\n  tandemctl " + name +
                " add 203.0.113.0/24 --service web\n  tandemctl " + name + " add --file list.txt --ttl 1d")
      .words(wish->prefixes, "PREFIX", kPrefix, false)
      .option(wish->file, "--file", "FILE", "prefixes, one a line, # begins a comment; - is standard input")
      .option(wish->service, "--service", "NAME", "at this service alone")
      .option(wish->ttl, "--ttl", "DUR", "ends by itself after this time; said again, the time begins anew")
      .flag(wish->force, "--force", "also a prefix shorter than /8 (IPv6: /19)")
      .run([wish, method](Session& session) { return change_guard(session, method + ".add", *wish); });
}

void add_del(Noun& noun, const Wording& wording, const std::string& method) {
  const auto wish = std::make_shared<GuardWish>();
  const std::string name{wording.noun};
  noun.verb("del", wording.del, "  tandemctl " + name + " del 198.51.100.66\n  tandemctl " + name + " del 203.0.113.0/24 --service web")
      .words(wish->prefixes, "PREFIX", kPrefix, false)
      .option(wish->file, "--file", "FILE", "prefixes, one a line; - is standard input")
      .option(wish->service, "--service", "NAME", "from this service's list")
      .run([wish, method](Session& session) { return change_guard(session, method + ".del", *wish); });
}

void add_list(Noun& noun, const Wording& wording, const std::string& method) {
  const auto wanted = std::make_shared<GuardQuery>();
  const std::string name{wording.noun};
  noun.verb("list", wording.list,
            "  tandemctl " + name + " list\n  tandemctl " + name + " list 198.51.100.66         entries that it is in\n  tandemctl " +
                name + " list --limit 2000000 -o plain")
      .word(wanted->prefix, "PREFIX", "entries that hold it, or lie in it", false)
      .option(wanted->service, "--service", "NAME", "of this service's list alone")
      .option(wanted->limit, "--limit", "N", "show at most so many (1000)")
      .run([wanted, method](Session& session) { return list_guard(session, method + ".list", *wanted); });
}

void add_noun(Tree& tree, const Wording& wording) {
  const std::string name{wording.noun};
  Noun noun = tree.noun(name, wording.plural, wording.about,
                        "  tandemctl " + name + " add 198.51.100.66 --ttl 4h --reason crowdsec\n  tandemctl " + name + " list");
  add_list(noun, wording, name), add_add(noun, wording, name), add_del(noun, wording, name);
}

}  // namespace

void add_guard(Tree& tree) { add_noun(tree, kDeny), add_noun(tree, kAllow); }

}  // namespace tandem::cli
