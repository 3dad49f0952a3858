// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/query.h"

#include "cli/render/redraw.h"

namespace tandem::cli {
namespace {

// A frame is compared with the last one, so it is drawn without colour; changed cells are marked instead.
void print_frame(Session& session, const Query& query, const Json& data, Redraw& redraw) {
  const std::string time = local_time(rfc3339(session.world().wall()));
  if (!session.world().out_is_terminal) return session.print("# " + time + "\n" + query.draw(data, session.look()));
  Look look = session.look();
  const bool marked = look.colour;
  look.colour = false;
  session.print(redraw.frame(time + "\n" + query.draw(data, look), marked));
}

Outcome show_once(Session& session, const Query& query, Redraw& redraw) {
  Answer<Json> data = session.call(query.method, query.params);
  if (!data) return tl::unexpected{data.error()};
  return reading([&]() -> Outcome {
    if (query.keep)
      if (const Answer<void> kept = query.keep(*data); !kept) return tl::unexpected{kept.error()};
    if (session.for_programs()) session.print_json(query.schema.empty() ? query.method : query.schema, *data);
    else if (session.options().watch) print_frame(session, query, *data, redraw);
    else session.print(query.draw(*data, session.look()));
    return query.judge ? query.judge(*data) : Exit::ok;
  });
}

// The other node's after ours; when it does not answer, ours is there all the same.
Outcome show_both(Session& session, const Query& query) {
  Redraw unused;
  Outcome worst = Exit::ok;
  for (const Which which : {Which::local, Which::peer}) {
    session.turn_to(which);
    if (!session.for_programs()) session.print((which == Which::local ? "# " : "\n# ") + session.node() + "\n");
    const Outcome outcome = show_once(session, query, unused);
    if (!outcome) return outcome;
    if (worst && *outcome > *worst) worst = outcome;
  }
  return worst;
}

}  // namespace

Outcome show(Session& session, const Query& query) {
  if (session.options().node == Which::both) return show_both(session, query);
  Redraw redraw;
  for (;;) {
    const Outcome outcome = show_once(session, query, redraw);
    if (!outcome || !session.options().watch) return outcome;
    session.world().pause(*session.options().watch);
    if (session.world().interrupted()) return Exit::interrupted;
  }
}

}  // namespace tandem::cli
