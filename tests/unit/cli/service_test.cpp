// SPDX-License-Identifier: Apache-2.0
// One service's page: its scheduler, and who serves when nobody of its own does.
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/samples.h"

namespace tandem::cli {
namespace {

class ServicePage : public CliTest {
 protected:
  std::string shown(const Json& more) {
    daemon.on("service.show", samples::merged(samples::merged(samples::services()[0], {{"backends", samples::backends()}}), more));
    return run({"service", "show", "web"}).out;
  }
};

TEST_F(ServicePage, NamesTheSchedulerAndItsSlowStart) {
  const std::string page = shown({{"scheduler", "least-connections"}, {"slow_start_seconds", 30.0}});
  EXPECT_NE(page.find("least-connections, slow start 30 s"), std::string::npos) << page;
  EXPECT_EQ(shown({{"slow_start_seconds", 0.0}}).find("slow start"), std::string::npos);
}

TEST_F(ServicePage, SaysWhoLendsBackends) {
  EXPECT_NE(shown({{"fallback", "sorry"}}).find("sorry\n"), std::string::npos);
  const std::string page = shown({{"fallback", "sorry"}, {"on_fallback", true}});
  EXPECT_NE(page.find("sorry, whose backends take the new connections now"), std::string::npos) << page;
}

TEST_F(ServicePage, ABackendSaysHowManyItLent) {
  daemon.on("backend.show", samples::merged(samples::backends()[0], {{"lent_connections_total", 1234}}));
  EXPECT_NE(run({"backend", "show", "web/web-1"}).out.find("1 234 lent as a fallback"), std::string::npos);
}

}  // namespace
}  // namespace tandem::cli
