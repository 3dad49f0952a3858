// SPDX-License-Identifier: Apache-2.0
// How a job becomes a request of libcurl's. The connection goes to the backend's address, whatever name is asked for.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "common/api/types.h"
#include "common/base/result.h"

namespace tandem::health {

struct CurlDelete {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlEasy = std::unique_ptr<CURL, CurlDelete>;
using CurlList = std::unique_ptr<curl_slist, CurlDelete>;

struct HttpRequest {
  CurlEasy easy;
  CurlList headers, connect_to;
};

Result<HttpRequest> make_request(const api::CheckJob& job);

}  // namespace tandem::health
