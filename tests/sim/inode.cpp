#include "sim/inode.h"

#include <algorithm>
#include <utility>

namespace bulwark::sim {
namespace {

constexpr std::size_t kSector = 512;

// The sectors of content[from, end of out) each get what was written, zeros or garbage.
void tear(std::vector<std::uint8_t>& out, const std::vector<std::uint8_t>& content, std::size_t from,
          test::SeededRandom& random) {
  for (std::size_t at = from; at < out.size();) {
    const std::size_t end = std::min(out.size(), (at / kSector + 1) * kSector);
    const std::span<std::uint8_t> sector(out.data() + at, end - at);
    switch (random.below(4)) {
      case 0: std::ranges::fill(sector, std::uint8_t{0}); break;
      case 1: random.fill(sector); break;
      default: std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(at), sector.size(), sector.begin());
    }
    at = end;
  }
}

void make_change(std::map<std::string, InodePointer>& names, const Change& change) {
  if (change.target != nullptr) {
    names[change.name] = change.target;
  } else {
    names.erase(change.name);
  }
}

// The durable part of `file` as it was, and a random part of what came after it.
std::vector<std::uint8_t> careless_content(const Inode& file, test::SeededRandom& random) {
  std::vector<std::uint8_t> out = file.durable;
  // A cut that was not synced: the old length or the new one.
  if (out.size() > file.clean && (file.content.size() > file.clean || random.below(2) == 0))
    out.resize(file.clean);
  if (file.content.size() <= file.clean) return out;
  const std::uint64_t tail = file.content.size() - file.clean;
  const std::uint64_t fate = random.below(5);
  if (fate == 0) return out;
  const std::size_t end = fate == 1 ? file.content.size() : file.clean + random.below(tail + 1);
  out.resize(file.clean, 0);
  const auto first = file.content.begin() + static_cast<std::ptrdiff_t>(file.clean);
  out.insert(out.end(), first, file.content.begin() + static_cast<std::ptrdiff_t>(end));
  if (fate < 3) return out;
  // The length is on the disk, the sectors need not be.
  if (random.below(2) == 0) out.resize(file.content.size());
  tear(out, file.content, file.clean, random);
  return out;
}

}  // namespace

void Inode::set_entry(std::uint64_t step, const std::string& name, const InodePointer& target) {
  changes.push_back({.step = step, .name = name, .target = target});
  make_change(entries, changes.back());
}

void Inode::sync_content() {
  durable.resize(clean, 0);
  durable.insert(durable.end(), content.begin() + static_cast<std::ptrdiff_t>(clean), content.end());
  clean = content.size();
}

void Inode::sync_entries() {
  // Not all visible names: those of a sync that failed are no longer among the changes.
  for (const Change& change : changes) make_change(durable_entries, change);
  changes.clear();
}

void Inode::settle_entries(std::map<std::string, InodePointer> names) {
  entries = std::move(names);
  durable_entries = entries;
  changes.clear();
}

void Inode::lose_sync(test::SeededRandom& random) {
  if (directory) {
    durable_entries = surviving_entries(*this, Survival::Careless, kNever, random);
    // Nothing is left to be written: what is visible and not durable will be gone after a crash.
    changes.clear();
    return;
  }
  durable = careless_content(*this, random);
  clean = content.size();
}

std::vector<std::uint8_t> surviving_content(const Inode& file, Survival survival,
                                            test::SeededRandom& random) {
  if (survival == Survival::Everything) return file.content;
  if (survival == Survival::Nothing) return file.durable;
  return careless_content(file, random);
}

std::map<std::string, InodePointer> surviving_entries(const Inode& folder, Survival survival,
                                                      std::uint64_t last_step, test::SeededRandom& random) {
  if (survival == Survival::Everything) return folder.entries;
  std::map<std::string, InodePointer> names = folder.durable_entries;
  if (survival == Survival::Nothing) return names;
  // Careless: each name stops at a moment of its own.
  std::map<std::string_view, std::vector<const Change*>> of_name;
  for (const Change& change : folder.changes) {
    if (survival == Survival::Careless) {
      of_name[change.name].push_back(&change);
    } else if (change.step <= last_step) {
      make_change(names, change);
    }
  }
  for (const auto& [name, changes] : of_name) {
    const std::uint64_t done = random.below(changes.size() + 1);
    if (done > 0) make_change(names, *changes[done - 1]);
  }
  return names;
}

}  // namespace bulwark::sim
