// SPDX-License-Identifier: Apache-2.0
// Scenarios of packets that nobody decent sends. Each is offered three times: with two kinds of rubbish behind its end in the buffer,
// for what becomes of it must not depend on bytes that are not there; and at the end of its memory, where one byte read or written too
// far ends the test. Afterwards an ordinary client must still be served, and the balance must hold.
#pragma once

#include "tests/packet/scenario.h"

namespace tandem::test {

class Hostile : public Scenario {
 protected:
  void TearDown() override;

  static constexpr unsigned kOffers = 3;  // so often each is counted
  // What comes of it, and no entry for it. The first says exactly what; the second only that it is dropped, for this reason.
  void expect(const Bytes& frame, const Lines& lines, PortId port = kP0);
  void expect_drop(const Frame& frame, const std::string& reason, PortId port = kP0) { expect_drop(frame.bytes(), reason, port); }
  void expect_drop(const Bytes& frame, const std::string& reason, PortId port = kP0) { expect(frame, {"drop " + reason}, port); }

  // The frame cut off after this many bytes, with the rest of it still lying behind in the buffer.
  void expect_cut_drop(const Frame& frame, std::size_t bytes, const std::string& reason, PortId port = kP0);

  // The frame is the kernel's to judge: it gets it as it is.
  void expect_punt(const Frame& frame, const std::string& punt_class, PortId port = kP0) {
    expect(frame.bytes(), {"punt " + punt_class + " " + leaves(port, frame)[0]}, port);
  }

  static Frame to_vip() { return frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100"); }
  static Frame to_vip6() { return frame().eth(kNode0, kClient).ip("fd00::5", "fd00::100"); }

 private:
  Lines offer(PortId port, const Bytes& frame, std::uint8_t behind);
};

}  // namespace tandem::test
