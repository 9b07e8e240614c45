#include "store/rotate.h"

#include <algorithm>

namespace bulwark::store {
namespace {

constexpr std::size_t kBatch = 64;  // records for which writers wait

Result<void> rotate_record(const Store& store, const ObjectId& object, RotateResult& result) {
  const auto record = store.record(object);
  if (!record) {
    result.failed.push_back({.object = object, .why = record.error().message});
    return {};
  }
  if (!*record) return {};  // removed meanwhile
  const auto* key = std::get_if<KeyRecord>(&**record);
  if (key == nullptr) {
    ++result.tombstones;
    return {};
  }
  if (key->kek_version == result.version) {
    ++result.current;
    return {};
  }
  const auto secret = store.data_key(*key);
  if (!secret) {
    result.failed.push_back({.object = object, .why = secret.error().message});
    return {};
  }
  KeyRecord renewed = *key;
  renewed.kek_version = result.version;
  const auto wrapped = TRY(store.kek().wrap(result.version, secret->bytes()));
  if (wrapped.size() != renewed.key.size())
    return fail(Code::Unsupported, "the key-encryption key wraps to an unexpected size");
  std::ranges::copy(wrapped, renewed.key.begin());
  TRY(store.storage().replace(key_path(object), write_record(ObjectRecord(renewed))));
  ++result.rewrapped;
  return {};
}

}  // namespace

Result<RotateResult> rotate(Store& store, const std::function<bool()>& step) {
  RotateResult result;
  result.version = TRY(store.kek().current());
  std::vector<ObjectId> objects;
  TRY(store.storage().list(std::string(kKeysFolder), [&](const std::string& path) -> Result<void> {
    if (const auto object = object_at(path)) objects.push_back(*object);
    return {};
  }));
  for (std::size_t begin = 0; begin < objects.size(); begin += kBatch) {
    const auto locks = TRY(store.lock(Access::Alone));
    for (std::size_t i = begin; i < std::min(objects.size(), begin + kBatch); ++i) {
      TRY(rotate_record(store, objects[i], result));
      if (!step()) return fail(Code::Unavailable, "rotation was interrupted; run it again to go on");
    }
  }
  const auto locks = TRY(store.lock(Access::Alone));
  if (store.root().kek_version != result.version) {
    TRY(store.rewrap_root(result.version));
    ++result.rewrapped;
  }
  return result;
}

}  // namespace bulwark::store
