// SPDX-License-Identifier: Apache-2.0
// Kinds and buckets that are there at 0 before anything of theirs happens.
#pragma once

#include <string>
#include <vector>

namespace tandem::api {

// Closed lists, so that every value is there at 0 before it first happens.
inline const std::vector<std::string> kEventKinds{"backend_down", "backend_up", "capture", "config",   "conflict", "cut_off",   "flood",
                                                  "gap",          "guard",      "healthd", "history",  "hold",     "keys",      "killed",
                                                  "link",         "overlay",    "panic",   "peer",     "port",     "publish",   "role",
                                                  "start",        "steering",   "stop",    "stranger", "sync",     "table_full"};
inline const std::vector<std::string> kRequestResults{"ok", "refused", "error"};

// Bounds of cumulative buckets, seconds; each list is followed by one more bucket for all.
inline const std::vector<double> kCheckBucketsSeconds{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};
inline const std::vector<double> kLoopBucketsSeconds{1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 5e-3, 2e-2};
inline const std::vector<double> kBurstBucketsPackets{0, 1, 2, 4, 8, 16, 32};
inline const std::vector<double> kGapBucketsSeconds{0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6};
inline const std::vector<double> kRequestBucketsSeconds{0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1};

}  // namespace tandem::api
