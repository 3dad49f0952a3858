// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/http_request.h"

#include <algorithm>

#include "controlplane/health/check.h"

namespace tandem::health {
namespace {

// What would end a line or a word of the request early.
bool breaks_a_line(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c <= ' ') || c == 0x7f; });
}

Result<> judge(const api::CheckJob& job) {
  for (const auto& [name, text] :
       {std::pair{"path", &job.path}, {"host", &job.host}, {"sni", &job.sni}, {"address", &job.address}, {"vip", &job.vip}})
    if (breaks_a_line(*text)) return fail(std::string{name} + " '" + printable(*text) + "' holds a space or a control character");
  return {};
}

std::string in_brackets(const std::string& address) { return address.find(':') == std::string::npos ? address : "[" + address + "]"; }

// https asks for `sni`: it is then the name in the handshake and the one the certificate is held against.
std::string url_of(const api::CheckJob& job, bool tls) {
  const std::string name = tls && !job.sni.empty() ? job.sni : in_brackets(job.vip.empty() ? job.address : job.vip);
  return (tls ? "https://" : "http://") + name + ":" + std::to_string(job.port) + "/";
}

void add_header(CurlList& list, const std::string& line) {
  curl_slist* grown = curl_slist_append(list.get(), line.c_str());
  if (grown != nullptr) list.release(), list.reset(grown);
}

void set_tls(CURL* easy, const api::CheckJob& job) {
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, job.verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, job.verify ? 2L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);  // a resumed session would not show a renewed certificate
  if (!job.ca.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, job.ca.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);  // that file alone
  }
}

void set_manners(CURL* easy, bool tls) {
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, tls ? "https" : "http");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // whatever the environment says
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "tandem-healthd");
}

}  // namespace

Result<HttpRequest> make_request(const api::CheckJob& job) {
  if (Result<> fit = judge(job); !fit) return tl::unexpected{fit.error()};
  const bool tls = job.type == "https";
  HttpRequest out{CurlEasy{curl_easy_init()}, {}, {}};
  if (!out.easy) return fail("libcurl gives no handle");
  CURL* const easy = out.easy.get();
  curl_easy_setopt(easy, CURLOPT_URL, url_of(job, tls).c_str());
  curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, job.path.empty() ? "/" : job.path.c_str());  // sent as it was written
  set_manners(easy, tls);
  if (tls) set_tls(easy, job);
  // Version 1, which whoever takes version 2 takes as well: libcurl 7.88 writes no other.
  if (job.proxy_header) curl_easy_setopt(easy, CURLOPT_HAPROXYPROTOCOL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(job.timeout_ms));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(job.timeout_ms));
  add_header(out.headers, "Connection: close");
  if (!job.host.empty()) add_header(out.headers, "Host: " + job.host);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, out.headers.get());
  add_header(out.connect_to, "::" + in_brackets(job.address) + ":" + std::to_string(job.port));
  curl_easy_setopt(easy, CURLOPT_CONNECT_TO, out.connect_to.get());
  return out;
}

}  // namespace tandem::health
