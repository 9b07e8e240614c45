#pragma once
// What `bulwark store` prints: text for people, and JSON that scripts can rely on ("bulwark.store/1",
// docs/formats/store.md).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "store/fsck.h"
#include "store/gc.h"
#include "store/put.h"
#include "store/rotate.h"
#include "store/shred.h"

namespace bulwark::cli {

// One object as ls and stat show it.
struct StoredObject {
  store::ObjectId id;
  std::vector<std::string> names = {};
  std::optional<store::Tombstone> tombstone = {};
  std::string unreadable = {};  // why; empty: the rest is known
  crypto::Hash256 sha256{};
  std::uint64_t size = 0;
  std::uint64_t segments = 0;
  store::Time created{};
  std::uint32_t kek_version = 0;
};

[[nodiscard]] std::string digest_text(const crypto::Hash256& sha256);  // "sha256:…"

[[nodiscard]] Document put_json(const std::string& path, const std::string& name,
                                const store::PutResult& result);
[[nodiscard]] std::string put_text(const std::string& path, const std::string& name,
                                   const store::PutResult& result);
[[nodiscard]] Document object_json(const StoredObject& object);
[[nodiscard]] std::string list_text(const std::vector<StoredObject>& objects);
[[nodiscard]] std::string stat_text(const StoredObject& object);
// `command`: "verify" or "fsck".
[[nodiscard]] Document check_json(const store::CheckResult& result);
[[nodiscard]] std::string check_text(const store::CheckResult& result, bool repaired);
[[nodiscard]] Document rotate_json(const store::RotateResult& result);
[[nodiscard]] std::string rotate_text(const store::RotateResult& result);
[[nodiscard]] Document shred_json(const store::ShredResult& result);
[[nodiscard]] std::string shred_text(const store::ShredResult& result);
[[nodiscard]] Document gc_json(const store::GarbageResult& result);
[[nodiscard]] std::string gc_text(const store::GarbageResult& result);

}  // namespace bulwark::cli
