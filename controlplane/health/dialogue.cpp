// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/dialogue.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "controlplane/health/check.h"

namespace tandem::health {
namespace {

// Of libcurl's remarks those about certificates help; the rest speaks of libcurl.
bool of_interest(std::string_view remark) {
  constexpr std::array<std::string_view, 6> kLeads{
      "SSL connection using", " subject:", " start date:", " expire date:", " issuer:", "SSL cert"};
  remark.remove_prefix(std::min(remark.find_first_not_of('*'), remark.size()));
  return std::any_of(kLeads.begin(), kLeads.end(), [remark](std::string_view lead) { return remark.starts_with(lead); });
}

}  // namespace

void Dialogue::listen(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, &Dialogue::heard);
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, this);
}

int Dialogue::heard(CURL*, curl_infotype kind, char* bytes, std::size_t size, void* self) noexcept {
  auto& dialogue = *static_cast<Dialogue*>(self);
  const std::string_view said{bytes, size};
  if (kind == CURLINFO_HEADER_OUT) dialogue.add_block("> ", said);
  if (kind == CURLINFO_HEADER_IN) dialogue.add_block("< ", said);
  if (kind == CURLINFO_TEXT && of_interest(said)) dialogue.add_block("* ", said.substr(std::min(said.find_first_not_of(' '), said.size())));
  return 0;
}

void Dialogue::add(std::string line) {
  if (lines_.size() < kMostLines) lines_.push_back(std::move(line));
  else if (lines_.size() == kMostLines) lines_.emplace_back("* … and more");
}

void Dialogue::add_block(const char* mark, std::string_view block) {
  while (!block.empty()) {
    const std::size_t end = std::min(block.find('\n'), block.size());
    std::string_view line = block.substr(0, end);
    block.remove_prefix(std::min(end + 1, block.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) add(mark + printable(line));
  }
}

void Dialogue::add_timing(CURL* easy) {
  const struct {
    const char* text;
    CURLINFO what;
  } moments[] = {{"connected", CURLINFO_CONNECT_TIME_T},
                 {"TLS ready", CURLINFO_APPCONNECT_TIME_T},
                 {"first byte", CURLINFO_STARTTRANSFER_TIME_T},
                 {"end", CURLINFO_TOTAL_TIME_T}};
  std::string line;
  for (const auto& moment : moments) {
    curl_off_t at = 0;
    curl_easy_getinfo(easy, moment.what, &at);
    char text[64];
    std::snprintf(text, sizeof text, "%s%s after %.1f ms", line.empty() ? "* " : ", ", moment.text, static_cast<double>(at) / 1000);
    if (at > 0) line += text;
  }
  lines_.push_back(line);
}

}  // namespace tandem::health
