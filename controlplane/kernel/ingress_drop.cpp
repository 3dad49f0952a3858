// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/ingress_drop.h"

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <bpf/libbpf.h>
#include <net/if.h>

#include "controlplane/kernel/traffic_control.h"

namespace tandem {
namespace {

constexpr const char* kProgram = "hide_vips";
// Before everybody else's, since a filter that accepts a frame ends the walk.
constexpr std::uint32_t kFirstPriority = 1;

std::string text(int negative_errno) { return std::strerror(-negative_errno); }

// libbpf names a filter after its program: "hide_vips:[17]".
bool is_ours(const TcFilter& filter) { return filter.program.starts_with(std::string{kProgram} + ":["); }

bpf_tc_hook ingress_of(int interface_index) {
  bpf_tc_hook hook{};
  hook.sz = sizeof hook;
  hook.ifindex = interface_index;
  hook.attach_point = BPF_TC_INGRESS;
  return hook;
}

bpf_tc_opts options(std::uint32_t handle, std::uint32_t priority) {
  bpf_tc_opts chosen{};
  chosen.sz = sizeof chosen;
  chosen.handle = handle;
  chosen.priority = priority;
  return chosen;
}

Result<std::vector<TcFilter>> leftovers(int interface_index) {
  auto filters = filters_on(interface_index, TcSide::ingress);
  if (filters) std::erase_if(*filters, [](const TcFilter& each) { return !is_ours(each); });
  return filters;
}

}  // namespace

void IngressDrop::CloseObject::operator()(bpf_object* object) const { bpf_object__close(object); }

Result<IngressDrop> IngressDrop::install(const std::string& object, const std::string& interface, const SteeringView& first) {
  IngressDrop drop;
  drop.interface_ = interface;
  return drop.load(object)
      .and_then([&] { return drop.maps_.apply(first); })
      .and_then([&] { return drop.attach(); })
      .map([&] { return std::move(drop); })
      .map_error([&](const Error& error) { return error.within("interface " + interface); });
}

Result<> IngressDrop::load(const std::string& path) {
  object_.reset(bpf_object__open_file(path.c_str(), nullptr));
  if (!object_) return fail(path + ": " + text(-errno));
  if (const int rc = bpf_object__load(object_.get()); rc < 0) return fail(path + ": the kernel refuses it: " + text(rc));
  std::vector<int> descriptors;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_.get()) descriptors.push_back(bpf_map__fd(map));
  auto maps = SteeringMaps::open(descriptors);
  if (!maps) return fail(maps.error().within(path));
  maps_ = std::move(*maps);
  return {};
}

Result<> IngressDrop::attach() {
  const int at = static_cast<int>(if_nametoindex(interface_.c_str()));
  if (at == 0) return fail(text(-errno));
  bpf_tc_hook hook = ingress_of(at);
  const auto there = has_clsact(at);
  if (!there) return fail(there.error());
  interface_index_ = at;
  if (!*there) {
    if (const int rc = bpf_tc_hook_create(&hook); rc < 0) return fail("cannot add clsact: " + text(rc));
    owns_clsact_ = true;
  }
  const auto old = leftovers(at);
  if (!old) return fail(old.error());
  // Who made the clsact under a leftover is not known; it is ours to remove if nothing else uses it.
  owns_clsact_ |= !old->empty();

  bpf_tc_opts chosen = old->empty() ? options(0, kFirstPriority) : options(old->front().handle, old->front().priority);
  chosen.flags = old->empty() ? 0 : BPF_TC_F_REPLACE;
  chosen.prog_fd = bpf_program__fd(bpf_object__find_program_by_name(object_.get(), kProgram));
  int rc = bpf_tc_attach(&hook, &chosen);
  if (rc < 0 && old->empty()) {  // a filter of another kind has that priority: the kernel chooses one
    chosen.handle = chosen.priority = 0;
    rc = bpf_tc_attach(&hook, &chosen);
  }
  if (rc < 0) return fail("cannot attach the filter that hides VIP frames from the kernel: " + text(rc));
  handle_ = chosen.handle;
  priority_ = chosen.priority;
  for (std::size_t i = 1; i < old->size(); ++i) {
    const bpf_tc_opts extra = options((*old)[i].handle, (*old)[i].priority);
    bpf_tc_detach(&hook, &extra);
  }
  return {};
}

Result<> IngressDrop::remove() {
  const int at = std::exchange(interface_index_, 0);
  if (at == 0) return {};
  bpf_tc_hook hook = ingress_of(at);
  if (handle_ != 0) {
    const bpf_tc_opts ours = options(handle_, priority_);
    if (const int rc = bpf_tc_detach(&hook, &ours); rc < 0 && rc != -ENOENT) return fail("cannot take off the filter: " + text(rc));
  }
  if (!owns_clsact_) return {};
  for (const TcSide side : {TcSide::ingress, TcSide::egress}) {
    const auto others = filters_on(at, side);
    if (!others || !others->empty()) return {};
  }
  hook.attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);
  if (const int rc = bpf_tc_hook_destroy(&hook); rc < 0) return fail("cannot remove clsact: " + text(rc));
  return {};
}

IngressDrop::~IngressDrop() { [[maybe_unused]] const auto removed = remove(); }

IngressDrop::IngressDrop(IngressDrop&& other) noexcept
    : object_{std::move(other.object_)},
      maps_{std::move(other.maps_)},
      interface_{std::move(other.interface_)},
      interface_index_{std::exchange(other.interface_index_, 0)},
      owns_clsact_{other.owns_clsact_},
      handle_{other.handle_},
      priority_{other.priority_} {}

IngressDrop& IngressDrop::operator=(IngressDrop&& other) noexcept {
  std::swap(object_, other.object_);
  std::swap(maps_, other.maps_);
  std::swap(interface_, other.interface_);
  std::swap(interface_index_, other.interface_index_);
  std::swap(owns_clsact_, other.owns_clsact_);
  std::swap(handle_, other.handle_);
  std::swap(priority_, other.priority_);
  return *this;
}

}  // namespace tandem
