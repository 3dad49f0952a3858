// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/lookup.h"

#include <algorithm>

#include "controlplane/config/suggest.h"

namespace tandem {
namespace {

api::Failure no_such(const char* what, const std::string& name, const std::vector<std::string>& known) {
  const std::vector<std::string_view> words{known.begin(), known.end()};
  return {api::Exit::no_such_object, name + ": no such " + what, config::did_you_mean(name, words)};
}

std::vector<std::string> backend_names(NodeState& node) {
  std::vector<std::string> names;
  for (const BackendRow* row : node.board().all()) names.push_back(row->service + "/" + row->name);
  return names;
}

}  // namespace

api::Answer<const config::Service*> find_service(NodeState& node, const std::string& name) {
  std::vector<std::string> names;
  for (const config::Service& service : node.config().service) {
    if (service.name == name) return &service;
    names.push_back(service.name);
  }
  return tl::unexpected{no_such("service", name, names)};
}

api::Answer<std::vector<BackendRow*>> find_backends(NodeState& node, const std::vector<std::string>& names) {
  std::vector<BackendRow*> rows;
  for (const std::string& name : names) {
    const std::vector<BackendRow*> matched = node.board().match(name);
    if (matched.empty()) return tl::unexpected{no_such("backend", name, backend_names(node))};
    for (BackendRow* row : matched)
      if (std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
  }
  return rows;
}

}  // namespace tandem
