// SPDX-License-Identifier: Apache-2.0
// What people see, word for word.
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/samples.h"

namespace tandem::cli {
namespace {

class Golden : public CliTest {};

TEST_F(Golden, Status) {
  daemon.on("status", samples::status());
  const Tool::Ran ran = run({"status"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out,
            "lb-a  SERVING, degraded      uptime 3d 4h    config 9f31c2\n"
            "  service web: 3 of 4 backends take new connections\n"
            "                  now            1 min peak\n"
            "packets in        3.21 M/s       3.90 M/s       drops   0/s\n"
            "new connections   18.4 k/s       22.0 k/s       tracked 1 204 331 of 8 388 608 (14 %)\n"
            "workers           4, busiest 38 %, worst loop 61 µs\n"
            "SERVICE   VIP                   STATE     BACKENDS  NEW/s  CONNS\n"
            "web       203.0.113.10:80/tcp   degraded  3/4       9.1 k  402 k\n"
            "db-write  10.20.0.200:3306/tcp  up        1/1       12     310\n"
            "WARNINGS\n"
            "  web/web-1 draining since 14:02     overlay #7\n"
            "LAST CHANGES\n"
            "  14:02  web/web-1 draining, by alice (kernel update)\n");
}

TEST_F(Golden, StatusOfAHealthyNodeIsOneLineAndItsServices) {
  nlohmann::json status = samples::status();
  status["state"] = "ok", status["reasons"] = nlohmann::json::array(), status["warnings"] = nlohmann::json::array(),
  status["events"] = nlohmann::json::array();
  status["hugepages"] = false;
  daemon.on("status", status);
  const std::string out = run({"status"}).out;
  EXPECT_EQ(out.substr(0, out.find('\n')), "lb-a  SERVING      uptime 3d 4h    config 9f31c2    4 KiB pages");
  EXPECT_EQ(out.find("WARNINGS"), std::string::npos);
}

TEST_F(Golden, BackendList) {
  daemon.on("backend.list", samples::backends());
  const Tool::Ran ran = run({"backend", "list", "web"});
  EXPECT_EQ(ran.out,
            "BACKEND  ADDRESS        STATE     CHECK          WEIGHT  NEW/s  CONNS  SHARE  SINCE\n"
            "web-1    10.20.0.11:80  draining  ok 0.8 ms      1       0      211    0 %    6 min\n"
            "web-2    10.20.0.12:80  up        ok 0.7 ms      2       4.6 k  201 k  50 %   3 d\n"
            "web-3    10.20.0.13:80  up        ok 0.9 ms      1       2.3 k  100 k  25 %   3 d\n"
            "web-4    10.20.0.14:80  down      refused (×12)  1       0      0      0 %    41 s\n");
  EXPECT_EQ(daemon.asked("backend.list").back(), (Json{{"service", "web"}}));
}

TEST_F(Golden, ConnList) {
  daemon.on("conn.list", [](const CallPtr& call) {
    call->event(samples::connection(0)), call->event(samples::connection(1));
    call->end({{"shown", 2}, {"matched", 801'204}, {"scanned", 1'204'331}});
  });
  const Tool::Ran ran = run({"conn", "list", "service=web", "age>1h", "--limit", "2"});
  EXPECT_EQ(ran.out,
            "PROTO  CLIENT              VIP              BACKEND  STATE        AGE    IDLE  ORIGIN\n"
            "tcp    198.51.100.7:51514  203.0.113.10:80  web-2    established  1h12m  3s    local\n"
            "tcp    198.51.100.7:51515  203.0.113.10:80  web-2    established  1h12m  3s    local\n");
  EXPECT_EQ(ran.err, "2 of 801 204 shown\n");
}

TEST_F(Golden, Drops) {
  daemon.on("drops.list", samples::drops());
  EXPECT_EQ(run({"drops"}).out,
            "REASON       PACKETS  NOW/s  MEANING\n"
            "ttl_expired  10       0.5    TTL or hop limit was 1\n"
            "received 1 000 000 + injected 12 + originated 3 = sent 999 990 + consumed 5 + punted 9 + dropped 10 + held 1\n");
  EXPECT_EQ(run({"drops", "-o", "plain"}).out,
            "reason\tpackets\tpackets_per_second\ttext\n"
            "ttl_expired\t10\t0.5\tTTL or hop limit was 1\n"
            "not_ours\t0\t0\tfor another MAC\n");
}

TEST_F(Golden, DropsNameWhatNoWorkerTook) {
  Json drops = samples::drops();
  drops["balance"]["untaken"] = {{"heartbeat", 2}, {"injected", 1234}};
  daemon.on("drops.list", drops);
  const std::string out = run({"drops"}).out;
  EXPECT_TRUE(out.ends_with("held 1\nnot taken by a worker, for want of a buffer or of room in its ring: heartbeat 2 injected 1 234\n"))
      << out;
}

TEST_F(Golden, AnEnvelope) {
  daemon.on("version", Json{{"version", "0.1.0"}, {"node", "lb-a"}});
  daemon.on("overlay.list", samples::overlay());
  EXPECT_EQ(run({"overlay", "list", "--json"}).out,
            R"({"schema":"tandem.overlay.list/1","node":"lb-a","time":"2026-01-31T14:07:00Z","warnings":[],"data":)"
            R"([{"backend":"web-1","field":"admin_state","id":7,"orphaned":false,"reason":"kernel update","service":"web",)"
            R"("time":"2026-01-31T14:02:11Z","ttl_seconds":7200.0,"user":"alice","value":"draining"}]})"
            "\n");
}

TEST_F(Golden, ARefusalSaysTheRuleAndTheOverride) {
  daemon.fail("backend.drain",
              {Exit::refused, "this would leave service web with no backend for new connections\n(web-1 draining, web-4 down)",
               "Use --force to do it anyway.", nullptr});
  const Tool::Ran ran = run({"backend", "drain", "web/web-2", "web/web-3"});
  EXPECT_EQ(ran.exit, 5);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "error: this would leave service web with no backend for new connections\n"
            "       (web-1 draining, web-4 down)\n"
            "       Use --force to do it anyway.\n");
}

TEST_F(Golden, AnUnknownObjectIsNamedWithItsLikeliestNeighbour) {
  daemon.fail("backend.show", {Exit::no_such_object, "web/web-9: no such backend", "did you mean \"web/web-2\"?", nullptr});
  const Tool::Ran ran = run({"backend", "show", "web/web-9"});
  EXPECT_EQ(ran.exit, 4);
  EXPECT_EQ(ran.err, "error: web/web-9: no such backend (did you mean \"web/web-2\"?)\n");
}

TEST_F(Golden, HaStatus) {
  daemon.on("ha.status", samples::ha());
  EXPECT_EQ(run({"ha", "status"}).out,
            "GROUP  ADDRESSES  THIS NODE         PEER     PREFERRED  SINCE  LAST CHANGE\n"
            "blue   3          ACTIVE prio 254   standby  here       3 d    boot\n"
            "green  2          standby prio 250  ACTIVE   -          3 d    boot\n"
            "lb-b is heard, in step\n"
            "  sync 1.0 k of 1.0 k sent, last 20 ms ago\n"
            "dead after 150 ms, every 50 ms; this node's worst gap in the last hour was 14 ms\n");
}

TEST_F(Golden, HaFailoverThatIsRefusedSaysWhyAndTheOverride) {
  daemon.fail("ha.failover", {Exit::refused, "blue: the peer is not in step: connections would be lost",
                              "--force does it anyway; connections may break", nullptr});
  const Tool::Ran ran = run({"ha", "failover", "blue"});
  EXPECT_EQ(ran.exit, 5);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "error: blue: the peer is not in step: connections would be lost\n"
            "       --force does it anyway; connections may break\n");
}

TEST_F(Golden, ConfigApply) {
  const std::string file = daemon.folder() + "/tandem.toml";
  std::filesystem::copy_file(std::filesystem::path{SOURCE_ROOT} / "tests/unit/cli/good.toml", file);
  daemon.on("config.apply", samples::applied());
  const Tool::Ran ran = run({"config", "apply", file, "--confirm", "60s", "--reason", "two more"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "~ service.web.backend.web-3.weight: 1 → 2\n"
            "+ service.web.backend.web-5 = 10.20.0.15:80\n"
            "configuration 9f31c2aa01bc is on trial, generation 118\n");
  EXPECT_NE(ran.err.find("The one before comes back in 1 min unless you run: tandemctl config confirm\n"), std::string::npos) << ran.err;
  const Json asked = daemon.asked("config.apply").back();
  EXPECT_EQ(asked["confirm_seconds"], 60.0);
  EXPECT_EQ(asked["reason"], "two more");
  EXPECT_EQ(asked["file"], file);
}

}  // namespace
}  // namespace tandem::cli
