// SPDX-License-Identifier: Apache-2.0
// What a transfer that has ended means, in our words.
#pragma once

#include <curl/curl.h>

#include <string>

#include "controlplane/health/check.h"

namespace tandem::health {

struct TransferEnd {
  CURL* easy = nullptr;
  CURLcode code = CURLE_OK;
  std::string detail;  // libcurl's own sentence
  bool headers_too_long = false, body_cut = false;
};

Outcome judge_transfer(const api::CheckJob& job, const TransferEnd& end);

}  // namespace tandem::health
