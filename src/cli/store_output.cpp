#include "cli/store_output.h"

#include <algorithm>

#include "base/instant.h"
#include "base/json_text.h"
#include "base/text.h"

namespace bulwark::cli {
namespace {

constexpr std::size_t kShortDigest = 7 + 12;  // "sha256:" and enough to tell objects apart

Document number(std::uint64_t value) {
  return json_integer(static_cast<std::int64_t>(value));
}

Document texts(const std::vector<std::string>& values) {
  std::vector<Document> list;
  for (const std::string& value : values) list.push_back(json_string(value));
  return json_list(std::move(list));
}

std::string joined(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : ", ") + printable(value);
  return out;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string counted(std::uint64_t count, std::string_view thing, std::string_view things) {
  return std::to_string(count) + " " + std::string(count == 1 ? thing : things);
}

std::string_view name_of(store::Harm harm) {
  switch (harm) {
    case store::Harm::None: return "none";
    case store::Harm::Mended: return "mendable";
    case store::Harm::Loss: return "loss";
  }
  return "loss";
}

std::string_view state_of(const StoredObject& object) {
  if (object.tombstone) return "shredded";
  return object.unreadable.empty() ? "whole" : "unreadable";
}

std::string damage_text(const store::Damage& damage) {
  const store::DamageText& about = store::about(damage.kind);
  std::string out = std::string(about.name) + "  " + printable(damage.path) + "\n";
  out += "    " + std::string(about.meaning) + "\n";
  if (!damage.detail.empty()) out += "    " + printable(damage.detail, 400) + "\n";
  if (damage.object) out += "    object id:" + damage.object->text() + "\n";
  if (!damage.repaired.empty()) {
    out += "    repaired: " + printable(damage.repaired) + "\n";
  } else {
    out += "    repair: " + std::string(about.repair) + "\n";
  }
  return out;
}

}  // namespace

std::string digest_text(const crypto::Hash256& sha256) {
  return "sha256:" + hex(sha256);
}

Document put_json(const std::string& path, const std::string& name, const store::PutResult& result) {
  return json_map({{"path", json_string(path)},
                   {"digest", json_string(digest_text(result.sha256))},
                   {"id", json_string(result.object.text())},
                   {"name", name.empty() ? json_null() : json_string(name)},
                   {"size", number(result.size)},
                   {"existed", json_boolean(result.existed)},
                   {"segments", number(result.segments)},
                   {"shared_segments", number(result.shared)},
                   {"stored_bytes", number(result.stored)}});
}

std::string put_text(const std::string& path, const std::string& name, const store::PutResult& result) {
  std::string out = digest_text(result.sha256) + "  " + printable(name.empty() ? path : name) + "  " +
                    human_size(result.size);
  if (result.existed) return out + ", was there already\n";
  if (result.shared > 0)
    out += ", " + std::to_string(result.shared) + " of " + counted(result.segments, "segment", "segments") +
           " shared, " + human_size(result.stored) + " written";
  return out + "\n";
}

Document object_json(const StoredObject& object) {
  std::vector<Document::Entry> entries = {{"id", json_string(object.id.text())},
                                          {"state", json_string(std::string(state_of(object)))},
                                          {"names", texts(object.names)}};
  if (object.tombstone) {
    entries.emplace_back("shredded", json_string(instant_text(object.tombstone->when)));
    entries.emplace_back("reason", json_string(object.tombstone->reason));
  } else if (!object.unreadable.empty()) {
    entries.emplace_back("why", json_string(object.unreadable));
  } else {
    entries.emplace_back("digest", json_string(digest_text(object.sha256)));
    entries.emplace_back("size", number(object.size));
    entries.emplace_back("segments", number(object.segments));
    entries.emplace_back("created", json_string(instant_text(object.created)));
    entries.emplace_back("key_version", number(object.kek_version));
  }
  return json_map(std::move(entries));
}

std::string list_text(const std::vector<StoredObject>& objects) {
  std::string out;
  std::uint64_t bytes = 0;
  for (const StoredObject& object : objects) {
    bytes += object.size;
    if (object.tombstone) {
      out += padded("shredded " + instant_text(object.tombstone->when).substr(0, 10), 21) +
             padded("id:" + object.id.text().substr(0, 16), 22) + printable(object.tombstone->reason, 60) +
             "\n";
    } else if (!object.unreadable.empty()) {
      out += padded("unreadable", 21) + "id:" + object.id.text() + "  " + printable(object.unreadable, 100) +
             "\n";
    } else {
      out += padded(digest_text(object.sha256).substr(0, kShortDigest), 21) +
             padded(human_size(object.size), 11) + instant_text(object.created).substr(0, 10) + "  " +
             joined(object.names) + "\n";
    }
  }
  return out + counted(objects.size(), "object", "objects") + ", " + human_size(bytes) + "\n";
}

std::string stat_text(const StoredObject& object) {
  std::string out;
  const auto line = [&](std::string_view what, const std::string& value) {
    out += padded(std::string(what), 10) + value + "\n";
  };
  if (object.tombstone) {
    line("shredded", instant_text(object.tombstone->when));
    line("reason", printable(object.tombstone->reason, 400));
    line("id", object.id.text());
    return out;
  }
  line("digest", digest_text(object.sha256));
  line("names", object.names.empty() ? "none" : joined(object.names));
  line("size", std::to_string(object.size) + " bytes (" + human_size(object.size) + ")");
  line("segments",
       object.segments == 0 ? "none: the content lives in its manifest" : std::to_string(object.segments));
  line("stored", instant_text(object.created));
  line("key", "version " + std::to_string(object.kek_version) + " of the key-encryption key");
  line("id", object.id.text());
  return out;
}

Document check_json(const store::CheckResult& result) {
  std::vector<Document> damages;
  for (const store::Damage& damage : result.damages) {
    const store::DamageText& about = store::about(damage.kind);
    damages.push_back(
        json_map({{"kind", json_string(std::string(about.name))},
                  {"harm", json_string(std::string(name_of(about.harm)))},
                  {"path", json_string(damage.path)},
                  {"object", damage.object ? json_string(damage.object->text()) : json_null()},
                  {"detail", json_string(damage.detail)},
                  {"repaired", damage.repaired.empty() ? json_null() : json_string(damage.repaired)}}));
  }
  std::vector<Document> broken;
  for (const store::ObjectId& object : result.broken) broken.push_back(json_string(object.text()));
  return json_map({{"objects", number(result.objects)},
                   {"tombstones", number(result.tombstones)},
                   {"names", number(result.names)},
                   {"blobs", number(result.blobs)},
                   {"bytes_read", number(result.bytes)},
                   {"broken", json_list(std::move(broken))},
                   {"damages", json_list(std::move(damages))}});
}

std::string check_text(const store::CheckResult& result, bool repaired) {
  std::string out;
  for (const store::Damage& damage : result.damages) out += damage_text(damage);
  if (!out.empty()) out += "\n";
  out += counted(result.objects, "object", "objects") + ", " + human_size(result.bytes) + " read";
  if (result.tombstones > 0) out += ", " + std::to_string(result.tombstones) + " shredded";
  if (result.damages.empty()) return out + ": whole\n";
  out += ": " + counted(result.damages.size(), "thing", "things") + " found";
  out += result.lossless()
             ? ", every object is whole\n"
             : ", " + counted(result.broken.size(), "object is", "objects are") + " not whole\n";
  if (!repaired && !result.lossless())
    out +=
        "Putting the same content again heals an object; 'bulwark store fsck --repair' mends what it can.\n";
  return out;
}

Document rotate_json(const store::RotateResult& result) {
  std::vector<Document> failed;
  for (const auto& failure : result.failed)
    failed.push_back(
        json_map({{"object", json_string(failure.object.text())}, {"why", json_string(failure.why)}}));
  return json_map({{"key_version", number(result.version)},
                   {"rewrapped", number(result.rewrapped)},
                   {"already", number(result.current)},
                   {"failed", json_list(std::move(failed))}});
}

std::string rotate_text(const store::RotateResult& result) {
  std::string out;
  for (const auto& failure : result.failed)
    out += "not rotated: id:" + failure.object.text() + ": " + printable(failure.why, 400) + "\n";
  out += counted(result.rewrapped, "key", "keys") + " wrapped anew with version " +
         std::to_string(result.version);
  if (result.current > 0) out += ", " + std::to_string(result.current) + " were already";
  out += "\n";
  if (result.failed.empty())
    return out + "Older versions are not needed by this store any more and can be destroyed.\n";
  return out + "Keep the older versions until these are repaired ('bulwark store fsck').\n";
}

Document shred_json(const store::ShredResult& result) {
  return json_map({{"id", json_string(result.tombstone.object.text())},
                   {"shredded", json_string(instant_text(result.tombstone.when))},
                   {"reason", json_string(result.tombstone.reason)},
                   {"before", json_boolean(result.before)},
                   {"names", texts(result.names)},
                   {"removed_blobs", number(result.removed)},
                   {"shared_segments", number(result.shared)},
                   {"left", result.left.empty() ? json_null() : json_string(result.left)}});
}

std::string shred_text(const store::ShredResult& result) {
  std::string out = result.before ? "was shredded before, on " : "shredded on ";
  out += instant_text(result.tombstone.when) + ": " + printable(result.tombstone.reason, 400) + "\n";
  out += "  id " + result.tombstone.object.text() + "\n";
  if (!result.names.empty()) out += "  names given up: " + joined(result.names) + "\n";
  if (result.shared > 0)
    out += "  " + counted(result.shared, "segment is", "segments are") +
           " part of other objects as well, where the same bytes stay readable\n";
  if (!result.left.empty())
    out += "  unreadable blobs were left for gc: " + printable(result.left, 300) + "\n";
  if (!result.before)
    out +=
        "  Copies of the old key record (backups, snapshots, worn flash) hold its wrapped key: rotate the\n"
        "  key-encryption key, run 'bulwark store rotate' and destroy the old version to make them "
        "worthless.\n";
  return out;
}

Document gc_json(const store::GarbageResult& result) {
  return json_map({{"removed_blobs", number(result.blobs)},
                   {"removed_bytes", number(result.bytes)},
                   {"removed_temporaries", number(result.temporaries)},
                   {"kept_blobs", number(result.kept)}});
}

std::string gc_text(const store::GarbageResult& result) {
  if (result.blobs == 0 && result.temporaries == 0) return "nothing to collect\n";
  return counted(result.blobs, "blob", "blobs") + " (" + human_size(result.bytes) + ") and " +
         counted(result.temporaries, "unfinished file", "unfinished files") + " removed\n";
}

}  // namespace bulwark::cli
