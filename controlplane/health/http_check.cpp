// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/http_check.h"

#include <array>
#include <utility>

#include "controlplane/health/dialogue.h"
#include "controlplane/health/http_request.h"
#include "controlplane/health/http_verdict.h"
#include "controlplane/health/late_outcome.h"
#include "controlplane/health/probe_socket.h"

namespace tandem::health {
namespace {

class HttpAttempt final : public Attempt {
 public:
  HttpAttempt(CurlLoop& curl, const api::CheckJob& job, HttpRequest request, bool verbose, Done done)
      : curl_{curl}, job_{job}, request_{std::move(request)}, verbose_{verbose}, done_{std::move(done)} {
    CURL* const easy = request_.easy.get();
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail_.data());
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &HttpAttempt::on_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &HttpAttempt::on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &HttpAttempt::on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    if (verbose_) {
      dialogue_.add("* connecting to " + address_and_port(job_));
      dialogue_.listen(easy);
    }
    curl_.add(easy, [this](CURLcode code) { ended(code); });
  }
  ~HttpAttempt() override { curl_.remove(request_.easy.get()); }
  HttpAttempt(const HttpAttempt&) = delete;
  HttpAttempt& operator=(const HttpAttempt&) = delete;

 private:
  static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* to) noexcept {
    const api::CheckJob& job = static_cast<HttpAttempt*>(self)->job_;
    set_port(to->addr, port_to_ask(job));
    const int fd = open_socket(to->family, job);
    return fd < 0 ? CURL_SOCKET_BAD : fd;
  }
  // Returning less than was given ends the transfer.
  static std::size_t on_header(char*, std::size_t size, std::size_t count, void* self) noexcept {
    auto& attempt = *static_cast<HttpAttempt*>(self);
    attempt.header_bytes_ += size * count;
    return attempt.header_bytes_ > kMostHeaderBytes ? 0 : size * count;
  }
  static std::size_t on_body(char*, std::size_t size, std::size_t count, void* self) noexcept {
    auto& attempt = *static_cast<HttpAttempt*>(self);
    attempt.body_bytes_ += size * count;
    return attempt.body_bytes_ > kMostBodyBytes ? 0 : size * count;
  }

  void ended(CURLcode code) {
    const std::string detail = detail_[0] != '\0' ? detail_.data() : curl_easy_strerror(code);
    Outcome outcome =
        judge_transfer(job_, {request_.easy.get(), code, detail, header_bytes_ > kMostHeaderBytes, body_bytes_ > kMostBodyBytes});
    if (verbose_) {
      dialogue_.add_timing(request_.easy.get());
      dialogue_.add("* " + outcome.text);
      outcome.dialogue = std::move(dialogue_).lines();
    }
    const Done done = std::move(done_);
    done(std::move(outcome));  // may destroy this
  }

  CurlLoop& curl_;
  api::CheckJob job_;
  HttpRequest request_;
  bool verbose_;
  Done done_;
  std::array<char, CURL_ERROR_SIZE> detail_{};
  std::size_t header_bytes_ = 0, body_bytes_ = 0;
  Dialogue dialogue_;
};

}  // namespace

AttemptPtr HttpChecks::start(const api::CheckJob& job, bool verbose, Done done) {
  Result<HttpRequest> request = make_request(job);
  if (!request) return std::make_unique<LateOutcome>(loop_, Outcome{.text = request.error().message}, std::move(done));
  return std::make_unique<HttpAttempt>(curl_, job, std::move(*request), verbose, std::move(done));
}

}  // namespace tandem::health
