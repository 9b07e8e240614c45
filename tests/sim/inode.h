#pragma once
// Files and folders of the simulated disk, in both of their states, and what a crash leaves of them.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "sim/file_system.h"
#include "support/world.h"

namespace bulwark::sim {

struct Inode;
using InodePointer = std::shared_ptr<Inode>;

// A name that was set (or removed: null) since its folder was synced.
struct Change {
  std::uint64_t step = 0;
  std::string name;
  InodePointer target;
};

struct Inode {
  bool directory = false;

  std::vector<std::uint8_t> content;  // what calls see
  std::vector<std::uint8_t> durable;
  std::size_t clean = 0;  // up to here of `content` the kernel sees no need to write

  std::map<std::string, InodePointer> entries;  // what calls see
  std::map<std::string, InodePointer> durable_entries;
  std::vector<Change> changes;  // from the durable to the visible ones

  std::uint64_t survived = 0;  // the restart that this was settled in

  void set_entry(std::uint64_t step, const std::string& name, const InodePointer& target);
  void sync_content();
  void sync_entries();
  void settle_entries(std::map<std::string, InodePointer> names);  // both states
  // EIO: everything counts as clean, an unknown part of it was written.
  void lose_sync(test::SeededRandom& random);
};

// What a crash leaves of a file's content.
[[nodiscard]] std::vector<std::uint8_t> surviving_content(const Inode& file, Survival survival,
                                                          test::SeededRandom& random);
// And of a folder's names. `last_step`: for Ordered, the last one that counts.
[[nodiscard]] std::map<std::string, InodePointer> surviving_entries(const Inode& folder, Survival survival,
                                                                    std::uint64_t last_step,
                                                                    test::SeededRandom& random);

}  // namespace bulwark::sim
