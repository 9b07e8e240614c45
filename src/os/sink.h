#pragma once
// A socket on the loopback that counts what arrives: where drills let stolen bytes go.

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "base/result.h"

namespace bulwark::os {

class Sink {
 public:
  // Listens on 127.0.0.1 at a port of the kernel's choice and reads from whoever connects until it is
  // destroyed. Errors: Unavailable.
  [[nodiscard]] static Result<std::unique_ptr<Sink>> open();
  ~Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Bytes that have arrived so far.
  [[nodiscard]] std::uint64_t arrived() const { return arrived_.load(); }

 private:
  Sink(int listener, std::uint16_t port);
  void serve(const std::stop_token& stop);

  const int listener_;
  const std::uint16_t port_;
  std::atomic<std::uint64_t> arrived_{0};
  std::jthread server_;  // last: it uses the others
};

}  // namespace bulwark::os
