// SPDX-License-Identifier: Apache-2.0
// The methods of the API, once: names as on the command line, and which socket may call them. Fields: types.h and README.md.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tandem::api {

enum class Rights : std::uint8_t { read, change, health };

struct Method {
  std::string_view name;
  Rights rights;
  std::string_view text;
};

inline constexpr std::array kMethods{
    Method{"version", Rights::read, "versions of the daemon, the API and DPDK"},
    Method{"status", Rights::read, "am I serving, what changed last, what is wrong"},
    Method{"events.list", Rights::read, "what happened, newest last"},
    Method{"events.follow", Rights::read, "what happens from now on"},
    Method{"warnings.list", Rights::read, "what an operator should look at"},
    Method{"drops.list", Rights::read, "packets not forwarded, by reason, and the balance"},
    Method{"service.list", Rights::read, "all services"},
    Method{"service.show", Rights::read, "one service with its backends"},
    Method{"backend.list", Rights::read, "backends of one or all services"},
    Method{"backend.show", Rights::read, "one backend"},
    Method{"backend.drain", Rights::change, "no new connections; existing ones go on"},
    Method{"backend.disable", Rights::change, "as drain; with kill, existing connections are cut"},
    Method{"backend.enable", Rights::change, "back to the configured state"},
    Method{"backend.weight", Rights::change, "a new share"},
    Method{"backend.reset", Rights::change, "drop the overlay of a backend"},
    Method{"check.list", Rights::read, "health checks and their last verdicts"},
    Method{"check.run", Rights::change, "one check now, with its dialogue"},
    Method{"conn.list", Rights::read, "connections that match a filter"},
    Method{"conn.count", Rights::read, "how many connections match, by group"},
    Method{"conn.kill", Rights::change, "ends the connections that match, on both nodes"},
    Method{"explain", Rights::read, "what would become of a packet, and why"},
    Method{"capture", Rights::change, "frames as they pass, for a pcapng file"},  // their contents are not everybody's to read
    Method{"trace", Rights::read, "what each packet meets and what is decided"},
    Method{"port.list", Rights::read, "ports, links, device counters"},
    Method{"port.show", Rights::read, "one port: what was asked of its device, and what it said"},
    Method{"port.verify", Rights::change, "the same, tried with packets"},
    Method{"source.list", Rights::read, "source addresses of full-nat, and their ports"},
    Method{"worker.list", Rights::read, "workers, load, tables"},
    Method{"config.check", Rights::read, "what is wrong with a configuration"},
    Method{"config.diff", Rights::read, "what a configuration would change"},
    Method{"config.apply", Rights::change, "make a configuration the one in force"},
    Method{"config.confirm", Rights::change, "keep what was applied for a trial"},
    Method{"config.rollback", Rights::change, "back to an earlier configuration"},
    Method{"config.history", Rights::read, "the last ten configurations"},
    Method{"ha.status", Rights::read, "the pair: who serves which group, who hears whom"},
    Method{"sync.status", Rights::read, "the same, for what was synced"},
    Method{"sync.resync", Rights::change, "tells the other node all connections again"},
    Method{"ha.failover", Rights::change, "moves groups to the other node without a loss"},
    Method{"ha.hold", Rights::change, "no role changes but for the other node's death, for a while"},
    Method{"ha.resume", Rights::change, "ends a hold"},
    Method{"overlay.list", Rights::read, "changes made at run time"},
    Method{"deny.list", Rights::read, "prefixes that may not enter"},
    Method{"deny.add", Rights::change, "these prefixes may not enter"},
    Method{"deny.del", Rights::change, "they are no longer on the deny list"},
    Method{"allow.list", Rights::read, "prefixes that may enter though a shorter one may not"},
    Method{"allow.add", Rights::change, "these prefixes may enter"},
    Method{"allow.del", Rights::change, "they are no longer on the allow list"},
    Method{"stats.snapshot", Rights::read, "everything the exporter needs, at one moment"},
    Method{"check.watch", Rights::health, "the checks to run, now and whenever they change"},
    Method{"check.report", Rights::health, "verdicts of checks"},
};

constexpr const Method* find_method(std::string_view name) {
  for (const Method& method : kMethods)
    if (method.name == name) return &method;
  return nullptr;
}

}  // namespace tandem::api
