// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/crew.h"

#include <sched.h>
#include <signal.h>

#include <cstring>
#include <string>

#include "dataplane/io/eal.h"

namespace tandem {

namespace {

std::string name_of(const Worker& worker) { return "worker-" + std::to_string(index(worker.id())); }

// A thread inherits its maker's signal mask: signals are for the control threads.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

Result<> Crew::start(std::span<const std::unique_ptr<Worker>> workers, std::span<const unsigned> cores) {
  const SignalsBlocked blocked;
  stop_.store(false);
  for (std::size_t i = 0; i < workers.size(); ++i) {
    members_.push_back(std::make_unique<Member>());
    Member& member = *members_.back();
    member.worker = workers[i].get(), member.stop = &stop_;
    if (const Result<> launched = launch(member, cores.empty() ? nullptr : &cores[i % cores.size()]); !launched) {
      stop();
      return fail(launched.error().within(name_of(*workers[i])));
    }
  }
  return {};
}

Result<> Crew::launch(Member& member, const unsigned* core) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (core != nullptr) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    if (*core < CPU_SETSIZE) CPU_SET(*core, &cpus);
    pthread_attr_setaffinity_np(&attributes, sizeof cpus, &cpus);
  }
  const int result = pthread_create(&member.thread, &attributes, &Crew::main, &member);
  pthread_attr_destroy(&attributes);
  if (result == EINVAL && core != nullptr) return fail("core " + std::to_string(*core) + " is not there, or not for this process");
  if (result != 0) return fail(std::string{"no thread: "} + std::strerror(result));
  member.running = true;
  pthread_setname_np(member.thread, name_of(*member.worker).c_str());
  member.registered.wait(-1);
  if (member.registered.load() == 0) return fail("DPDK takes no more threads");
  return {};
}

void* Crew::main(void* argument) {
  Member& member = *static_cast<Member*>(argument);
  const bool registered = register_thread();
  member.registered.store(registered ? 1 : 0);
  member.registered.notify_one();
  if (registered) {
    member.worker->run(*member.stop);
    unregister_thread();
  }
  return nullptr;
}

void Crew::stop() noexcept {
  stop_.store(true);
  for (const auto& member : members_)
    if (member->running) pthread_join(member->thread, nullptr);
  members_.clear();
}

}  // namespace tandem
