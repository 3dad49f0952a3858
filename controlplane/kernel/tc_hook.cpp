// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/tc_hook.h"

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <bpf/libbpf.h>
#include <net/if.h>

namespace tandem {
namespace {

std::string text(int negative_errno) { return std::strerror(-negative_errno); }

bpf_tc_hook hook_of(int interface_index, TcSide side) {
  bpf_tc_hook hook{};
  hook.sz = sizeof hook;
  hook.ifindex = interface_index;
  hook.attach_point = side == TcSide::ingress ? BPF_TC_INGRESS : BPF_TC_EGRESS;
  return hook;
}

bpf_tc_opts options(std::uint32_t handle, std::uint32_t priority) {
  bpf_tc_opts chosen{};
  chosen.sz = sizeof chosen;
  chosen.handle = handle;
  chosen.priority = priority;
  return chosen;
}

// libbpf names a filter after its program: "hide_vips:[17]".
Result<std::vector<TcFilter>> leftovers(int interface_index, TcSide side, const std::string& program) {
  auto filters = filters_on(interface_index, side);
  if (filters) std::erase_if(*filters, [&](const TcFilter& each) { return !each.program.starts_with(program + ":["); });
  return filters;
}

}  // namespace

Result<bpf_object*> load_bpf_object(const std::string& path) {
  bpf_object* object = bpf_object__open_file(path.c_str(), nullptr);
  if (object == nullptr) return fail(path + ": " + text(-errno));
  if (const int rc = bpf_object__load(object); rc < 0) {
    bpf_object__close(object);
    return fail(path + ": the kernel refuses it: " + text(rc));
  }
  return object;
}

Result<TcHook> TcHook::attach(const Plan& plan, const bpf_object& loaded) {
  TcHook hook;
  hook.side_ = plan.side;
  hook.interface_index_ = static_cast<int>(if_nametoindex(plan.interface.c_str()));
  if (hook.interface_index_ == 0) return fail(text(-errno));
  const int program = bpf_program__fd(bpf_object__find_program_by_name(&loaded, plan.program.c_str()));
  return hook.make_clsact().and_then([&] { return hook.put(plan, program); }).map([&] { return std::move(hook); });
}

Result<> TcHook::make_clsact() {
  const auto there = has_clsact(interface_index_);
  if (!there) return fail(there.error());
  if (*there) return {};
  bpf_tc_hook hook = hook_of(interface_index_, side_);
  if (const int rc = bpf_tc_hook_create(&hook); rc < 0) return fail("cannot add clsact: " + text(rc));
  owns_clsact_ = true;
  return {};
}

Result<> TcHook::put(const Plan& plan, int program) {
  const auto old = leftovers(interface_index_, side_, plan.program);
  if (!old) return fail(old.error());
  // Who made the clsact under a leftover is not known; it is ours to remove if nothing else uses it.
  owns_clsact_ |= !old->empty();

  bpf_tc_hook hook = hook_of(interface_index_, side_);
  bpf_tc_opts chosen = old->empty() ? options(0, plan.priority) : options(old->front().handle, old->front().priority);
  chosen.flags = old->empty() ? 0 : BPF_TC_F_REPLACE;
  chosen.prog_fd = program;
  int rc = bpf_tc_attach(&hook, &chosen);
  if (rc < 0 && old->empty()) {  // a filter of another kind has that priority: the kernel chooses one
    chosen.handle = chosen.priority = 0;
    rc = bpf_tc_attach(&hook, &chosen);
  }
  if (rc < 0) return fail("cannot attach " + plan.purpose + ": " + text(rc));
  handle_ = chosen.handle;
  priority_ = chosen.priority;
  for (std::size_t i = 1; i < old->size(); ++i) {
    const bpf_tc_opts extra = options((*old)[i].handle, (*old)[i].priority);
    bpf_tc_detach(&hook, &extra);
  }
  return {};
}

Result<> TcHook::remove() {
  if (interface_index_ == 0) return {};
  bpf_tc_hook hook = hook_of(interface_index_, side_);
  if (handle_ != 0) {
    const bpf_tc_opts ours = options(handle_, priority_);
    if (const int rc = bpf_tc_detach(&hook, &ours); rc < 0 && rc != -ENOENT) {
      interface_index_ = 0;
      return fail("cannot take off the filter: " + text(rc));
    }
  }
  const Result<> removed = owns_clsact_ ? remove_clsact() : Result<>{};
  interface_index_ = 0;
  return removed;
}

Result<> TcHook::remove_clsact() const {
  for (const TcSide side : {TcSide::ingress, TcSide::egress}) {
    const auto others = filters_on(interface_index_, side);
    if (!others || !others->empty()) return {};
  }
  bpf_tc_hook hook = hook_of(interface_index_, side_);
  hook.attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);
  if (const int rc = bpf_tc_hook_destroy(&hook); rc < 0) return fail("cannot remove clsact: " + text(rc));
  return {};
}

TcHook::~TcHook() { [[maybe_unused]] const auto removed = remove(); }

TcHook::TcHook(TcHook&& other) noexcept
    : side_{other.side_},
      interface_index_{std::exchange(other.interface_index_, 0)},
      owns_clsact_{other.owns_clsact_},
      handle_{other.handle_},
      priority_{other.priority_} {}

TcHook& TcHook::operator=(TcHook&& other) noexcept {
  std::swap(side_, other.side_);
  std::swap(interface_index_, other.interface_index_);
  std::swap(owns_clsact_, other.owns_clsact_);
  std::swap(handle_, other.handle_);
  std::swap(priority_, other.priority_);
  return *this;
}

}  // namespace tandem
