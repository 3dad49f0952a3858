// SPDX-License-Identifier: Apache-2.0
// How much and how soon, for scripts/bench e2e: it verifies nothing but lengths (what verifies is `load`). JSON on the last line.
//   rate answers   --tcp ADDRESS:PORT … --udp ADDRESS:PORT …
//   rate asks      --to ADDRESS:PORT [--at-once 64] [--bytes 128] [--fresh 1] [--pace 1000] [--warm 200ms] [--seconds 1]
//   rate datagrams --to ADDRESS:PORT [--flows 32] [--at-once 8] [--bytes 64] [--warm 200ms] [--seconds 1]
#include <iostream>

#include "tests/load/answers.h"
#include "tests/load/asker.h"
#include "tests/load/mirrored.h"
#include "tests/load/words.h"

namespace {

using namespace tandem;
using namespace tandem::load;
using nlohmann::json;

Result<json> answer(Words& words) {
  Answers server;
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
  return json::object();
}

std::size_t count(Words& words, const char* option, std::size_t otherwise) {
  return static_cast<std::size_t>(words.number(option, static_cast<double>(otherwise)));
}

Result<json> asks(Words& words) {
  const Result<Endpoint> to = parse_endpoint(words.text("--to"));
  if (!to) return fail(to.error());
  AskWish wish{.to = *to};
  wish.at_once = count(words, "--at-once", wish.at_once);
  wish.bytes = static_cast<std::uint32_t>(count(words, "--bytes", wish.bytes));
  wish.fresh = words.number("--fresh", 0) != 0;
  wish.pace = words.number("--pace", wish.pace);
  wish.warm_s = words.number("--warm", wish.warm_s);
  wish.run_s = words.number("--seconds", wish.run_s);
  if (const Result<> clear = words.understood(); !clear) return fail(clear.error());
  if (wish.at_once == 0 || wish.bytes == 0) return fail("--at-once and --bytes are above 0");
  Asker asker{wish};
  asker.run();
  return asker.report();
}

Result<json> datagrams(Words& words) {
  const Result<Endpoint> to = parse_endpoint(words.text("--to"));
  if (!to) return fail(to.error());
  MirrorWish wish{.to = *to};
  wish.flows = count(words, "--flows", wish.flows);
  wish.at_once = count(words, "--at-once", wish.at_once);
  wish.bytes = count(words, "--bytes", wish.bytes);
  wish.warm_s = words.number("--warm", wish.warm_s);
  wish.run_s = words.number("--seconds", wish.run_s);
  if (const Result<> clear = words.understood(); !clear) return fail(clear.error());
  if (wish.bytes > 1472) return fail("--bytes: one packet's at most, 1472");
  const Result<std::unique_ptr<Mirrored>> made = Mirrored::open(wish);
  if (!made) return fail(made.error());
  (*made)->run();
  return (*made)->report();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  Words words{argc, argv};
  const Result<json> report = verb == "answers"     ? answer(words)
                              : verb == "asks"      ? asks(words)
                              : verb == "datagrams" ? datagrams(words)
                                                    : fail("answers, asks or datagrams?");
  if (!report) return std::cerr << "error: " << report.error().message << std::endl, 1;
  return std::cout << report->dump() << std::endl, 0;
}
