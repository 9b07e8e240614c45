#pragma once
// A child process that is kept small: explicit arguments and environment, bounded time, memory and output, a
// process group that ends as a whole, no inherited descriptors, never a shell.
//
// It is no sandbox: the child may read what its user may read. Where the kernel allows it, it has no network.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace bulwark::os {

enum class Network : std::uint8_t {
  None,  // cut off in a network namespace of its own, if the kernel lets us: see Ended::isolated
  Host,  // as the caller's
};

struct Child {
  std::vector<std::string> arguments;    // [0]: the program, as an absolute path
  std::vector<std::string> environment;  // "NAME=value"; nothing is inherited
  std::string folder;                    // working directory
  std::string input = {};                // standard input; empty: at its end
  Network network = Network::None;
  std::chrono::milliseconds wall{10'000};
  std::chrono::seconds processor{10};  // of each process of the group
  std::uint64_t memory = std::uint64_t{1} << 30;
  std::uint64_t file_bytes = std::uint64_t{64} << 20;   // largest file that it may write
  std::uint64_t output_bytes = std::uint64_t{1} << 20;  // kept of each stream; the rest is read and dropped
};

struct Ended {
  int exit_code = -1;  // -1: ended by a signal
  int signal = 0;
  std::string output;
  std::string errors;
  bool output_cut = false;
  bool timed_out = false;    // the wall time was over; everything was killed
  bool interrupted = false;  // somebody asked us to end (os/interrupt.h); everything was killed
  bool isolated = false;     // it had no network

  [[nodiscard]] bool succeeded() const { return exit_code == 0 && !timed_out && !interrupted; }
};

// Runs the child and waits for its end; what it started in its group is killed then. Threads: safe from many.
// Errors: InvalidInput (no absolute program), NotFound and Denied (program or folder), Unavailable.
[[nodiscard]] Result<Ended> run_child(const Child& child);

}  // namespace bulwark::os
