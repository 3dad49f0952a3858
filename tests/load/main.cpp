// SPDX-License-Identifier: Apache-2.0
// Load for the lab's tests, and the echo at its other end. Numbered bytes and datagrams go both ways, so that a change of backend, a
// lost or a doubled byte is seen where it arrives. Each runs until SIGTERM (or --seconds), then prints what it counted as JSON.
//   load echo-server --name web-1 --tcp ADDRESS:PORT … --udp ADDRESS:PORT …
//   load streams --to ADDRESS:PORT … [--count 1000] [--every 50ms] [--opened-per-second 4000] [--settle 5s] [--seconds 3]
//   load datagrams --to ADDRESS:PORT … [--rate 5000] [--flows 50] [--settle 1s] [--seconds 3]
// Rates and flows are of each destination. What `streams` takes orders for, and how: crowd.h.
#include <iostream>

#include "tests/load/crowd.h"
#include "tests/load/datagrams.h"
#include "tests/load/echo_server.h"
#include "tests/load/words.h"

namespace {

using namespace tandem;
using namespace tandem::load;
using nlohmann::json;

Result<json> serve(Words& words) {
  EchoServer server{words.text("--name")};
  for (const char* kind : {"--tcp", "--udp"}) {
    for (const std::string& text : words.all(kind)) {
      const Result<Endpoint> at = parse_endpoint(text);
      if (!at) return fail(at.error());
      const Result<> listens = kind == std::string{"--tcp"} ? server.listen_tcp(*at) : server.listen_udp(*at);
      if (!listens) return fail(listens.error().within(text));
    }
  }
  if (const Result<> clear = words.understood(); !clear) return fail(clear.error());
  server.run();
  return server.report();
}

Result<json> streams(Words& words) {
  CrowdWish wish;
  for (const std::string& text : words.all("--to")) {
    const Result<Endpoint> endpoint = parse_endpoint(text);
    if (!endpoint) return fail(endpoint.error());
    wish.to.push_back(*endpoint);
  }
  wish.count = static_cast<std::size_t>(words.number("--count", static_cast<double>(wish.count)));
  wish.every_s = words.number("--every", wish.every_s);
  wish.opened_per_second = words.number("--opened-per-second", wish.opened_per_second);
  wish.settle_s = words.number("--settle", wish.settle_s);
  wish.run_s = words.number("--seconds", wish.run_s);
  if (wish.to.empty() || wish.every_s == 0) return fail("--to and --every say where to and how often");
  if (const Result<> clear = words.understood(); !clear) return fail(clear.error());
  Crowd crowd{std::move(wish)};
  crowd.run();
  return crowd.report();
}

Result<json> datagrams(Words& words) {
  DatagramsWish wish{.to = words.all("--to")};
  wish.rate = words.number("--rate", wish.rate);
  wish.flows = static_cast<std::size_t>(words.number("--flows", static_cast<double>(wish.flows)));
  wish.settle_s = words.number("--settle", wish.settle_s);
  wish.run_s = words.number("--seconds", wish.run_s);
  if (wish.to.empty() || wish.rate == 0 || wish.flows == 0) return fail("--to, --rate and --flows say where to and how many");
  if (const Result<> clear = words.understood(); !clear) return fail(clear.error());
  const Result<std::unique_ptr<Datagrams>> made = Datagrams::open(wish);
  if (!made) return fail(made.error());
  (*made)->run();
  return (*made)->report();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  Words words{argc, argv};
  const Result<json> report = verb == "echo-server" ? serve(words)
                              : verb == "streams"   ? streams(words)
                              : verb == "datagrams" ? datagrams(words)
                                                    : fail("echo-server, streams or datagrams?");
  if (!report) return std::cerr << "error: " << report.error().message << std::endl, 1;
  return std::cout << report->dump() << std::endl, 0;
}
