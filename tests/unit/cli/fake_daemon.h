// SPDX-License-Identifier: Apache-2.0
// A real API server in a folder of its own, whose answers the test makes up, and a tandemctl that runs in this process.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "cli/run.h"
#include "common/api/client.h"
#include "common/api/methods.h"
#include "controlplane/api/server.h"

namespace tandem::cli {

using api::Exit;
using api::Json;

class FakeDaemon {
 public:
  FakeDaemon() {
    char folder[] = "/tmp/tandem-cli-XXXXXX";
    EXPECT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    for (const api::Method& method : api::kMethods) server_.handle(std::string{method.name}, [this](const CallPtr& call) { answer(call); });
    const Result<> listening = server_.listen(folder_);
    EXPECT_TRUE(listening) << (listening ? "" : listening.error().message);
    thread_ = std::thread{[this] { loop_.run(); }};
  }
  ~FakeDaemon() {
    loop_.post([this] {
      kept_.clear();
      loop_.stop();
    });
    thread_.join();
    std::filesystem::remove_all(folder_);
  }

  void on(const std::string& method, Handler handler) {
    const std::lock_guard hold{lock_};
    handlers_[method] = std::move(handler);
  }
  void on(const std::string& method, Json result) {
    on(method, [result](const CallPtr& call) { call->reply(result); });
  }
  void fail(const std::string& method, api::Failure failure) {
    on(method, [failure](const CallPtr& call) { call->fail(failure); });
  }
  void on_peer(Handler handler) { server_.relay(std::move(handler)); }  // before the first request; else it is alone
  void keep(const CallPtr& call) { kept_.push_back(call); }             // to be answered never
  std::vector<Json> asked(const std::string& method) {                  // the params of each call of it
    const std::lock_guard hold{lock_};
    return asked_[method];
  }
  std::string folder() const { return folder_; }
  std::string socket() const { return folder_ + "/control.sock"; }

 private:
  void answer(const CallPtr& call) {
    Handler handler;
    {
      const std::lock_guard hold{lock_};
      asked_[call->method()].push_back(call->params());
      handler = handlers_[call->method()];
    }
    if (handler) handler(call);
    else call->fail({api::Exit::failed, call->method() + ": the test has no answer", {}, nullptr});
  }

  std::string folder_;
  Loop loop_;
  Server server_{loop_};
  std::mutex lock_;
  std::map<std::string, Handler> handlers_;
  std::map<std::string, std::vector<Json>> asked_;
  std::vector<CallPtr> kept_;
  std::thread thread_;
};

// One tandemctl after the other, with the surroundings that the test chooses. Time passes only where the tool waits.
class Tool {
 public:
  struct Ran {
    int exit = -1;
    std::string out, err;
  };

  std::string socket;  // given by TANDEM_SOCKET when not empty
  std::string input;
  bool in_is_terminal = false, out_is_terminal = false, err_is_terminal = false, interrupted = false;
  std::size_t width = 0;
  std::map<std::string, std::string> environment;
  Moment wall = *parse_moment("2026-01-31T14:07:00Z");
  std::chrono::steady_clock::time_point now{};
  std::function<void()> on_pause = [] {};  // what happens in the world while the tool waits

  Ran run(const std::vector<std::string>& words) {
    setenv("TZ", "UTC", 1);
    tzset();
    std::istringstream in{input};
    std::ostringstream out, err;
    auto variables = environment;
    if (!socket.empty()) variables["TANDEM_SOCKET"] = socket;
    Surroundings world{in,
                       out,
                       err,
                       in_is_terminal,
                       out_is_terminal,
                       err_is_terminal,
                       width,
                       variables,
                       [this] { return wall; },
                       [this] { return now; },
                       [this](std::chrono::milliseconds time) {
                         now += time, wall += time;
                         on_pause();
                       },
                       [this] { return interrupted; }};
    const int exit = cli::run(words, world);
    return {exit, out.str(), err.str()};
  }
};

class CliTest : public ::testing::Test {
 protected:
  void SetUp() override { tool.socket = daemon.socket(); }
  Tool::Ran run(const std::vector<std::string>& words) { return tool.run(words); }

  FakeDaemon daemon;
  Tool tool;
};

}  // namespace tandem::cli
