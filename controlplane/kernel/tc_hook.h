// SPDX-License-Identifier: Apache-2.0
// One direct-action filter of ours on one side of an interface's clsact. Other people's filters are never touched; the clsact itself
// goes when we made it and nothing else stands on it. A filter that a killed tandemd left is replaced in one step, without a moment
// in which there is none.
// Threads: one. Network namespace: that of the thread that calls attach(), and destroys it.
#pragma once

#include <cstdint>
#include <string>

#include "controlplane/kernel/traffic_control.h"

struct bpf_object;

namespace tandem {

class TcHook {
 public:
  struct Plan {
    std::string interface;
    TcSide side = TcSide::ingress;
    std::string program;         // by its name in the object; libbpf names the filter after it
    std::string purpose;         // "the filter that …"
    std::uint32_t priority = 1;  // the kernel chooses one if a filter of another kind has it
  };
  static Result<TcHook> attach(const Plan& plan, const bpf_object& loaded);

  TcHook() = default;
  ~TcHook();
  TcHook(TcHook&& other) noexcept;
  TcHook& operator=(TcHook&& other) noexcept;

  Result<> remove();  // the destructor does it too, and cannot say what went wrong

 private:
  Result<> make_clsact();
  Result<> put(const Plan& plan, int program);
  Result<> remove_clsact() const;

  TcSide side_ = TcSide::ingress;
  int interface_index_ = 0;  // 0: nothing there is ours
  bool owns_clsact_ = false;
  std::uint32_t handle_ = 0, priority_ = 0;  // of our filter; handle 0: none
};

// An object file of the kernel's programs, loaded. Closed by bpf_object__close.
Result<bpf_object*> load_bpf_object(const std::string& path);

}  // namespace tandem
