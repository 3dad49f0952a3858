// SPDX-License-Identifier: Apache-2.0
// Frames as they pass, into a pcapng file. The daemon makes the file's blocks; here they are written as they come.
#include <fstream>
#include <sstream>

#include "cli/commands/commands.h"
#include "cli/commands/packet_filter.h"
#include "cli/render/numbers.h"
#include "common/api/base64.h"

namespace tandem::cli {
namespace {

struct Wanted {
  std::string file, at, port, snap, count, duration, ring;
  std::vector<std::string> filter;
};

// "64k", "100M": as tandem.toml has sizes, in powers of two.
Answer<std::uint64_t> read_size(const std::string& name, std::string text) {
  const std::string suffixes = "kMG";
  const std::size_t power = text.empty() ? std::string::npos : suffixes.find(text.back());
  if (power != std::string::npos) text.pop_back();
  const Answer<std::uint64_t> number = read_number(name, text);
  if (!number) return number;
  return *number << (power == std::string::npos ? 0 : 10 * (power + 1));
}

Answer<void> put_number(Json& params, const char* key, const Answer<std::uint64_t>& number) {
  if (!number) return tl::unexpected{number.error()};
  params[key] = *number;
  return {};
}

Answer<Json> params_of(const Wanted& wanted) {
  Json params = Json::object();
  const Answer<Json> program = compile_filter(wanted.filter);
  if (!program) return program;
  params["program"] = *program;
  if (!wanted.port.empty()) params["port"] = wanted.port;
  std::istringstream at{wanted.at};
  for (std::string point; std::getline(at, point, ',');) params["at"].push_back(point);
  if (!wanted.snap.empty())
    if (const auto put = put_number(params, "snap_bytes", read_number("--snaplen", wanted.snap)); !put) return tl::unexpected{put.error()};
  if (!wanted.count.empty())
    if (const auto put = put_number(params, "count", read_number("--count", wanted.count)); !put) return tl::unexpected{put.error()};
  if (!wanted.ring.empty())
    if (const auto put = put_number(params, "ring_bytes", read_size("--ring", wanted.ring)); !put) return tl::unexpected{put.error()};
  if (wanted.duration.empty()) return params;
  const auto duration = read_duration("--duration", wanted.duration);
  if (!duration) return tl::unexpected{duration.error()};
  params["seconds"] = std::chrono::duration<double>(*duration).count();
  return params;
}

// Where the blocks go; what was written, also when the stream was cut short.
struct Writing {
  std::ostream& out;
  std::uint64_t packets = 0, lost = 0;
  std::string problem;

  bool take(const Json& event) {
    const std::optional<std::string> blocks = api::from_base64(event.value("blocks", ""));
    if (!blocks) problem = "tandemd's blocks are not base64";
    else out << *blocks << std::flush;
    packets = event.value("packets", packets), lost = event.value("lost", lost);
    if (!out) problem = "cannot write: is the disk full?";
    return problem.empty();
  }
};

std::string summary(const Writing& writing) {
  const std::string lost =
      writing.lost == 0 ? "" : ", " + grouped(writing.lost) + " lost (a larger --ring, a smaller --snaplen or a filter)";
  return counted(writing.packets, "packet") + " captured" + lost;
}

// A capture without an end is ended by Ctrl-C: that is no failure.
Outcome stream_to(Session& session, const Json& params, std::ostream& out) {
  Writing writing{out, 0, 0, {}};
  const Answer<Json> end = session.stream("capture", params, true, [&](const Json& event) { return writing.take(event); });
  if (!writing.problem.empty()) return refuse(Exit::failed, writing.problem);
  if (!end && end.error().exit != Exit::interrupted) return tl::unexpected{end.error()};
  if (end) writing.packets = end->value("packets", writing.packets), writing.lost = end->value("lost", writing.lost);
  session.say(summary(writing));
  return Exit::ok;
}

Outcome capture(Session& session, const Wanted& wanted) {
  const bool to_terminal = wanted.file == "-" && session.world().out_is_terminal;
  if (wanted.file.empty() || to_terminal)
    return refuse(Exit::usage, wanted.file.empty() ? "-w is missing" : "a terminal cannot show a pcapng file",
                  "-w FILE, or -w - into a pipe: tandemctl capture -w - | tshark -r -");
  const Answer<Json> params = params_of(wanted);
  if (!params) return tl::unexpected{params.error()};
  return reading([&]() -> Outcome {
    if (wanted.file == "-") return stream_to(session, *params, session.world().out);
    std::ofstream file{wanted.file, std::ios::binary};
    if (!file) return refuse(Exit::failed, wanted.file + ": cannot be written");
    return stream_to(session, *params, file);
  });
}

}  // namespace

void add_capture(Tree& tree) {
  const auto wanted = std::make_shared<Wanted>();
  tree.verb("capture", "Frames as they pass, into a pcapng file; drops with their reason.",
            R"(  tandemctl capture -w web.pcapng --count 1000 tcp port 80
  tandemctl capture -w drops.pcapng --at drop --duration 10s
  tandemctl capture -w - --port outside host 198.51.100.7 | tshark -r -)")
      .words(wanted->filter, "FILTER", "which packets, in libpcap's language (pcap-filter(7)); else all", false)
      .option(wanted->file, "-w,--write", "FILE", "where to; - is the standard output")
      .option(wanted->at, "--at", "LIST", "rx, tx, drop, punt, separated by commas (rx,tx,drop)")
      .option(wanted->port, "--port", "PORT", "at this port alone")
      .option(wanted->snap, "--snaplen", "N", "of each frame at most so many bytes (65535)")
      .option(wanted->count, "--count", "N", "end after so many")
      .option(wanted->duration, "--duration", "DUR", "end after 10s, 5m")
      .option(wanted->ring, "--ring", "SIZE", "room for what waits to be written (32M)")
      .run([wanted](Session& session) { return capture(session, *wanted); });
}

}  // namespace tandem::cli
