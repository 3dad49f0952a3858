// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "controlplane/api/describe_explanation.h"
#include "controlplane/api/explainer.h"

namespace tandem {
namespace {

tl::unexpected<api::Failure> wrong(const std::string& what, const std::string& hint = "") {
  return tl::unexpected{api::Failure{api::Exit::usage, what, hint}};
}

api::Answer<Endpoint> read_end(const Call& call, const char* name) {
  const Result<Endpoint> end = parse_endpoint(call.text_or(name, ""));
  if (!end) return wrong(std::string{name} + ": " + end.error().message, "as in 203.0.113.10:443 or [2001:db8::10]:443");
  return *end;
}

api::Answer<PortId> find_port(const std::string& name, NodeState& node) {
  const auto& ports = node.config().port;
  const auto found = std::ranges::find(ports, name, &config::Port::name);
  if (found != ports.end()) return static_cast<PortId>(found - ports.begin());
  return tl::unexpected{api::Failure{api::Exit::no_such_object, name + ": no such port", "tandemctl port list"}};
}

api::Answer<FlowQuestion> read_question(const Call& call, NodeState& node) {
  FlowQuestion question;
  const Result<Protocol> protocol = parse_protocol(call.text_or("proto", ""));
  if (!protocol) return wrong("proto: " + protocol.error().message);
  const api::Answer<Endpoint> source = read_end(call, "source"), target = read_end(call, "target");
  if (!source) return tl::unexpected{source.error()};
  if (!target) return tl::unexpected{target.error()};
  if (source->address.family != target->address.family) return wrong("source and target are of different families");
  question.protocol = *protocol, question.source = *source, question.target = *target, question.mid_flow = call.flag("mid_flow");
  if (const std::string port = call.text_or("port", ""); !port.empty()) {
    const api::Answer<PortId> found = find_port(port, node);
    if (!found) return tl::unexpected{found.error()};
    question.port = *found;
  }
  return question;
}

void explain(const CallPtr& call, NodeState& node, const Rehearse& rehearse) {
  const api::Answer<FlowQuestion> question = read_question(*call, node);
  if (!question) return call->fail(question.error());
  const Result<ExplainedFlow> flow = rehearse(*question);
  if (!flow) return call->fail({api::Exit::timed_out, flow.error().message, "tandemctl worker list"});
  call->reply(describe(*flow, *question, node));
}

}  // namespace

void add_explain_method(Server& server, NodeState& node, Rehearse rehearse) {
  server.handle("explain", [&node, rehearse = std::move(rehearse)](const CallPtr& call) { explain(call, node, rehearse); });
}

}  // namespace tandem
