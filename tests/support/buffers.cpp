// SPDX-License-Identifier: Apache-2.0
#include "tests/support/buffers.h"

#include <rte_eal.h>
#include <rte_mempool.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>

#include "common/base/ensure.h"
#include "tests/support/guarded.h"

namespace tandem::test {

namespace {

rte_mempool* create_pool() {
  const std::string prefix = "tandem-test-" + std::to_string(getpid());
  std::array<std::string, 12> words{"test", "--no-huge", "--no-shconf", "--no-telemetry",   "--no-pci", "--file-prefix", prefix, "-m",
                                    "64",   "-l",        "0",           "--log-level=error"};
  std::array<char*, 12> arguments;
  for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
  ensure(rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) >= 0);
  rte_mempool* pool = rte_pktmbuf_pool_create("test", kTestBuffers, 0, 0, kTestBufferBytes + RTE_PKTMBUF_HEADROOM, SOCKET_ID_ANY);
  ensure(pool != nullptr);
  return pool;
}

rte_mempool* pool() {
  static rte_mempool* const created = create_pool();
  return created;
}

void append(rte_mbuf* mbuf, std::span<const std::uint8_t> bytes) {
  char* room = rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(bytes.size()));
  ensure(room != nullptr);
  if (bytes.empty()) return;  // nothing may lie at a null pointer
  std::memcpy(room, bytes.data(), bytes.size());
}

// A buffer's memory, for as long as the buffer is in use.
struct GuardedMemory {
  Guarded bytes;
  rte_mbuf_ext_shared_info shared{};
};

void free_guarded(void*, void* memory) { delete static_cast<GuardedMemory*>(memory); }

}  // namespace

rte_mempool* test_pool() { return pool(); }

std::size_t buffers_in_use() { return rte_mempool_in_use_count(pool()); }

rte_mbuf* to_mbuf(std::span<const std::uint8_t> frame) {
  rte_mbuf* mbuf = rte_pktmbuf_alloc(pool());
  ensure(mbuf != nullptr);
  append(mbuf, frame);
  return mbuf;
}

rte_mbuf* to_chain(std::span<const std::uint8_t> frame, std::size_t first_segment_bytes) {
  ensure(first_segment_bytes < frame.size());
  rte_mbuf* first = to_mbuf(frame.first(first_segment_bytes));
  rte_mbuf* second = to_mbuf(frame.subspan(first_segment_bytes));
  ensure(rte_pktmbuf_chain(first, second) == 0);
  return first;
}

rte_mbuf* to_guarded_mbuf(std::span<const std::uint8_t> frame) {
  auto* memory = new GuardedMemory{Guarded{frame, RTE_PKTMBUF_HEADROOM}};
  memory->shared.free_cb = free_guarded, memory->shared.fcb_opaque = memory;
  rte_mbuf_ext_refcnt_set(&memory->shared, 1);
  rte_mbuf* mbuf = rte_pktmbuf_alloc(pool());
  ensure(mbuf != nullptr && frame.size() <= UINT16_MAX - RTE_PKTMBUF_HEADROOM);
  rte_pktmbuf_attach_extbuf(mbuf, memory->bytes.data() - RTE_PKTMBUF_HEADROOM, RTE_BAD_IOVA,
                            static_cast<std::uint16_t>(frame.size() + RTE_PKTMBUF_HEADROOM), &memory->shared);
  mbuf->data_off = RTE_PKTMBUF_HEADROOM;
  append(mbuf, frame);
  return mbuf;
}

Bytes bytes_of(const rte_mbuf* mbuf) {
  Bytes bytes;
  for (const rte_mbuf* segment = mbuf; segment != nullptr; segment = segment->next) {
    const auto* data = rte_pktmbuf_mtod(segment, const std::uint8_t*);
    bytes.insert(bytes.end(), data, data + segment->data_len);
  }
  return bytes;
}

Bytes take(rte_mbuf* mbuf) {
  Bytes bytes = bytes_of(mbuf);
  rte_pktmbuf_free(mbuf);
  return bytes;
}

}  // namespace tandem::test
