// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/http_verdict.h"

#include <cerrno>
#include <cstring>

#include "controlplane/health/expected_status.h"

namespace tandem::health {
namespace {

long number_of(CURL* easy, CURLINFO what) {
  long value = 0;
  curl_easy_getinfo(easy, what, &value);
  return value;
}

curl_off_t microseconds_of(CURL* easy, CURLINFO what) {
  curl_off_t value = 0;
  curl_easy_getinfo(easy, what, &value);
  return value;
}

// "SSL certificate problem: certificate has expired" and "error:0A00010B:SSL routines::wrong version number": the end tells.
std::string last_part(std::string detail) {
  for (const char* lead : {"SSL certificate problem: ", "SSL routines::", "SSL: "})
    if (const std::size_t at = detail.find(lead); at != std::string::npos) detail.erase(0, at + std::strlen(lead));
  return detail;
}

Outcome by_status(const api::CheckJob& job, CURL* easy) {
  const long status = number_of(easy, CURLINFO_RESPONSE_CODE);
  const std::optional<ExpectedStatus> expected = ExpectedStatus::parse(job.expect);
  if (!expected) return {.text = "expect '" + printable(job.expect) + "' is no list of statuses"};
  if (expected->matches(status)) return {.found = Found::ok, .text = "status " + std::to_string(status)};
  return {.found = Found::status, .text = "status " + std::to_string(status) + ", expected " + printable(job.expect)};
}

Outcome by_timeout(const api::CheckJob& job, CURL* easy) {
  const std::string wait = no_answer_in(job.timeout_ms);
  // Over TLS libcurl says "connected" only after the handshake.
  if (microseconds_of(easy, CURLINFO_CONNECT_TIME_T) == 0) return {.found = Found::timeout, .text = wait};
  if (number_of(easy, CURLINFO_RESPONSE_CODE) == 0) return {.found = Found::timeout, .text = "connected, but " + wait};
  return {.found = Found::timeout, .text = "the answer did not end in " + std::to_string(job.timeout_ms) + " ms"};
}

Outcome by_errno(CURL* easy, const std::string& otherwise) {
  const int error = static_cast<int>(number_of(easy, CURLINFO_OS_ERRNO));
  if (error == ECONNREFUSED) return {.found = Found::refused, .text = "refused"};
  if (error == ETIMEDOUT) return {.found = Found::timeout, .text = std::strerror(error)};
  return {.text = error != 0 ? std::strerror(error) : otherwise};
}

Outcome by_code(const api::CheckJob& job, const TransferEnd& end) {
  switch (end.code) {
    case CURLE_OK:
      return by_status(job, end.easy);
    case CURLE_OPERATION_TIMEDOUT:
      return by_timeout(job, end.easy);
    case CURLE_COULDNT_CONNECT:
      return by_errno(end.easy, "no connection");
    case CURLE_GOT_NOTHING:
      return {.text = "closed without an answer"};
    case CURLE_PARTIAL_FILE:
      return {.text = "closed before the end of the answer"};
    case CURLE_UNSUPPORTED_PROTOCOL:  // libcurl's word for what it takes to be HTTP/0.9
    case CURLE_WEIRD_SERVER_REPLY:
      return {.text = "the answer is not HTTP/1"};
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return by_errno(end.easy, "connection lost: " + end.detail);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ENGINE_INITFAILED:
      return {.found = Found::tls, .text = "TLS: " + last_part(end.detail)};
    default:
      return {.text = end.detail};
  }
}

}  // namespace

Outcome judge_transfer(const api::CheckJob& job, const TransferEnd& end) {
  Outcome out = end.headers_too_long ? Outcome{.text = "headers longer than 64 KiB"}
                : end.body_cut       ? by_status(job, end.easy)
                                     : by_code(job, end);
  out.text = printable(out.text);
  out.duration = std::chrono::microseconds{microseconds_of(end.easy, CURLINFO_TOTAL_TIME_T)};
  return out;
}

}  // namespace tandem::health
