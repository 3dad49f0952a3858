// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/ingress_drop.h"

#include <utility>
#include <vector>

#include <bpf/libbpf.h>

namespace tandem {

void IngressDrop::CloseObject::operator()(bpf_object* object) const { bpf_object__close(object); }

Result<IngressDrop> IngressDrop::install(const std::string& object, const std::string& interface, const SteeringView& first) {
  IngressDrop drop;
  return drop.load(object)
      .and_then([&] { return drop.maps_.apply(first); })
      .and_then([&] { return drop.attach(interface); })
      .map([&] { return std::move(drop); })
      .map_error([&](const Error& error) { return error.within("interface " + interface); });
}

Result<> IngressDrop::load(const std::string& path) {
  const Result<bpf_object*> object = load_bpf_object(path);
  if (!object) return fail(object.error());
  object_.reset(*object);
  std::vector<int> descriptors;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_.get()) descriptors.push_back(bpf_map__fd(map));
  auto maps = SteeringMaps::open(descriptors);
  if (!maps) return fail(maps.error().within(path));
  maps_ = std::move(*maps);
  return {};
}

// Before everybody else's, since a filter that accepts a frame ends the walk.
Result<> IngressDrop::attach(const std::string& interface) {
  auto hook = TcHook::attach({interface, TcSide::ingress, "hide_vips", "the filter that hides VIP frames from the kernel", 1}, *object_);
  if (!hook) return fail(hook.error());
  hook_ = std::move(*hook);
  return {};
}

}  // namespace tandem
