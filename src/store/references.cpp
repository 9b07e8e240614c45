#include "store/references.h"

namespace bulwark::store {

Result<ReferencedBlobs> referenced_blobs(const Store& store) {
  ReferencedBlobs referenced;
  TRY(store.each_object([&](const ObjectId& object, Result<ObjectRecord> record) -> Result<void> {
    const auto unreadable = [&](const Error& error) {
      referenced.unreadable.push_back("id:" + object.text() + ": " + error.message);
    };
    if (!record) {
      unreadable(record.error());
      return {};
    }
    const auto* key = std::get_if<KeyRecord>(&*record);
    if (key == nullptr) return {};
    referenced.blobs.insert(key->manifest);
    const auto manifest = store.manifest(*key);
    if (!manifest) {
      unreadable(manifest.error());
      return {};
    }
    for (const Segment& segment : manifest->segments) referenced.blobs.insert(segment.blob);
    return {};
  }));
  return referenced;
}

}  // namespace bulwark::store
