// SPDX-License-Identifier: Apache-2.0
// What is wrong with a configuration, and where: a code, file:line:column, a sentence, the source line, a note.
// Codes are stable: scripts and docs/configuration.md name them. E0 file, E1 keys, E2 values, E3 meaning; W3 warnings.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::config {

enum class Severity : std::uint8_t { error, warning };

enum class Code : std::uint8_t {
  unreadable,
  syntax,
  too_large,
  too_deep,
  two_layouts,
  too_many_problems,
  unknown_key,
  unknown_section,
  missing_key,
  later_version,
  wrong_shape,
  wrong_file,
  wrong_type,
  not_a_choice,
  out_of_range,
  bad_duration,
  bad_count,
  bad_address,
  bad_prefix,
  bad_endpoint,
  bad_listen,
  bad_mac,
  bad_name,
  bad_device,
  bad_status_list,
  empty_value,
  control_character,
  bad_lan,
  duplicate_name,
  too_many,
  core_repeated,
  core_absent,
  cores_and_workers,
  device_repeated,
  interface_shared,
  mac_unusable,
  address_unusable,
  listen_repeated,
  family_differs,
  port_differs,
  share_too_small,
  vip_is_backend,
  vip_is_own,
  gateway_unreachable,
  backend_repeated,
  value_repeated,
  udp_check_without_port,
  lan_absent,
  vrid_repeated,
  group_absent,
  vip_in_two_groups,
  gateway_unusable,
  peer_unusable,
  no_way_to_peer,
  slow_start_without_shares,
  fallback_absent,
  fallback_chain,
  fallback_differs,
  client_address_unfit,
  one_packet_unfit,
  quic_cid_unfit,
  bad_server_id,
  check_via_unfit,
  passive_unfit,
  no_backends,
  no_weight,
  slow_timeout,
  client_is_backend,
  many_checks,
  no_ports,
  twin_has_addresses,
  backend_unreachable,
  no_check,
  no_key,
  slow_vrrp,
  no_way_home,
  vip_elsewhere,
  fallback_kept_out,
  vip_not_asked,
  passive_half_blind,
};

struct CodeInfo {
  Code code;
  std::string_view name;  // "E101"
  std::string_view text;  // what it means, in one clause
};
std::span<const CodeInfo> all_codes();
const CodeInfo& info(Code code);
Severity severity(Code code);  // by the name's letter

// Lines and columns count from 1, columns in code points; line 0: the file as a whole.
struct Place {
  std::uint32_t line = 0, column = 0, length = 0;
  std::uint8_t file = 0;  // which of the files that are read together
};

struct Diagnostic {
  Code code{};
  std::string file;
  Place place;
  std::string text;         // what is wrong and what was expected
  std::string note;         // stands behind the caret: did you mean, or whose value it is
  std::string source_line;  // clipped around the place when long; empty where the sentence says it all
  std::uint32_t caret = 0;  // code points of source_line before the place

  bool is_error() const { return severity(code) == Severity::error; }
};

bool has_errors(std::span<const Diagnostic> diagnostics);
void sort_by_place(std::vector<Diagnostic>& diagnostics);  // errors first, each by file, line and column

// As `tandemctl config check` shows them: one to three lines each, then the count.
std::string render(const Diagnostic& diagnostic, bool coloured);
std::string render(std::span<const Diagnostic> diagnostics, bool coloured);
std::string render_count(std::span<const Diagnostic> diagnostics);  // "3 errors, 1 warning"

}  // namespace tandem::config
