#include "ledger/audit.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "ledger/tile_reader.h"

namespace bulwark::ledger {
namespace {

struct FaultName {
  Fault fault;
  std::string_view name;
};

constexpr auto kFaultNames = std::to_array<FaultName>({{Fault::Unreadable, "unreadable"},
                                                       {Fault::WrongOrigin, "wrong origin"},
                                                       {Fault::BadSignature, "bad signature"},
                                                       {Fault::RolledBack, "rolled back"},
                                                       {Fault::Forked, "forked"},
                                                       {Fault::Truncated, "truncated"},
                                                       {Fault::Edited, "edited"},
                                                       {Fault::Damaged, "damaged"}});

// A log may sign any size: after so many bundles that are missing with their tiles the rest is not looked
// for.
constexpr unsigned kAbsent = 1'024;

std::string range_text(std::uint64_t first, std::uint64_t count) {
  if (count == 1) return "entry " + std::to_string(first);
  return "entries " + std::to_string(first) + " to " + std::to_string(first + count - 1);
}

// A tree that grows, and its roots at the sizes that are asked for.
class Growth {
 public:
  explicit Growth(std::span<const Remembered> remembered) {
    for (const Remembered& seen : remembered) sizes_.push_back(seen.checkpoint.size);
    std::ranges::sort(sizes_);
  }

  void append(const Hash& leaf) {
    if (!whole_) return;
    range_.append(leaf);
    for (; next_ < sizes_.size() && sizes_[next_] <= range_.size(); ++next_)
      if (sizes_[next_] == range_.size()) roots_[range_.size()] = range_.root();
  }
  void give_up() { whole_ = false; }
  [[nodiscard]] bool leads_to(const Hash& root) const { return whole_ && range_.root() == root; }
  [[nodiscard]] bool whole() const { return whole_; }
  [[nodiscard]] const Hash* root_at(std::uint64_t size) const {
    const auto found = roots_.find(size);
    return found == roots_.end() ? nullptr : &found->second;
  }

 private:
  CompactRange range_;
  std::vector<std::uint64_t> sizes_;
  std::size_t next_ = 0;
  std::map<std::uint64_t, Hash> roots_;
  bool whole_ = true;
};

// One walk over all bundles and tiles. Two trees grow side by side: one of what the entries hash to, one of
// what the lowest tiles say. The signed root tells which of them to believe.
class Walk {
 public:
  Walk(FileSystem& files, const std::string& folder, const AuditOptions& options,
       const Checkpoint& signed_root, Audit& audit)
      : reader_(files, folder, signed_root.size),
        options_(options),
        checkpoint_(signed_root),
        audit_(audit),
        entries_(options.remembered),
        tiles_(options.remembered) {}

  Result<void> run() {
    for (std::uint64_t index = 0; index * kTileWidth < checkpoint_.size; ++index) {
      TRY(look_at(index));
      if (absent_ == kAbsent) {
        lose_rest(index + 1);
        break;
      }
      if (options_.progress)
        options_.progress(std::min((index + 1) * kTileWidth, checkpoint_.size), checkpoint_.size);
    }
    const bool entries_lead = entries_.leads_to(checkpoint_.root);
    const bool tiles_lead = tiles_.leads_to(checkpoint_.root);
    if (entries_lead) audit_.entries = checkpoint_.size;
    if (missing_.count > 0) report_missing();
    report_contradictions(entries_lead, tiles_lead);
    compare_remembered(entries_lead, tiles_lead);
    return look_at_upper_tiles(entries_lead || tiles_lead);
  }

 private:
  struct Missing {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
  };

  void add(Fault fault, std::string what) {
    if (audit_.discrepancies.size() < options_.discrepancies) {
      audit_.discrepancies.push_back({.fault = fault, .what = std::move(what)});
    } else {
      ++audit_.further;
    }
  }

  Result<void> look_at(std::uint64_t index) {
    const std::uint64_t width = tile_width(checkpoint_.size, 0, index);
    auto bundle = reader_.bundle(index);
    auto tile = reader_.tile(0, index);
    if (!bundle && bundle.error().code == Code::Unavailable)
      return std::unexpected(std::move(bundle).error());
    if (!tile && tile.error().code == Code::Unavailable) return std::unexpected(std::move(tile).error());
    if (!bundle) {
      lose(index * kTileWidth, width, bundle.error().message);
    } else {
      for (const Bytes entry : bundle->entries) entries_.append(leaf_hash(entry));
    }
    if (!tile) {
      tiles_.give_up();
      if (broken_tiles_.size() < options_.discrepancies) broken_tiles_.push_back(tile.error().message);
    } else {
      for (const Hash& hash : *tile) tiles_.append(hash);
    }
    if (bundle && tile) compare(index, *bundle, *tile);
    absent_ = bundle || tile ? 0 : absent_ + 1;
    return {};
  }

  void lose(std::uint64_t first, std::uint64_t count, const std::string& why) {
    entries_.give_up();
    if (missing_.count > 0 && missing_.first + missing_.count != first) report_missing();
    if (missing_.count == 0) {
      missing_ = {.first = first, .count = 0};
      why_missing_ = why;
    }
    missing_.count += count;
  }

  void lose_rest(std::uint64_t index) {
    if (index * kTileWidth < checkpoint_.size)
      lose(index * kTileWidth, checkpoint_.size - index * kTileWidth, why_missing_);
  }

  void report_missing() {
    add(Fault::Truncated, range_text(missing_.first, missing_.count) + ": " + why_missing_);
    missing_ = {};
  }

  void compare(std::uint64_t index, const Bundle& bundle, const std::vector<Hash>& tile) {
    for (std::size_t i = 0; i < tile.size(); ++i) {
      if (leaf_hash(bundle.entries[i]) == tile[i]) continue;
      if (contradictions_.size() < options_.discrepancies) {
        contradictions_.push_back(index * kTileWidth + i);
      } else {
        ++further_contradictions_;
      }
    }
  }

  void report_contradictions(bool entries_lead, bool tiles_lead) {
    for (const std::uint64_t index : contradictions_) {
      const std::string entry = "entry " + std::to_string(index);
      const std::string tile =
          tile_path(0, index / kTileWidth, tile_width(checkpoint_.size, 0, index / kTileWidth));
      if (entries_lead) {
        add(Fault::Edited,
            tile + ": the hash of " + entry + " was changed; the entries lead to the signed root");
      } else if (tiles_lead) {
        add(Fault::Edited, entry + " was changed; the tiles lead to the signed root");
      } else {
        add(Fault::Edited,
            entry + " contradicts its hash in " + tile + ", and neither leads to the signed root");
      }
    }
    audit_.further += further_contradictions_;
    for (const std::string& broken : broken_tiles_) add(Fault::Damaged, broken);
    if (!entries_lead && entries_.whole() && contradictions_.empty())
      add(Fault::Edited,
          "the entries lead to another root than the signed one at size " + std::to_string(checkpoint_.size));
  }

  // Tiles above the lowest level repeat what the lowest say.
  Result<void> look_at_upper_tiles(bool believable) {
    if (!believable || !tiles_.whole()) return {};
    for (unsigned level = 1; level < kTileLevels; ++level) {
      const std::uint64_t tiles =
          full_tiles(checkpoint_.size, level) + (partial_width(checkpoint_.size, level) > 0 ? 1 : 0);
      for (std::uint64_t index = 0; index < tiles; ++index) TRY(look_at_upper(level, index));
    }
    return {};
  }

  Result<void> look_at_upper(unsigned level, std::uint64_t index) {
    auto tile = reader_.tile(level, index);
    if (!tile) {
      if (tile.error().code == Code::Unavailable) return std::unexpected(std::move(tile).error());
      add(Fault::Damaged, tile.error().message);
      return {};
    }
    for (std::size_t i = 0; i < tile->size(); ++i) {
      const auto below = reader_.tile(level - 1, index * kTileWidth + i);
      if (!below || root_of(*below) == (*tile)[i]) continue;
      add(Fault::Edited, tile_path(level, index, tile->size()) + ": hash " + std::to_string(i) +
                             " contradicts the tile below it");
      return {};
    }
    return {};
  }

  // Larger and equal sizes were compared before the walk.
  void compare_remembered(bool entries_lead, bool tiles_lead) {
    for (const Remembered& seen : options_.remembered) {
      if (seen.checkpoint.size >= checkpoint_.size || seen.checkpoint.size == 0) continue;
      const Hash* root = entries_lead ? entries_.root_at(seen.checkpoint.size)
                         : tiles_lead ? tiles_.root_at(seen.checkpoint.size)
                                      : nullptr;
      if (root == nullptr || *root == seen.checkpoint.root) continue;
      add(Fault::Forked, "at size " + std::to_string(seen.checkpoint.size) +
                             " the log had another root when it was seen (" + seen.source + ")");
    }
  }

  TileReader reader_;
  const AuditOptions& options_;
  const Checkpoint& checkpoint_;
  Audit& audit_;
  Growth entries_;
  Growth tiles_;
  Missing missing_;
  std::string why_missing_;
  std::vector<std::uint64_t> contradictions_;  // entries that their hashes contradict
  std::uint64_t further_contradictions_ = 0;
  std::vector<std::string> broken_tiles_;
  unsigned absent_ = 0;  // bundles in a row that are missing with their tiles
};

// In the order that Fault gives; those of one fault stay in the order of the walk.
void sort_by_fault(std::vector<Discrepancy>& discrepancies) {
  std::vector<Discrepancy> sorted;
  for (const FaultName& row : kFaultNames)
    for (Discrepancy& one : discrepancies)
      if (one.fault == row.fault) sorted.push_back(std::move(one));
  discrepancies = std::move(sorted);
}

void compare_sizes(const Checkpoint& checkpoint, const AuditOptions& options, Audit& audit) {
  for (const Remembered& seen : options.remembered) {
    if (seen.checkpoint.size > checkpoint.size) {
      audit.discrepancies.push_back(
          {.fault = Fault::RolledBack,
           .what = "the log has " + std::to_string(checkpoint.size) + " entries, but it was seen with " +
                   std::to_string(seen.checkpoint.size) + " (" + seen.source + ")"});
    } else if (seen.checkpoint.size == checkpoint.size && seen.checkpoint.root != checkpoint.root) {
      audit.discrepancies.push_back({.fault = Fault::Forked,
                                     .what = "at size " + std::to_string(checkpoint.size) +
                                             " the log has another root than when it was seen (" +
                                             seen.source + ")"});
    }
  }
}

}  // namespace

std::string_view name_of(Fault fault) {
  return std::ranges::find(kFaultNames, fault, &FaultName::fault)->name;
}

Result<Audit> audit(FileSystem& files, const std::string& folder, const AuditOptions& options) {
  Audit result;
  auto checkpoint = read_checkpoint(files, folder + "/checkpoint");
  if (!checkpoint) {
    if (checkpoint.error().code == Code::Unavailable || checkpoint.error().code == Code::Denied)
      return std::unexpected(std::move(checkpoint).error());
    result.discrepancies.push_back({.fault = Fault::Unreadable, .what = checkpoint.error().message});
    return result;
  }
  result.checkpoint = *checkpoint;
  if (const auto verified = verify_checkpoint(*checkpoint, options.origin, options.log_keys); !verified) {
    const bool origin = verified.error().code == Code::Denied;
    result.discrepancies.push_back(
        {.fault = origin ? Fault::WrongOrigin : Fault::BadSignature, .what = verified.error().message});
    return result;
  }
  compare_sizes(checkpoint->checkpoint, options, result);
  TRY(Walk(files, folder, options, checkpoint->checkpoint, result).run());
  sort_by_fault(result.discrepancies);
  return result;
}

}  // namespace bulwark::ledger
