// SPDX-License-Identifier: Apache-2.0
// Against `openssl s_server`, with certificates made for the test.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "controlplane/health/http_check.h"
#include "tiny_server.h"

namespace tandem::health {
namespace {

// `openssl s_server` with one certificate, on a port that it chooses; answers every request with status 200.
class TlsServer {
 public:
  TlsServer(const std::string& folder, const std::string& name) {
    int out[2];
    if (::pipe(out) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], STDOUT_FILENO);
      ::close(out[0]);
      const std::string certificate = folder + "/" + name + ".pem", key = folder + "/server.key";
      ::execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificate.c_str(), "-key", key.c_str(),
               nullptr);
      ::_exit(127);
    }
    ::close(out[1]);
    FILE* said = ::fdopen(out[0], "r");
    char line[200];
    unsigned port = 0;
    while (std::fgets(line, sizeof line, said) != nullptr && std::sscanf(line, "ACCEPT 127.0.0.1:%u", &port) != 1) {
    }
    port_ = static_cast<std::uint16_t>(port);
    said_ = said;
  }
  ~TlsServer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    if (said_ != nullptr) std::fclose(said_);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
  FILE* said_ = nullptr;
};

class HttpsCheck : public testing::Test {
 protected:
  // ca.pem signs server.pem (good for web.test) and expired.pem (ended yesterday); other.pem is another CA.
  static void SetUpTestSuite() {
    char folder[] = "/tmp/tandem-tls-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    const std::string key = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ";
    const std::string sign = "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -copy_extensions copy ";
    ASSERT_TRUE(run("openssl req -x509" + key + "ca.key -out ca.pem -subj '/CN=CA of the test' -days 2"));
    ASSERT_TRUE(run("openssl req -x509" + key + "other.key -out other.pem -subj '/CN=Another CA' -days 2"));
    ASSERT_TRUE(
        run("openssl req" + key + "server.key -out server.csr -subj /CN=web.test -addext subjectAltName=DNS:web.test,IP:127.0.0.1"));
    ASSERT_TRUE(run(sign + "-days 2 -out server.pem"));
    ASSERT_TRUE(run(sign + "-days -1 -out expired.pem"));
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }
  static bool run(const std::string& command) {
    return std::system(("cd " + folder_ + " && " + command + " >/dev/null 2>&1").c_str()) == 0;
  }

  static api::CheckJob job(const TlsServer& server) {
    api::CheckJob out = job_for("https", server.port());
    out.ca = folder_ + "/ca.pem", out.sni = "web.test", out.timeout_ms = 5000;
    return out;
  }

  static inline std::string folder_;
  Loop loop;
  HttpChecks checks{loop};
};

TEST_F(HttpsCheck, AGoodCertificateForTheNameIsGood) {
  const TlsServer server{folder_, "server"};
  const Outcome outcome = ask(loop, checks, job(server));
  EXPECT_EQ(outcome.found, Found::ok) << outcome.text;
  EXPECT_EQ(outcome.text, "status 200");
}

TEST_F(HttpsCheck, WithoutANameTheAddressMustBeInTheCertificate) {
  const TlsServer server{folder_, "server"};
  api::CheckJob by_address = job(server);
  by_address.sni.clear();
  EXPECT_EQ(ask(loop, checks, by_address).found, Found::ok);
}

TEST_F(HttpsCheck, AnotherCaIsNotTrusted) {
  const TlsServer server{folder_, "server"};
  api::CheckJob wrong = job(server);
  wrong.ca = folder_ + "/other.pem";
  const Outcome outcome = ask(loop, checks, wrong);
  EXPECT_EQ(outcome.found, Found::tls);
  EXPECT_EQ(outcome.text, "TLS: unable to get local issuer certificate");
}

TEST_F(HttpsCheck, TheSystemsCasDoNotKnowOurs) {
  const TlsServer server{folder_, "server"};
  api::CheckJob system = job(server);
  system.ca.clear();
  EXPECT_EQ(ask(loop, checks, system).found, Found::tls);
}

TEST_F(HttpsCheck, AnotherNameIsRefused) {
  const TlsServer server{folder_, "server"};
  api::CheckJob wrong = job(server);
  wrong.sni = "shop.test";
  const Outcome outcome = ask(loop, checks, wrong);
  EXPECT_EQ(outcome.found, Found::tls);
  EXPECT_NE(outcome.text.find("'shop.test'"), std::string::npos) << outcome.text;
}

TEST_F(HttpsCheck, AnExpiredCertificateIsRefused) {
  const TlsServer server{folder_, "expired"};
  const Outcome outcome = ask(loop, checks, job(server));
  EXPECT_EQ(outcome.found, Found::tls);
  EXPECT_EQ(outcome.text, "TLS: certificate has expired");
}

TEST_F(HttpsCheck, VerifyFalseTakesAnyCertificate) {
  const TlsServer server{folder_, "expired"};
  api::CheckJob lax = job(server);
  lax.verify = false, lax.sni = "shop.test", lax.ca.clear();
  EXPECT_EQ(ask(loop, checks, lax).found, Found::ok);
}

TEST_F(HttpsCheck, AMissingCaFileIsNamed) {
  const TlsServer server{folder_, "server"};
  api::CheckJob missing = job(server);
  missing.ca = "/no/such/ca.pem";
  const Outcome outcome = ask(loop, checks, missing);
  EXPECT_EQ(outcome.found, Found::tls);
  EXPECT_NE(outcome.text.find("/no/such/ca.pem"), std::string::npos) << outcome.text;
}

TEST_F(HttpsCheck, AServerWithoutTlsSaysSo) {
  TinyServer server{loop, {.greeting = http_answer(400)}};
  api::CheckJob plain = job_for("https", server.port());
  const Outcome outcome = ask(loop, checks, plain);
  EXPECT_EQ(outcome.found, Found::tls);
  EXPECT_EQ(outcome.text, "TLS: wrong version number");
}

TEST_F(HttpsCheck, AServerThatNeverShakesHandsTimesOut) {
  TinyServer server{loop, {}};
  api::CheckJob silent = job_for("https", server.port());
  silent.timeout_ms = 200;
  const Outcome outcome = ask(loop, checks, silent);
  EXPECT_EQ(outcome.found, Found::timeout);
  EXPECT_EQ(outcome.text, "no answer in 200 ms");
}

TEST_F(HttpsCheck, TheDialogueShowsTheCertificate) {
  const TlsServer server{folder_, "server"};
  const Outcome outcome = ask(loop, checks, job(server), true);
  EXPECT_TRUE(std::any_of(outcome.dialogue.begin(), outcome.dialogue.end(),
                          [](const std::string& line) { return line.starts_with("* expire date:"); }));
}

}  // namespace
}  // namespace tandem::health
