// SPDX-License-Identifier: Apache-2.0
// Identifiers are types, so that a backend can never index a table of ports. index() is the one way to a number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace tandem {

enum class ServiceId : std::uint16_t {};    // place of a service in its generation; stable while the service lives
enum class BackendSlot : std::uint16_t {};  // place of one (service, backend) pair in counters and adjacencies; rests before reuse
enum class PortId : std::uint8_t {};        // place of a [[port]] in the configuration
enum class WorkerId : std::uint8_t {};      // 0 … workers-1
enum class AdjacencyId : std::uint16_t {};  // place in the generation's array of next hops
enum class GroupId : std::uint8_t {};       // place of a [[group]] in the configuration: VIPs that move between the nodes together

template <typename Id>
  requires std::is_enum_v<Id>
constexpr std::size_t index(Id id) noexcept {
  return static_cast<std::size_t>(id);
}

}  // namespace tandem
