// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/config_file.h"

#include <filesystem>

#include "cli/render/safe_text.h"

namespace tandem::cli {
namespace {

using config::Diagnostic;

Json row_of(const Diagnostic& each) {
  return {{"file", each.file}, {"line", each.place.line}, {"column", each.place.column},    {"code", config::info(each.code).name},
          {"text", each.text}, {"hint", each.note},       {"source_line", each.source_line}};
}

Json rows_of(const config::ReadOutcome& outcome) {
  Json data{{"file", outcome.file}, {"errors", Json::array()}, {"warnings", Json::array()}};
  for (const Diagnostic& each : outcome.diagnostics) data[each.is_error() ? "errors" : "warnings"].push_back(row_of(each));
  return data;
}

// file, line, column, code, text: a line each.
std::string plain(const config::ReadOutcome& outcome) {
  std::string out;
  for (const Diagnostic& each : outcome.diagnostics)
    out.append(printable(each.file))
        .append("\t")
        .append(std::to_string(each.place.line))
        .append("\t")
        .append(std::to_string(each.place.column))
        .append("\t")
        .append(config::info(each.code).name)
        .append("\t")
        .append(printable(each.text))
        .append("\n");
  return out;
}

std::string line_of(const std::string& file, const Json& row) {
  std::string out = file;
  if (const auto line = row.value("line", 0u); line > 0) out += ":" + std::to_string(line) + ":" + std::to_string(row.value("column", 0u));
  out += ": error[" + row.value("code", "") + "]: " + row.value("text", "");
  const std::string hint = row.value("hint", "");
  return hint.empty() ? out : out + " (" + hint + ")";
}

// Without its last line end: say() adds one.
std::string trimmed(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

Outcome check_file(Session& session, const std::string& path) {
  const config::ReadOutcome outcome = config::load_path(path);
  if (session.for_programs()) session.print_json("config.check", rows_of(outcome));
  else if (session.look().format == Format::plain) session.print(plain(outcome));
  else session.print(config::render(outcome.diagnostics, session.look().colour));
  return config::has_errors(outcome.diagnostics) ? Exit::bad_configuration : Exit::ok;
}

Answer<ConfigFile> read_good_file(Session& session, const std::string& path) {
  const config::ReadOutcome outcome = config::load_path(path);
  if (config::has_errors(outcome.diagnostics)) {
    session.world().err << config::render(outcome.diagnostics, false);
    return refuse(Exit::bad_configuration, path + " has errors; nothing was changed");
  }
  for (const Diagnostic& warning : outcome.diagnostics) session.say(trimmed(config::render(warning, false)));
  std::error_code unknown;
  const std::filesystem::path absolute = std::filesystem::absolute(outcome.file, unknown);
  return ConfigFile{unknown ? outcome.file : absolute.lexically_normal().string(), outcome.text};
}

void show_details(Session& session, const std::string& file, const Json& details) {
  if (!details.is_array()) return;
  for (const Json& row : details)
    if (row.is_object()) session.world().err << printable(line_of(row.value("file", file), row)) << "\n";
}

}  // namespace tandem::cli
