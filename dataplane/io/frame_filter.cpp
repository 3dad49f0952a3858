// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/frame_filter.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tandem {

namespace {

// RFC 9568 5.1.1.2 and 5.1.2.2, by RFC 1112 6.4 and RFC 2464 7.
constexpr std::array<MacAddress, 2> kVrrpMulticasts{{{{0x01, 0x00, 0x5e, 0x00, 0x00, 0x12}}, {{0x33, 0x33, 0x00, 0x00, 0x00, 0x12}}}};

std::string text_of(int error) { return std::strerror(error < 0 ? -error : error); }

bool holds(std::span<const MacAddress> macs, const MacAddress& mac) { return std::find(macs.begin(), macs.end(), mac) != macs.end(); }

}  // namespace

bool takes_every_frame(std::string_view driver) {
  constexpr std::array<std::string_view, 7> kSoft{"net_memif", "net_pcap",  "net_null",       "net_ring",
                                                  "net_tap",   "net_vhost", "net_virtio_user"};
  return std::find(kSoft.begin(), kSoft.end(), driver) != kSoft.end();
}

Result<std::string> AcceptedMacs::accept(FrameFilter& filter, std::span<const MacAddress> macs) {
  std::string how;
  if (const int filtered = filter_each(filter, macs); filtered != 0) {
    if (const int result = promiscuous_ ? 0 : filter.promiscuous(); result != 0)
      return fail("the device lets in no frame to a virtual MAC, neither by filter (" + text_of(filtered) + ") nor promiscuously (" +
                  text_of(result) + "): set mac = \"node\" in [ha], or group_mac = \"node\" at this port");
    promiscuous_ = true;
    how = "promiscuous, for virtual MACs";
  }
  const std::string multicasts = accept_multicasts(filter);
  return how.empty() || multicasts.empty() ? how + multicasts : how + "; " + multicasts;
}

int AcceptedMacs::filter_each(FrameFilter& filter, std::span<const MacAddress> macs) {
  std::erase_if(added_, [&](const MacAddress& old) { return !holds(macs, old) && filter.remove(old) == 0; });
  for (const MacAddress& mac : macs) {
    if (holds(added_, mac)) continue;
    if (const int result = filter.add(mac); result != 0) return result;
    added_.push_back(mac);
  }
  return 0;
}

// Without them the pair still has its hellos, so that is told and no error.
std::string AcceptedMacs::accept_multicasts(FrameFilter& filter) {
  if (promiscuous_ || filter.list_multicasts(kVrrpMulticasts) == 0) return {};
  if (filter.all_multicasts() == 0) return "all multicasts, for VRRP";
  promiscuous_ = filter.promiscuous() == 0;
  return promiscuous_ ? "promiscuous, for VRRP" : "VRRP's multicasts may not reach it";
}

}  // namespace tandem
