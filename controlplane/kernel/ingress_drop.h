// SPDX-License-Identifier: Apache-2.0
// Hides VIP and reply frames from the kernel on one af_packet port's interface (kind `copied`), by the filter of
// dataplane/bpf/ingress_drop.bpf.c. Other people's filters see their frames as before (tc_hook.h).
// Threads: one. Network namespace: that of the thread that calls install(), and destroys it.
#pragma once

#include <memory>
#include <string>

#include "controlplane/kernel/steering.h"
#include "controlplane/kernel/tc_hook.h"

namespace tandem {

class IngressDrop {
 public:
  // Loads the object, fills its maps with `first`, and only then attaches it.
  static Result<IngressDrop> install(const std::string& object, const std::string& interface, const SteeringView& first);

  Result<> apply(const SteeringView& view) { return maps_.apply(view); }
  Result<> follow(const Generation& generation, PortId port, const SteeringFacts& facts) { return maps_.follow(generation, port, facts); }
  Result<> remove() { return hook_.remove(); }  // the destructor does it too, and cannot say what went wrong

 private:
  struct CloseObject {
    void operator()(bpf_object* object) const;
  };

  IngressDrop() = default;
  Result<> load(const std::string& path);
  Result<> attach(const std::string& interface);

  std::unique_ptr<bpf_object, CloseObject> object_;
  SteeringMaps maps_;
  TcHook hook_;  // goes first
};

}  // namespace tandem
