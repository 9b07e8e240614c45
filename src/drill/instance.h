#pragma once
// One instance of a drill: its own folder, its samples, its loaders. Everything that touches the machine
// while a drill runs is here.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drill/crossing.h"
#include "drill/drill.h"
#include "os/sink.h"
#include "os/temporary_folder.h"

namespace bulwark::drill {

// The first python3 of the machine that works, as an absolute path; empty if there is none.
[[nodiscard]] std::string find_python();

// What came of loading what crossed.
struct Loaded {
  bool finished = false;               // the loader ended by itself and without complaint
  std::string answer;                  // what it read back
  std::string complaint;               // the end of its error output, for people
  std::string marker;                  // content of the file "marker"; empty: there is none
  std::uint64_t stolen = 0;            // bytes that arrived at the sink
  std::vector<std::string> leftovers;  // other files that appeared
  bool isolated = false;               // it had no network
};

class Instance {
 public:
  // Makes the folder below `parent` and puts the loaders into it. Errors: Denied, Unavailable.
  [[nodiscard]] static Result<std::unique_ptr<Instance>> make(const Drill& drill, const std::string& parent,
                                                              std::string python, std::uint64_t seed);

  // The bytes of the samples. Errors: InvalidInput naming the sample, Unavailable (python).
  [[nodiscard]] Result<std::vector<Crosser>> build(const std::vector<Sample>& samples) const;
  // A new, empty folder for what the platform keeps. Errors: Unavailable.
  [[nodiscard]] Result<std::string> new_folder();
  // Runs Python of the attacker in a folder of new_folder(); builder.py can be imported. Errors: InvalidInput
  // (it fails), Unavailable.
  [[nodiscard]] Result<void> tamper(const std::string& folder, const std::string& program) const;
  // Puts `files` into a new folder, `elsewhere` into one beside it, and has `load` read them in a child.
  // Errors: Unavailable.
  [[nodiscard]] Result<Loaded> load(const Load& load, std::span<const Crosser> files,
                                    std::span<const Crosser> elsewhere = {});
  // Removes everything. Errors: Unavailable.
  [[nodiscard]] Result<void> clear();

 private:
  Instance(const Drill& drill, os::TemporaryFolder folder, std::string python, std::uint64_t seed)
      : drill_(drill), folder_(std::move(folder)), python_(std::move(python)), seed_(seed) {}
  [[nodiscard]] std::vector<std::string> environment(const std::string& home) const;
  [[nodiscard]] bool uses_sink() const;

  const Drill& drill_;
  os::TemporaryFolder folder_;
  const std::string python_;
  const std::uint64_t seed_;
  std::unique_ptr<os::Sink> sink_;  // null: no attack of the drill sends anything
  int loads_ = 0;
  int folders_ = 0;
};

}  // namespace bulwark::drill
