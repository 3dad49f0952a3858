// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/pair_thread.h"

#include <pthread.h>
#include <sys/prctl.h>

#include <algorithm>

#include "common/base/ensure.h"
#include "controlplane/daemon/pair_report.h"

namespace tandem {
namespace {

// Ticks between two heartbeats: so late at most is a silence noticed.
std::chrono::milliseconds pace_for(std::chrono::milliseconds interval) {
  return std::clamp(interval / 8, std::chrono::milliseconds{1}, std::chrono::milliseconds{10});
}

}  // namespace

PairThread::PairThread(Loop& control, Dataplane& dataplane, Hooks hooks)
    : control_{control}, dataplane_{dataplane}, flows_{*dataplane.flows()}, hooks_{std::move(hooks)} {}

Result<std::unique_ptr<PairThread>> PairThread::start(Loop& control, Dataplane& dataplane, pair::Identity self, pair::View view,
                                                      Hooks hooks) {
  ensure(dataplane.flows() != nullptr);  // it runs, and is no replay
  std::unique_ptr<PairThread> thread{new PairThread{control, dataplane, std::move(hooks)}};
  if (Result<> begun = thread->begin(std::move(self), std::move(view)); !begun) return fail(begun.error());
  return thread;
}

Result<> PairThread::begin(pair::Identity self, pair::View view) {
  if (view.pair.sync && view.pair.sync->has_link())
    if (Result<> opened = socket_.open(*view.pair.sync); !opened) return opened;
  world_ = std::make_unique<PairWorld>(dataplane_, socket_, to_control());
  flows_.set_digests(self.digests);
  flows_.set_sync(self.keys.has_value() && self.state_sync);
  half_ = std::make_unique<pair::Half>(*world_, std::move(self), std::move(view), clock_.now());
  world_->set_roles(Roles{});  // of no group, until the machine says so
  Result<Loop::Handle> frames = loop_.watch_fd(dataplane_.pair_descriptor(), EPOLLIN, [this](std::uint32_t) { turn(); });
  if (!frames) return fail(frames.error());
  handles_.push_back(std::move(*frames));
  if (socket_.descriptor() >= 0) {
    Result<Loop::Handle> datagrams = loop_.watch_fd(socket_.descriptor(), EPOLLIN, [this](std::uint32_t) { turn(); });
    if (!datagrams) return fail(datagrams.error());
    handles_.push_back(std::move(*datagrams));
  }
  set_pace();
  publish_report(clock_.now());
  thread_ = std::thread{[this] { run(); }};
  return {};
}

// What the half calls on this thread, called on the control loop: there this object may be gone already.
PairWorld::Hooks PairThread::to_control() {
  const auto heard = [this](sync::Word kind, std::string text) {
    *unheard_bytes_ += text.size();
    control_.post([heard = hooks_.heard, left = unheard_bytes_, kind, text = std::move(text)] {
      *left -= text.size();
      heard(kind, text);
    });
  };
  return {[this](const pair::Notice& notice) { control_.post([tell = hooks_.tell, notice] { tell(notice); }); },
          [this](const pair::Terms& terms) { control_.post([remember = hooks_.remember, terms] { remember(terms); }); },
          [this] { return *unheard_bytes_ < kUnheardBytes; }, heard, [this] { control_.post(hooks_.peer_new); }};
}

PairThread::~PairThread() {
  loop_.stop();
  if (thread_.joinable()) thread_.join();
  flows_.set_sync(false);
  dataplane_.roles().set(Roles{});
  dataplane_.roles().set_port_halves(PortHalves{});
}

void PairThread::run() {
  pthread_setname_np(pthread_self(), "pair");
  prctl(PR_SET_TIMERSLACK, 50'000, 0, 0, 0);
  loop_.run();
}

void PairThread::set_pace() {
  const std::chrono::milliseconds wanted = pace_for(half_->view().interval);
  if (wanted == pace_) return;
  pace_ = wanted;
  ticker_ = loop_.every(pace_, [this] { turn(); });
}

// Who slept must hear what came meanwhile before he judges.
void PairThread::turn() {
  drain();
  tick();
}

void PairThread::drain() {
  dataplane_.take_pair_frames([this](const PairFrame& frame) { half_->receive_frame(frame.port, frame.bytes, frame.received); });
  if (socket_.descriptor() >= 0) socket_.receive([this](std::span<std::uint8_t> datagram) { half_->receive_sync(datagram, clock_.now()); });
}

void PairThread::tick() {
  const Instant now = clock_.now();
  half_->tick(now);
  watch_failovers(now);
  watch_leaving(now);
  if (now >= report_due_) publish_report(now);
}

void PairThread::publish_report(Instant now) {
  report_due_ = now + kReportEvery;
  api::Ha report = report_pair(*half_, now);
  report.sync.applied = applied();
  report.sync.digest_repaired = report.sync.applied.at(std::string{kSyncOutcomeNames[static_cast<std::size_t>(SyncOutcome::mended)]});
  const std::lock_guard lock{report_lock_};
  report_ = std::move(report);
}

api::Counts PairThread::applied() const {
  api::Counts out;
  for (std::size_t result = 0; result < kSyncOutcomes; ++result)
    for (std::size_t w = 0; w < dataplane_.workers(); ++w)
      out[std::string{kSyncOutcomeNames[result]}] += dataplane_.counters(static_cast<WorkerId>(w)).sync_applied[result].get();
  return out;
}

api::Ha PairThread::report() const {
  const std::lock_guard lock{report_lock_};
  return report_;
}

void PairThread::configure(pair::View view, bool ready) {
  loop_.post([this, view = std::move(view), ready]() mutable {
    world_->set_ready(ready);
    if (view != half_->view()) half_->configure(std::move(view), clock_.now());
    set_pace();
  });
}

void PairThread::hold(double seconds) {
  loop_.post([this, seconds] {
    const Instant until = clock_.now() + std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(seconds));
    half_->hold(seconds > 0 ? std::optional{until} : std::nullopt);
    publish_report(clock_.now());
  });
}

void PairThread::use_keys(sync::PairKeys keys) {
  loop_.post([this, keys = std::move(keys)]() mutable { half_->use_keys(std::move(keys), clock_.now()); });
}

void PairThread::resync() {
  loop_.post([this] { half_->resync(); });
}

void PairThread::say(sync::Word kind, std::string text) {
  loop_.post([this, kind, text = std::move(text)]() mutable {
    half_->say(kind, std::move(text));
    tick();
  });
}

void PairThread::answer(Done done, api::Answer<api::Ha> what) {
  control_.post([done = std::move(done), what = std::move(what)] { done(what); });
}

void PairThread::fail_over(const FailoverWish& wish, Done done) {
  loop_.post([this, wish, done = std::move(done)]() mutable { begin_failover(wish, std::move(done)); });
}

void PairThread::begin_failover(const FailoverWish& wish, Done done) {
  const Instant now = clock_.now();
  Pending pending{{}, now + std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(wish.wait_seconds)), std::move(done)};
  for (const ha::Group& group : half_->machine().groups())
    if (wish.group.empty() ? ha::serves(group.role()) : group.plan().name == wish.group) pending.groups.push_back(group.id());
  const auto refuse = [&](api::Exit exit, std::string what, std::string hint) {
    answer(std::move(pending.done), tl::unexpected{api::Failure{exit, std::move(what), std::move(hint)}});
  };
  if (pending.groups.empty() && wish.group.empty())
    return refuse(api::Exit::refused, "this node serves no group", "tandemctl ha status shows who does");
  if (pending.groups.empty()) return refuse(api::Exit::no_such_object, wish.group + ": no such group", "tandemctl ha status lists them");
  for (const GroupId id : pending.groups) {
    const ha::Group& group = half_->machine().group(id);
    const std::optional<std::string> why = half_->refuse_failover(id, now);
    if (why && !(wish.force && half_->peer_may_relieve(now) && ha::serves(group.role())))
      return refuse(api::Exit::refused, group.plan().name + ": " + *why,
                    half_->peer_may_relieve(now) ? "--force does it anyway; connections may break" : "");
  }
  for (const GroupId id : pending.groups) half_->fail_over(id, wish.force);
  pending_.push_back(std::move(pending));
  tick();
}

void PairThread::watch_failovers(Instant now) {
  for (Pending& each : pending_) {
    const auto here = [&](GroupId id) { return ha::serves(half_->machine().group(id).role()); };
    if (std::none_of(each.groups.begin(), each.groups.end(), here)) {
      answer(std::exchange(each.done, nullptr), report_pair(*half_, now));
    } else if (now >= each.until) {
      for (const GroupId id : each.groups) half_->withdraw(id);
      answer(std::exchange(each.done, nullptr),
             tl::unexpected{api::Failure{api::Exit::timed_out, "the peer has not taken over in time; this node goes on serving",
                                         "tandemctl ha status says what stands against it"}});
    }
  }
  std::erase_if(pending_, [](const Pending& each) { return each.done == nullptr; });
}

void PairThread::leave(std::function<void()> relieved) {
  loop_.post([this, relieved = std::move(relieved)]() mutable {
    served_ = !half_->left();
    relieved_ = std::move(relieved), leave_until_ = clock_.now() + (served_ ? kLeave : kLeave.zero());
    half_->leave();
    tick();
  });
}

void PairThread::watch_leaving(Instant now) {
  if (!relieved_) return;
  // What was on its way to us when the other took over still needs a moment.
  if (served_ && half_->left()) served_ = false, leave_until_ = std::min(leave_until_, now + kStrays);
  const bool waits = half_->left() || half_->peer_may_relieve(now);
  if (waits && now < leave_until_) return;
  control_.post(std::exchange(relieved_, nullptr));
}

}  // namespace tandem
