// SPDX-License-Identifier: Apache-2.0
#include "tests/load/crowd_report.h"

#include <algorithm>
#include <map>
#include <string>

namespace tandem::load {
namespace {

using nlohmann::json;

constexpr std::size_t kNamedMost = 2000;  // of those that broke

bool lived(const Stream& stream) { return stream.state() == Stream::State::finished; }

bool established_before(const Stream& stream, Instant moment) { return stream.established() && *stream.established() <= moment; }

double age_ms(const Stream& stream, Instant at) { return seconds(at - *stream.established()) * 1000; }

json one_that_broke(const Stream& stream, Instant killed) {
  return {{"age_ms", age_ms(stream, killed)}, {"state", word(stream.state())}, {"port", stream.port()},
          {"server", stream.server()},        {"sent", stream.sent()},         {"echoed", stream.verifier().next()}};
}

json at_the_kill(const Streams& streams, Instant killed, std::size_t burst_begins) {
  std::size_t established = 0, burst_established = 0, waiting = 0, waiting_lived = 0;
  json broken = json::array(), burst = json::array();
  std::size_t broken_count = 0;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const Stream& stream = *streams[i];
    if (!established_before(stream, killed)) {
      ++waiting, waiting_lived += lived(stream);
      continue;
    }
    ++established, burst_established += i >= burst_begins;
    if (i >= burst_begins) burst.push_back({{"port", stream.port()}, {"age_ms", age_ms(stream, killed)}});
    if (lived(stream)) continue;
    ++broken_count;
    if (broken.size() < kNamedMost) broken.push_back(one_that_broke(stream, killed));
  }
  return {{"at", seconds(killed)},
          {"burst", streams.size() - burst_begins},
          {"burst_established", burst_established},
          {"burst_streams", burst},
          {"established", established},
          {"broken", broken_count},
          {"broke", broken},
          {"in_handshake", waiting},
          {"in_handshake_lived", waiting_lived}};
}

}  // namespace

json report_of(const Streams& streams, std::optional<Instant> killed, std::size_t burst_begins) {
  std::map<std::string, std::size_t> states, servers;
  Faults faults;
  std::uint64_t sent = 0, echoed = 0;
  Nanoseconds silence{0};
  for (const auto& stream : streams) {
    ++states[word(stream->state())];
    if (stream->greeted()) ++servers[stream->server()];
    faults += stream->verifier().faults();
    sent += stream->sent(), echoed += stream->verifier().next();
    silence = std::max(silence, stream->longest_silence());
  }
  json out = {{"streams", streams.size()}, {"alive", states["finished"]}, {"reset", states["reset"]},
              {"states", states},          {"servers", servers},          {"lost", faults.lost},
              {"doubled", faults.doubled}, {"damaged", faults.damaged},   {"blocks_sent", sent},
              {"blocks_echoed", echoed},   {"missing", sent - echoed},    {"longest_silence_s", seconds(silence)}};
  if (killed) out["kill"] = at_the_kill(streams, *killed, burst_begins);
  return out;
}

}  // namespace tandem::load
