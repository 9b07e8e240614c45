#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace bulwark {

void parallel_for(std::size_t count, std::size_t jobs, const std::function<void(std::size_t)>& body) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) body(i);
  };
  // The caller's own thread works, too: a single file starts no thread at all.
  std::vector<std::jthread> helpers;
  for (std::size_t i = 1; i < std::min(jobs, count); ++i) helpers.emplace_back(work);
  work();
}

}  // namespace bulwark
