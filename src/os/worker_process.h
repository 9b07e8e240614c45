#pragma once
// A child that answers one question after the other over its standard streams, for work that may crash, hang
// or eat memory: what it does to itself is an error here, never a crash.
//
// A message is its length (8 bytes, little-endian) and so many bytes. Every question gets exactly one answer.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "os/process.h"

namespace bulwark::os {

class WorkerProcess {
 public:
  // Starts it; `input`, `wall` and `output_bytes` of the child are not used. It dies with the thread that
  // calls this. Errors: as run_child.
  [[nodiscard]] static Result<std::unique_ptr<WorkerProcess>> start(const Child& child);
  // Kills the child and its group.
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // Sends the pieces as one message and waits for the answer. After an error the child is dead and every
  // later call is Unavailable. Threads: one caller at a time. Errors: LimitReached (time is over, or the
  // answer is longer than `longest_answer` bytes), Unavailable (the child ended, with what it said last; or
  // we were interrupted).
  [[nodiscard]] Result<std::vector<std::uint8_t>> ask(std::span<const Bytes> pieces,
                                                      std::uint64_t longest_answer,
                                                      std::chrono::milliseconds time);
  [[nodiscard]] bool isolated() const;  // it has no network

 private:
  class State;
  explicit WorkerProcess(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The child's side: the next question from standard input, or nothing at its end.
// Errors: LimitReached (longer than `longest`), Unavailable.
[[nodiscard]] Result<std::optional<std::vector<std::uint8_t>>> next_question(std::uint64_t longest);
// The answer to it, to standard output. Errors: Unavailable.
[[nodiscard]] Result<void> answer(std::span<const Bytes> pieces);

}  // namespace bulwark::os
