// SPDX-License-Identifier: Apache-2.0
// What a daemon would answer: service web with four backends, one draining, one down.
#pragma once

#include <nlohmann/json.hpp>

namespace tandem::cli::samples {

using Json = nlohmann::json;

inline Json backend(const char* name, const char* address, const char* state, double weight) {
  const std::string word = state;
  return {{"service", "web"},
          {"name", name},
          {"address", address},
          {"port", 80},
          {"state", word},
          {"admin_state", word == "draining" ? "draining" : "up"},
          {"check_state", word == "down" ? "down" : "up"},
          {"weight", weight},
          {"configured_weight", weight},
          {"eligible", word == "up"},
          {"of_a_later_version", {1, 2, 3}}};
}

inline Json merged(Json object, const Json& more) {
  object.update(more);
  return object;
}

inline Json backends() {
  return {merged(backend("web-1", "10.20.0.11", "draining", 1),
                 {{"check_duration_seconds", 0.0008}, {"active_connections", 211}, {"since_seconds", 370}, {"overlay", 7}}),
          merged(backend("web-2", "10.20.0.12", "up", 2), {{"check_duration_seconds", 0.0007},
                                                           {"new_connections_per_second", 4600.0},
                                                           {"active_connections", 201'345},
                                                           {"share", 0.5},
                                                           {"since_seconds", 259'300}}),
          merged(backend("web-3", "10.20.0.13", "up", 1), {{"check_duration_seconds", 0.0009},
                                                           {"new_connections_per_second", 2300.0},
                                                           {"active_connections", 100'004},
                                                           {"share", 0.25},
                                                           {"since_seconds", 259'300}}),
          merged(backend("web-4", "10.20.0.14", "down", 1), {{"check_text", "refused (×12)"}, {"since_seconds", 41}})};
}

inline Json services() {
  return {{{"name", "web"},
           {"listen", {"203.0.113.10:80/tcp"}},
           {"forwarding", "nat"},
           {"scheduler", "consistent-round-robin"},
           {"state", "degraded"},
           {"backends_eligible", 3},
           {"backends_total", 4},
           {"new_connections_per_second", 9100.0},
           {"active_connections", 402'123}},
          {{"name", "db-write"},
           {"listen", {"10.20.0.200:3306/tcp"}},
           {"forwarding", "nat"},
           {"scheduler", "round-robin"},
           {"state", "up"},
           {"backends_eligible", 1},
           {"backends_total", 1},
           {"new_connections_per_second", 12.0},
           {"active_connections", 310}}};
}

inline Json event() {
  return {{"time", "2026-01-31T14:02:11.250Z"}, {"kind", "backend"}, {"severity", "info"}, {"object", "web/web-1"}, {"user", "alice"},
          {"reason", "kernel update"},          {"text", "draining"}};
}

inline Json status() {
  return {{"node", "lb-a"},
          {"state", "degraded"},
          {"serving", true},
          {"hugepages", true},
          {"reasons", {"service web: 3 of 4 backends take new connections"}},
          {"uptime_seconds", 3 * 86'400 + 4 * 3600 + 120},
          {"busiest_ratio", 0.38},
          {"worst_loop_seconds", 0.000061},
          {"config_hash", "9f31c2aa01bc"},
          {"workers", 4},
          {"connections_entries", 1'204'331},
          {"connections_capacity", 8'388'608},
          {"now", {{"packets_per_second", 3.21e6}, {"new_connections_per_second", 18'400.0}, {"drops_per_second", 0.0}}},
          {"peak", {{"packets_per_second", 3.9e6}, {"new_connections_per_second", 22'000.0}, {"drops_per_second", 1.0}}},
          {"services", services()},
          {"warnings", {{{"object", "web/web-1"}, {"text", "draining"}, {"since", "2026-01-31T14:02:11.250Z"}, {"overlay", 7}}}},
          {"events", {event()}}};
}

inline Json drops() {
  return {{"balance",
           {{"rx", 1'000'000},
            {"injected", 12},
            {"originated", 3},
            {"tx", 999'990},
            {"consumed", 5},
            {"held", 1},
            {"punted", {{"control", 7}, {"known", 2}, {"rest", 0}}},
            {"dropped", {{"ttl_expired", 10}, {"not_ours", 0}}},
            {"untaken", {{"heartbeat", 0}, {"injected", 0}}}}},
          {"reasons",
           {{{"reason", "ttl_expired"}, {"packets", 10}, {"packets_per_second", 0.5}, {"text", "TTL or hop limit was 1"}},
            {{"reason", "not_ours"}, {"packets", 0}, {"packets_per_second", 0.0}, {"text", "for another MAC"}}}}};
}

inline Json checks() {
  return {{{"service", "web"},
           {"backend", "web-4"},
           {"type", "http"},
           {"state", "down"},
           {"text", "refused"},
           {"results", {{"ok", 90}, {"refused", 12}}},
           {"last_duration_seconds", 0.0002},
           {"since_seconds", 41}}};
}

inline Json connection(int number) {
  return {{"proto", "tcp"},
          {"client", "198.51.100.7:" + std::to_string(51'514 + number)},
          {"vip", "203.0.113.10:80"},
          {"service", "web"},
          {"backend", "web-2"},
          {"state", "established"},
          {"age_seconds", 4320.0},
          {"idle_seconds", 3.0},
          {"worker", 1},
          {"exception", true},
          {"origin", "local"}};
}

inline Json contender(const char* backend, const char* state, double turns) {
  return {{"backend", backend}, {"state", state}, {"live", std::string{state} == "up"}, {"turns", turns}, {"connections", 12}};
}

// A new connection, whose first candidate is draining.
inline Json explanation() {
  return {{"node", "lb-a"},
          {"generation", 118},
          {"proto", "tcp"},
          {"source", "198.51.100.7:51514"},
          {"target", "203.0.113.10:80"},
          {"packet", "SYN"},
          {"role", "client"},
          {"service", "web"},
          {"lender", "web"},
          {"forwarding", "nat"},
          {"scheduler", "consistent-round-robin"},
          {"group", "blue"},
          {"group_role", "active"},
          {"port", "outside"},
          {"worker", 2},
          {"core", 5},
          {"decides", true},
          {"first", contender("web/web-1", "draining", -0.5)},
          {"second", contender("web/web-2", "up", 1)},
          {"chosen", contender("web/web-2", "up", 1)},
          {"rule", "second candidate: web/web-1 is draining"},
          {"becomes", "half-open"},
          {"fate", "sent"},
          {"backend", "web/web-2"},
          {"out", "inside"},
          {"next_hop", "10.20.0.12"},
          {"next_mac", "52:54:00:aa:00:12"},
          {"left_source", "198.51.100.7:51514"},
          {"left_target", "10.20.0.12:80"}};
}

inline Json sources() {
  return {{{"address", "10.20.0.240"},
           {"group", "blue"},
           {"gives", true},
           {"connections_tcp", 31'000},
           {"free_tcp", 1'256},
           {"free_udp", 32'256},
           {"capacity", 32'256}},
          {{"address", "10.20.0.241"}, {"group", "blue"}, {"gives", false}, {"connections_tcp", 3}}};
}

inline Json ports() {
  return {{{"name", "outside"},
           {"device", "af_packet:eth1"},
           {"driver", "net_af_packet"},
           {"mac", "02:00:00:00:00:01"},
           {"twin", "copied"},
           {"up", true},
           {"speed_bytes", 1'250'000'000},
           {"mtu_bytes", 1500},
           {"queues_rx", 2},
           {"queues_tx", 2},
           {"rx_packets", 1'234'567},
           {"tx_packets", 1'200'000},
           {"rx_missed", 5}}};
}

inline Json port_card() {
  return {{"name", "outside"},
          {"device", "0000:3b:00.0"},
          {"driver", "net_ixgbe"},
          {"note", ""},
          {"by", "inside"},
          {"right", true},
          {"traits",
           {{{"what", "queues"},
             {"asked", "4 for 4 workers"},
             {"device", "4 to receive, 4 to send"},
             {"seen", "64 + 64 + 60 + 68"},
             {"verdict", "ok"}},
            {{"what", "chains on transmit"},
             {"asked", "sent whole"},
             {"device", "no, joined by software"},
             {"seen", "whole"},
             {"verdict", "less"}}}}};
}

inline Json workers() {
  return {{{"worker", 0},
           {"core", 2},
           {"busy_ratio", 0.38},
           {"packets_total", 5'000'000},
           {"entries", 301'000},
           {"capacity", 2'097'152},
           {"loop_max_seconds", 0.000061},
           {"handover_in", 10},
           {"handover_out", 20},
           {"icmp_errors", {{"to_backend", 30}, {"to_client", 4}, {"too_big", 1}, {"time_exceeded", 50}, {"limited", 900}}},
           {"heartbeat_age_seconds", 0.0002}}};
}

inline Json denied() {
  const Json entry{{"id", 7},
                   {"list", "deny"},
                   {"prefix", "198.51.100.66/32"},
                   {"service", ""},
                   {"user", "alice"},
                   {"node", "lb-a"},
                   {"time", "2026-01-31T14:02:11Z"},
                   {"state", "in force"},
                   {"reason", "crowdsec"},
                   {"ttl_seconds", 14400},
                   {"ends", "2026-01-31T18:02:11Z"}};
  return {{"changed", 1}, {"entries", {entry}}, {"refused", Json::array()}, {"peer_silence", ""}};
}

inline Json taken_off() { return {{"changed", 1}, {"entries", Json::array()}, {"refused", Json::array()}, {"peer_silence", ""}}; }

inline Json overlay() {
  return {{{"id", 7},
           {"service", "web"},
           {"backend", "web-1"},
           {"field", "admin_state"},
           {"value", "draining"},
           {"user", "alice"},
           {"reason", "kernel update"},
           {"time", "2026-01-31T14:02:11Z"},
           {"ttl_seconds", 7200.0},
           {"orphaned", false}}};
}

inline Json history() {
  return {{{"config_hash", "9f31c2aa01bc"}, {"time", "2026-01-31T13:00:00Z"}, {"user", "alice"}, {"reason", "two more"}, {"current", true}},
          {{"config_hash", "11223344aabb"}, {"time", "2026-01-30T13:00:00Z"}, {"user", "bob"}, {"reason", ""}, {"current", false}}};
}

inline Json applied() {
  return {{"config_hash", "9f31c2aa01bc"},
          {"generation", 118},
          {"changes",
           {{{"path", "service.web.backend.web-3.weight"}, {"before", "1"}, {"after", "2"}},
            {{"path", "service.web.backend.web-5"}, {"before", ""}, {"after", "10.20.0.15:80"}}}}};
}

inline Json ha() {
  return {{"configured", true},
          {"node", "lb-a"},
          {"peer", "lb-b"},
          {"mode", "pair"},
          {"elects", "hellos"},
          {"keys", "agree"},
          {"peer_up", true},
          {"ready", true},
          {"in_step", true},
          {"peer_in_step", true},
          {"same_config", true},
          {"same_schedule", true},
          {"interval_seconds", 0.05},
          {"dead_time_seconds", 0.15},
          {"worst_gap_seconds", 0.014},
          {"sync",
           {{"on", true},
            {"records_sent", 1204331},
            {"bytes_sent", 52000000},
            {"lag_seconds", 0.004},
            {"walked_records", 1200000},
            {"walk_seconds", 2.9},
            {"digest_compared", 18219008}}},
          {"paths", {{{"name", "sync"}, {"up", true}, {"sent", 1000}, {"received", 1000}, {"last_heard_seconds", 0.02}}}},
          {"groups",
           {{{"name", "blue"},
             {"role", "active"},
             {"peer_role", "standby"},
             {"cause", "boot"},
             {"addresses", 3},
             {"priority", 254},
             {"term", 1},
             {"preferred", true},
             {"active", true},
             {"since_seconds", 270000}},
            {{"name", "green"},
             {"role", "standby"},
             {"peer_role", "active"},
             {"cause", "boot"},
             {"addresses", 2},
             {"priority", 250},
             {"term", 1},
             {"preferred", false},
             {"active", false},
             {"since_seconds", 270000}}}}};
}

}  // namespace tandem::cli::samples
