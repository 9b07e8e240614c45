#pragma once
// A loop whose rounds run on several threads.

#include <cstddef>
#include <functional>

namespace bulwark {

// Calls `body(i)` once for every i < count, on at most `jobs` threads (0 or 1: on the caller's), and returns
// when all are done. Rounds are handed out one by one, so long ones do not hold up the rest. `body` must not
// throw.
void parallel_for(std::size_t count, std::size_t jobs, const std::function<void(std::size_t)>& body);

}  // namespace bulwark
