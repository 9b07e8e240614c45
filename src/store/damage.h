#pragma once
// Everything that can be wrong with a store, by name. docs/formats/store.md prints this table.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/ids.h"

namespace bulwark::store {

enum class DamageKind : std::uint8_t {
  RootDamaged,
  RootCopyDamaged,
  KeyDamaged,
  KeyMisplaced,
  KeyWrong,
  KeyVersionGone,
  TombstoneForged,
  ShredUnfinished,
  ManifestMissing,
  ManifestCut,
  ManifestForeign,
  ManifestDamaged,
  ManifestInvalid,
  SegmentMissing,
  SegmentCut,
  SegmentForeign,
  SegmentMoved,
  SegmentDamaged,
  SegmentPadding,
  ContentChanged,
  NameDamaged,
  NameDangling,
  NameOfShredded,
  Quarantined,
  QuarantineStale,
  BlobUnused,
  TemporaryLeft,
  ForeignFile,
};

enum class Harm : std::uint8_t {
  None,    // garbage, or a trace of an interrupted write: no content is affected
  Mended,  // can be repaired without loss
  Loss,    // an object cannot be read, or not as a whole
};

struct DamageText {
  DamageKind kind;
  std::string_view name;  // stable: scripts match on it
  Harm harm;
  std::string_view meaning;
  std::string_view repair;  // what --repair does
};

[[nodiscard]] std::span<const DamageText> damage_texts();  // in order of DamageKind
[[nodiscard]] const DamageText& about(DamageKind kind);

struct Damage {
  DamageKind kind = DamageKind::ForeignFile;
  std::string path;                     // within the store
  std::optional<ObjectId> object = {};  // that suffers
  std::string detail = {};              // what was found, for people
  std::string source = {};              // where the right bytes lie, if they do
  std::string repaired = {};            // what was done; empty: nothing
};

}  // namespace bulwark::store
