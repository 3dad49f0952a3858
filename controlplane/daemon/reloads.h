// SPDX-License-Identifier: Apache-2.0
// How reloads went: what the exporter shows of them.
#pragma once

#include "common/api/types.h"
#include "controlplane/api/event_log.h"

namespace tandem {

class Reloads {
 public:
  void succeeded() { ++successes_, last_successful_ = true, last_success_ = wall_seconds(); }
  void failed() { ++failures_, last_successful_ = false; }

  void fill(api::Snapshot& snapshot) const {
    snapshot.reloads = {{"success", successes_}, {"failure", failures_}};
    snapshot.last_reload_successful = last_successful_;
    snapshot.last_reload_timestamp_seconds = last_success_;
  }

 private:
  api::Count successes_ = 0, failures_ = 0;
  bool last_successful_ = true;
  double last_success_ = wall_seconds();  // the start counts as one
};

}  // namespace tandem
