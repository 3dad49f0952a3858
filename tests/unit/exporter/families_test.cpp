// SPDX-License-Identifier: Apache-2.0
#include "controlplane/exporter/families.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <map>

#include "dataplane/stats/counters.h"
#include "made_up.h"

namespace tandem::exporter {
namespace {

// One sample by its text: value_of(page, "tandem_up") or with labels as Prometheus writes them.
std::string value_of(const std::string& page, const std::string& series) {
  const std::size_t at = page.find("\n" + series + " ");
  if (at == std::string::npos) return "absent";
  const std::size_t begin = at + series.size() + 2;
  return page.substr(begin, page.find('\n', begin) - begin);
}

std::string page_of(const api::Snapshot& snapshot) { return text_of(families_of(snapshot, 0.01)); }

TEST(Families, EveryFamilyOfTheCatalogueIsShown) {
  std::set<std::string> catalogue;
  for (const MetricFacts& facts : kCatalogue) catalogue.insert(facts.name);
  EXPECT_EQ(names_of(families_of(made_up_snapshot(), 0.01)), catalogue);
}

TEST(Families, ANodeAloneShowsNothingOfAPair) {
  api::Snapshot alone = made_up_snapshot();
  alone.ha = {};
  for (const std::string& name : names_of(families_of(alone, 0.01))) EXPECT_FALSE(name.starts_with("tandem_ha_")) << name;
}

TEST(Families, ThePairIsShownByPathAndGroup) {
  const std::string page = page_of(made_up_snapshot());
  EXPECT_EQ(value_of(page, R"(tandem_ha_group_active{group="blue"})"), "1");
  EXPECT_EQ(value_of(page, R"(tandem_ha_transitions_total{group="blue",to="active",cause="peer_silent"})"), "1");
  EXPECT_EQ(value_of(page, R"(tandem_ha_heartbeats_rejected_total{link="outside",reason="replay"})"), "1");
  EXPECT_EQ(value_of(page, R"(tandem_ha_heartbeats_rejected_total{link="outside",reason="authentication"})"), "0") << "from the start";
}

TEST(Families, BucketsAreThoseThatWorkersCount) {
  ASSERT_EQ(api::kLoopBucketsSeconds.size(), kLoopBucketsUs.size());
  for (std::size_t i = 0; i < kLoopBucketsUs.size(); ++i) EXPECT_NEAR(api::kLoopBucketsSeconds[i] * 1e6, kLoopBucketsUs[i], 1e-6);
  ASSERT_EQ(api::kBurstBucketsPackets.size(), kBurstBuckets.size());
  for (std::size_t i = 0; i < kBurstBuckets.size(); ++i) EXPECT_EQ(api::kBurstBucketsPackets[i], kBurstBuckets[i]);
}

TEST(Families, BeforeTrafficEveryClosedListIsThereAtZero) {
  api::Snapshot quiet = made_up_snapshot();
  quiet.requests.clear(), quiet.checks[0].results.clear(), quiet.events_by_kind.clear(), quiet.reloads.clear();
  const std::string page = page_of(quiet);
  for (const char* series :
       {"tandem_packets_dropped_total{reason=\"ttl_expired\"}", "tandem_packets_punted_total{reason=\"known\"}",
        "tandem_check_results_total{service=\"s0\",backend=\"b0\",result=\"tls\"}", "tandem_events_total{kind=\"backend_down\"}",
        "tandem_config_reloads_total{result=\"failure\"}", "tandem_control_requests_total{method=\"backend.drain\",result=\"refused\"}",
        "tandem_overlay_entries{kind=\"weight\"}", "tandem_log_messages_total{level=\"error\"}",
        "tandem_backend_closed_connections_total{service=\"s0\",backend=\"b0\",how=\"reset\"}",
        "tandem_conntrack_insert_failures_total{worker=\"1\",reason=\"table_full\"}",
        "tandem_icmp_errors_total{worker=\"1\",fate=\"to_client\"}"})
    EXPECT_EQ(value_of(page, series), "0") << series;
}

TEST(Families, NumbersArriveWhereTheyBelong) {
  const std::string page = page_of(made_up_snapshot());
  const std::map<std::string, std::string> expected{{"tandem_build_info{version=\"1.2.3\",revision=\"abc\",dpdk_version=\"22.11\"}", "1"},
                                                    {"tandem_packets_received_total", "1000"},
                                                    {"tandem_packets_dropped_total{reason=\"no_service\"}", "100"},
                                                    {"tandem_frames_untaken_total{kind=\"injected\"}", "7"},
                                                    {"tandem_worker_info{worker=\"1\",lcore=\"3\",socket=\"0\"}", "1"},
                                                    {"tandem_worker_handover_packets_total{worker=\"1\",result=\"out\"}", "5"},
                                                    {"tandem_icmp_errors_total{worker=\"1\",fate=\"too_big\"}", "6"},
                                                    {"tandem_client_addresses_total{worker=\"1\",fate=\"no_room\"}", "2"},
                                                    {"tandem_worker_loop_duration_seconds_bucket{worker=\"1\",le=\"+Inf\"}", "9"},
                                                    {"tandem_backend_new_connections_total{service=\"s0\",backend=\"b1\"}", "101"},
                                                    {"tandem_backend_transmitted_packets_total{service=\"s0\",backend=\"b0\"}", "6"},
                                                    {"tandem_service_info{service=\"s0\",address=\"2001:db8::1\",service_port=\"80\","
                                                     "protocol=\"tcp\",forwarding=\"nat\",scheduler=\"round-robin\"}",
                                                     "1"},
                                                    {"tandem_hugepage_heap_bytes{socket=\"0\",state=\"free\"}", "7"},
                                                    {"tandem_mempool_capacity_buffers{pool=\"buffers\"}", "20"},
                                                    {"tandem_check_duration_seconds_count{service=\"s0\"}", "8"},
                                                    {"tandem_check_duration_seconds_sum{service=\"s0\"}", "0.5"},
                                                    {"tandem_scrape_collect_duration_seconds", "0.01"},
                                                    {"tandem_healthd_up", "1"}};
  for (const auto& [series, value] : expected) EXPECT_EQ(value_of(page, series), value) << series;
}

TEST(Families, AStateIsOneAmongZeros) {
  api::Snapshot snapshot = made_up_snapshot();
  snapshot.services[0].backends[0].admin_state = "draining", snapshot.services[0].backends[0].eligible = false;
  const std::string page = page_of(snapshot), lead = "tandem_backend_admin_state{service=\"s0\",backend=\"b0\",state=\"";
  EXPECT_EQ(value_of(page, lead + "draining\"}"), "1");
  EXPECT_EQ(value_of(page, lead + "up\"}"), "0");
  EXPECT_EQ(value_of(page, lead + "disabled\"}"), "0");
  EXPECT_EQ(value_of(page, "tandem_backend_eligible{service=\"s0\",backend=\"b0\"}"), "0");
  EXPECT_EQ(value_of(page, "tandem_backend_up{service=\"s0\",backend=\"b0\"}"), "1") << "its check is good";
}

TEST(Families, ABackendIsUpByTheVerdictThatHoldsAndItsCheckByWhatThisNodeSees) {
  api::Snapshot snapshot = made_up_snapshot();
  snapshot.services[0].backends[0].check_state = "down", snapshot.services[0].cut_off = true, snapshot.services[0].kept = 1;
  const std::string page = page_of(snapshot);
  EXPECT_EQ(value_of(page, "tandem_backend_up{service=\"s0\",backend=\"b0\"}"), "1");
  EXPECT_EQ(value_of(page, "tandem_backend_check_up{service=\"s0\",backend=\"b0\"}"), "0");
  EXPECT_EQ(value_of(page, "tandem_service_panic{service=\"s0\"}"), "1");
  EXPECT_EQ(value_of(page, "tandem_service_cut_off{service=\"s0\"}"), "1");
}

TEST(Families, AServiceOnItsFallbackIsUpAndTheLentConnectionsAreCountedWhereTheyAre) {
  api::Snapshot snapshot = made_up_snapshot(2);
  snapshot.services[0].backends_eligible = 0;
  EXPECT_EQ(value_of(page_of(snapshot), "tandem_service_up{service=\"s0\"}"), "0");
  snapshot.services[0].fallback = "s1", snapshot.services[0].on_fallback = true,
  snapshot.services[1].backends[0].lent_connections_total = 42;
  const std::string page = page_of(snapshot);
  EXPECT_EQ(value_of(page, "tandem_service_up{service=\"s0\"}"), "1");
  EXPECT_EQ(value_of(page, "tandem_service_on_fallback{service=\"s0\"}"), "1");
  EXPECT_EQ(value_of(page, "tandem_service_on_fallback{service=\"s1\"}"), "0");
  EXPECT_EQ(value_of(page, "tandem_backend_lent_connections_total{service=\"s1\",backend=\"b0\"}"), "42");
  EXPECT_EQ(page.find("tandem_backend_lent_connections_total{service=\"s0\""), std::string::npos) << "s0 is nobody's fallback";
}

TEST(Families, WithL2DsrNothingIsSaidOfReplies) {
  api::Snapshot snapshot = made_up_snapshot();
  snapshot.services[0].forwarding = "l2-dsr";
  const std::set<std::string> names = names_of(families_of(snapshot, 0));
  EXPECT_FALSE(names.contains("tandem_backend_transmitted_packets_total"));
  EXPECT_FALSE(names.contains("tandem_backend_transmitted_bytes_total"));
  EXPECT_FALSE(names.contains("tandem_backend_refused_connections_total"));
  EXPECT_FALSE(names.contains("tandem_backend_answered_connections_total"));
  EXPECT_TRUE(names.contains("tandem_backend_received_bytes_total"));
}

TEST(Families, SuspectsAreThereWhereAServiceLooks) {
  api::Snapshot snapshot = made_up_snapshot(2);
  api::Backend& suspect = snapshot.services[0].backends[0];
  suspect.suspect = true, suspect.advised_checks_total = 4, suspect.refused_connections_total = 3, suspect.answered_connections_total = 2;
  const std::string page = page_of(snapshot), of_it = "{service=\"s0\",backend=\"b0\"}";
  EXPECT_EQ(value_of(page, "tandem_backend_suspect" + of_it), "1");
  EXPECT_EQ(value_of(page, "tandem_backend_advised_checks_total" + of_it), "4");
  EXPECT_EQ(value_of(page, "tandem_backend_refused_connections_total" + of_it), "3");
  EXPECT_EQ(value_of(page, "tandem_backend_answered_connections_total" + of_it), "2");
  EXPECT_EQ(page.find("tandem_backend_suspect{service=\"s1\""), std::string::npos) << "s1 does not look";
}

TEST(Families, ABackendWithoutACheckHasNoneCounted) {
  api::Snapshot snapshot = made_up_snapshot(1, 1);
  snapshot.checks[0].type = "none";
  EXPECT_FALSE(names_of(families_of(snapshot, 0)).contains("tandem_check_results_total"));
}

TEST(Families, HostileNamesCannotBreakALine) {
  api::Snapshot snapshot = made_up_snapshot(1, 1);
  snapshot.services[0].backends[0].name = "a\"} 1\ntandem_up 7\\";
  const std::string page = page_of(snapshot);
  EXPECT_NE(page.find("backend=\"a\\\"} 1\\ntandem_up 7\\\\\""), std::string::npos);
  EXPECT_EQ(page.find("\ntandem_up 7"), std::string::npos);
}

TEST(Families, BucketsOfAnotherVersionAreNotShifted) {
  api::Snapshot snapshot = made_up_snapshot();
  snapshot.workers[0].loop_buckets.pop_back();
  EXPECT_EQ(value_of(page_of(snapshot), "tandem_worker_loop_duration_seconds_count{worker=\"1\"}"), "0");
}

std::size_t series_in(const std::string& page) {
  std::size_t lines = 0;
  for (std::size_t at = 0; at < page.size(); at = page.find('\n', at) + 1) lines += page[at] == '#' ? 0 : 1;
  return lines;
}

TEST(Guard, FiftyServicesOfTwentyBackendsStayUnderTheLimit) {
  const std::string page = page_of(made_up_snapshot(50, 20));
  EXPECT_EQ(value_of(page, "tandem_exporter_shed_level"), "0");
  EXPECT_LT(series_in(page), kMostSeries);
  EXPECT_GT(series_in(page), 20'000u);
  std::printf("50 x 20 backends: %zu series, %zu bytes of text\n", series_in(page), page.size());
}

TEST(Guard, TooManySeriesShedPacketsAndBytesByBackendFirst) {
  const api::Snapshot snapshot = made_up_snapshot(50, 20);
  const std::size_t most = series_in(page_of(snapshot)) - 1'000;  // one for each backend too many
  const std::vector<prometheus::MetricFamily> families = families_of(snapshot, 0, most);
  const std::set<std::string> names = names_of(families);
  EXPECT_FALSE(names.contains("tandem_backend_received_packets_total"));
  EXPECT_TRUE(names.contains("tandem_check_results_total"));
  EXPECT_EQ(value_of(text_of(families), "tandem_exporter_shed_level"), "1");
  EXPECT_LE(series_in(text_of(families)), most);
}

TEST(Guard, ThenChecksAndClosedConnectionsAndNeverWhatAlertsNeed) {
  const std::vector<prometheus::MetricFamily> families = families_of(made_up_snapshot(50, 20), 0, 1'000);
  const std::set<std::string> names = names_of(families);
  EXPECT_FALSE(names.contains("tandem_check_results_total"));
  for (const char* kept :
       {"tandem_backend_up", "tandem_backend_eligible", "tandem_backend_new_connections_total", "tandem_packets_dropped_total"})
    EXPECT_TRUE(names.contains(kept)) << kept;
  EXPECT_EQ(value_of(text_of(families), "tandem_exporter_shed_level"), "2");
}

TEST(Without, ADaemonThereIsOnlyTheWordThatItIsAway) { EXPECT_EQ(value_of("\n" + text_of(families_without_daemon()), "tandem_up"), "0"); }

}  // namespace
}  // namespace tandem::exporter
