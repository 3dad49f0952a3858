// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/guard_words.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "controlplane/api/lookup.h"

namespace tandem {
namespace {

// So short a prefix is a slip of the hand more often than not: an eighth of the Internet, or all who were given addresses by one registry.
constexpr std::uint8_t kShortest4 = 8, kShortest6 = 19;

bool is_wide(const Prefix& prefix) { return prefix.length < (prefix.address.family == Family::ipv4 ? kShortest4 : kShortest6); }

struct Judgement {
  api::Exit exit = api::Exit::ok;
  std::string why, hint;
};

Judgement judge(const GuardWish& wish, const Prefix& prefix, bool force, const guard::Desk& desk) {
  const std::string list = std::string{guard::to_string(wish.verdict)} + " list" + (wish.service.empty() ? "" : " of " + wish.service);
  if (wish.takes_back) {
    if (desk.book().find({wish.service, prefix, wish.verdict}) != nullptr) return {};
    return {api::Exit::no_such_object, "not on the " + list, "tandemctl " + std::string{guard::to_string(wish.verdict)} + " list shows it"};
  }
  if (wish.verdict == guard::Verdict::allow) return {};
  if (const Prefix* protect = desk.protects(prefix))
    return {api::Exit::refused, "protected: [protect] prefixes has " + to_string(*protect), "no deny list may hold it"};
  if (is_wide(prefix) && !force) return {api::Exit::refused, "this would deny very many clients at once", "use --force to do it anyway"};
  return {};
}

api::Answer<std::vector<std::string>> texts_of(const Call& call) {
  std::vector<std::string> out;
  const auto found = call.params().find("prefixes");
  if (found != call.params().end() && found->is_array())
    for (const api::Json& each : *found)
      if (each.is_string()) out.push_back(each.get<std::string>());
  if (out.empty()) return tl::unexpected{api::Failure{api::Exit::usage, "prefixes: expected at least one address or prefix"}};
  return out;
}

// One prefix of many; an answer is why the whole wish is refused for it.
std::optional<api::Failure> take(GuardWish& wish, const std::string& text, const Call& call, NodeState& node) {
  const Result<Prefix> prefix = read_denied_prefix(text);
  const Judgement found = prefix ? judge(wish, *prefix, call.flag("force"), node.guard())
                                 : Judgement{api::Exit::usage, prefix.error().message, "as in 198.51.100.66 or 198.51.100.0/24"};
  if (found.exit == api::Exit::ok) {
    wish.prefixes.push_back(*prefix);
    return std::nullopt;
  }
  if (!call.flag("skip_refused")) return api::Failure{found.exit, text + ": " + found.why, found.hint};
  wish.refused.push_back({text, found.why});
  return std::nullopt;
}

}  // namespace

Result<Prefix> read_denied_prefix(std::string_view text) {
  if (text.find('/') == std::string_view::npos) {
    const Result<IpAddress> address = parse_address(text);
    if (!address) return fail(address.error());
    return Prefix{*address, static_cast<std::uint8_t>(address->bits())};
  }
  const Result<Prefix> prefix = parse_prefix(text);
  if (!prefix || prefix->network() == prefix->address) return prefix;
  return fail("bits are set behind the prefix: " + to_string(Prefix{prefix->network(), prefix->length}) +
              " was meant, or one address of it");
}

api::Answer<GuardWish> read_guard_wish(const Call& call, NodeState& node) {
  GuardWish wish;
  wish.verdict = call.method().starts_with("allow") ? guard::Verdict::allow : guard::Verdict::deny;
  wish.takes_back = call.method().ends_with(".del");
  wish.service = call.text_or("service", "");
  // What a service that is gone has on its list may be taken back.
  if (!wish.service.empty() && !wish.takes_back)
    if (const auto known = find_service(node, wish.service); !known) return tl::unexpected{known.error()};
  if (const double ttl = call.number_or("ttl_seconds", 0); ttl > 0)
    wish.lasts = std::chrono::seconds{static_cast<std::int64_t>(std::ceil(ttl))};
  const api::Answer<std::vector<std::string>> texts = texts_of(call);
  if (!texts) return tl::unexpected{texts.error()};
  for (const std::string& text : *texts)
    if (std::optional<api::Failure> failure = take(wish, text, call, node)) return tl::unexpected{std::move(*failure)};
  std::ranges::sort(wish.prefixes);
  const auto doubled = std::ranges::unique(wish.prefixes);
  wish.prefixes.erase(doubled.begin(), doubled.end());
  return wish;
}

}  // namespace tandem
