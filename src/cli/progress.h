#pragma once
// A bar on a terminal for anything over a second.

#include <atomic>
#include <cstddef>
#include <string_view>
#include <thread>

namespace bulwark::cli {

class Progress {
 public:
  // Draws on standard error from the second second on, if `wanted` and it is a terminal. Erased at the end.
  // `things`: what is counted, in the plural.
  Progress(std::size_t total, bool wanted, std::string_view things = "files");
  void step() { done_.fetch_add(1, std::memory_order_relaxed); }

 private:
  void draw(const std::stop_token& stop) const;
  const std::size_t total_;
  const std::string_view things_;
  std::atomic<std::size_t> done_{0};
  std::jthread painter_;  // last: it reads the others
};

}  // namespace bulwark::cli
