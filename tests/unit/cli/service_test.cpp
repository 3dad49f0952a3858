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

TEST_F(ServicePage, SaysWhetherConnectionsAdviseChecks) {
  EXPECT_NE(shown(Json::object()).find("not looked at"), std::string::npos);
  const Json looks{{"passive_failed", 5}, {"passive_of", 10}};
  EXPECT_NE(shown(looks).find("5 of 10 that fail have a check asked; no suspects"), std::string::npos);
  EXPECT_NE(shown(samples::merged(looks, {{"suspects", 2}})).find("; 2 suspect"), std::string::npos);
}

TEST_F(ServicePage, ABackendSaysHowItTakesNewConnections) {
  const auto page = [this](const Json& more) {
    daemon.on("backend.show", samples::merged(samples::backends()[1], more));
    return run({"backend", "show", "web/web-2"}).out;
  };
  const Json counted{{"unanswered_syns_total", 3}, {"refused_connections_total", 2}, {"answered_connections_total", 1500}};
  EXPECT_NE(page(counted).find("3 not answered, 2 refused, 1 500 answered\n"), std::string::npos);
  EXPECT_NE(page({{"unanswered_syns_total", 3}}).find("3 not answered\n"), std::string::npos) << "where answers go past us";
  const Json suspect{{"suspect", true}, {"recent_openings", 10}, {"recent_failures", 5}, {"advised_checks_total", 4}};
  EXPECT_NE(page(samples::merged(counted, suspect)).find("answered; of the last 10 failed 5: suspect, 4 checks asked for it\n"),
            std::string::npos);
}

TEST_F(ServicePage, ABackendSaysHowManyItLent) {
  daemon.on("backend.show", samples::merged(samples::backends()[0], {{"lent_connections_total", 1234}}));
  EXPECT_NE(run({"backend", "show", "web/web-1"}).out.find("1 234 lent as a fallback"), std::string::npos);
}

}  // namespace
}  // namespace tandem::cli
