// SPDX-License-Identifier: Apache-2.0
// Hides VIP and reply frames from the kernel on one af_packet port's interface (kind `copied`), by the filter of
// dataplane/bpf/ingress_drop.bpf.c on clsact. Other people's filters see their frames as before and are never touched; the
// clsact itself goes when we made it and nothing else stands on it. A filter that a killed tandemd left is replaced in one
// step, without a moment in which the kernel sees the frames.
// Threads: one. Network namespace: that of the thread that calls install(), and destroys it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "controlplane/kernel/steering.h"

struct bpf_object;

namespace tandem {

class IngressDrop {
 public:
  // Loads the object, fills its maps with `first`, and only then attaches it.
  static Result<IngressDrop> install(const std::string& object, const std::string& interface, const SteeringView& first);
  ~IngressDrop();
  IngressDrop(IngressDrop&& other) noexcept;
  IngressDrop& operator=(IngressDrop&& other) noexcept;

  Result<> apply(const SteeringView& view) { return maps_.apply(view); }
  Result<> follow(const Generation& generation, PortId port, const SteeringFacts& facts) { return maps_.follow(generation, port, facts); }
  Result<> remove();  // the destructor does it too, and cannot say what went wrong

 private:
  struct CloseObject {
    void operator()(bpf_object* object) const;
  };

  IngressDrop() = default;
  Result<> load(const std::string& path);
  Result<> attach();

  std::unique_ptr<bpf_object, CloseObject> object_;
  SteeringMaps maps_;
  std::string interface_;
  int interface_index_ = 0;  // 0: nothing there is ours
  bool owns_clsact_ = false;
  std::uint32_t handle_ = 0, priority_ = 0;  // of our filter; handle 0: none
};

}  // namespace tandem
