#include "store/store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "store/limits.h"
#include "store/size_class.h"

namespace bulwark::store {
namespace {

constexpr Suite kSuite = Suite::Cobblestone256;

Result<WrappedKey> wrapped(const crypto::KeyEncryption& keys, std::uint32_t version, Bytes key) {
  const auto bytes = TRY(keys.wrap(version, key));
  WrappedKey out{};
  if (bytes.size() != out.size())
    return fail(Code::Unsupported, "the key-encryption key wraps 32 bytes as " +
                                       std::to_string(bytes.size()) + ", expected " +
                                       std::to_string(out.size()));
  std::ranges::copy(bytes, out.begin());
  return out;
}

Result<Root> read_root_at(Storage& storage, std::string_view name) {
  const auto bytes = TRY(read_all(storage, std::string(name), StoreLimits::kRecordBytes));
  auto root = read_root(bytes);
  if (!root)
    return std::unexpected(std::move(root).error().within(storage.place() + "/" + std::string(name)));
  return root;
}

Result<void> write_root(Storage& storage, const Root& root) {
  const auto bytes = write_record(root);
  TRY(storage.replace(std::string(kRootCopyName), bytes));
  TRY(storage.replace(std::string(kRootName), bytes));
  return {};
}

}  // namespace

std::uint64_t blob_size(std::uint64_t plain) {
  return sealed_size(size_class(plain));
}

Result<Root> Store::read_root(Storage& storage) {
  auto root = read_root_at(storage, kRootName);
  if (root) return root;
  const auto copy = read_root_at(storage, kRootCopyName);
  if (copy) return copy;
  if (root.error().code == Code::NotFound && copy.error().code == Code::NotFound)
    return fail(Code::NotFound, "no store in " + storage.place() + "; 'bulwark store init' makes one");
  return root;
}

Result<Store> Store::create(const Surroundings& around, const std::string& kek_name) {
  const auto existing = read_root(around.storage);
  if (existing) return fail(Code::InvalidInput, "there is a store in " + around.storage.place() + " already");
  if (existing.error().code != Code::NotFound) return std::unexpected(existing.error());
  if (kek_name.size() > StoreLimits::kKekNameBytes)
    return fail(Code::InvalidInput, "the name of a key-encryption key has at most " +
                                        std::to_string(StoreLimits::kKekNameBytes) + " bytes");
  crypto::Secret secret(kDataKeyBytes);
  around.random.fill(secret.writable());
  StoreKeys keys = TRY(StoreKeys::derive(secret.bytes()));
  Root root;
  root.id = keys.store_id();
  root.created = around.clock.now();
  root.kek_version = TRY(around.keys.current());
  root.secret = TRY(wrapped(around.keys, root.kek_version, secret.bytes()));
  root.kek_name = kek_name;
  // The copy first: of two that create at once, put() of the root lets one pass, and the copy is written
  // anew.
  const auto bytes = write_record(root);
  const bool first = TRY(around.storage.put(std::string(kRootName), bytes));
  if (!first)
    return fail(Code::InvalidInput, "somebody else has just made a store in " + around.storage.place());
  TRY(around.storage.replace(std::string(kRootCopyName), bytes));
  return Store(around, std::move(root), std::move(keys));
}

Result<Store> Store::open(const Surroundings& around) {
  Root root = TRY(read_root(around.storage));
  auto secret = around.keys.unwrap(root.kek_version, root.secret);
  if (!secret)
    return std::unexpected(std::move(secret).error().within(
        "opening the store in " + around.storage.place() + ", which is sealed with version " +
        std::to_string(root.kek_version) + " of key '" + printable(root.kek_name, 80) + "'"));
  StoreKeys keys = TRY(StoreKeys::derive(secret->bytes()));
  if (keys.store_id() != root.id)
    return fail(Code::Corrupt, "the root of the store in " + around.storage.place() +
                                   " does not belong to its secret: it was changed");
  return Store(around, std::move(root), std::move(keys));
}

void Store::restore_root() const {
  Storage& storage = around_.storage;
  const auto root = read_root_at(storage, kRootName);
  const auto copy = read_root_at(storage, kRootCopyName);
  if (root && !copy) (void)storage.replace(std::string(kRootCopyName), write_record(*root));
  if (copy && !root) (void)storage.replace(std::string(kRootName), write_record(*copy));
}

Result<void> Store::rewrap_root(std::uint32_t version) {
  Root root = root_;
  const crypto::Secret secret = TRY(around_.keys.unwrap(root.kek_version, root.secret));
  root.secret = TRY(wrapped(around_.keys, version, secret.bytes()));
  root.kek_version = version;
  TRY(write_root(around_.storage, root));
  root_ = std::move(root);
  return {};
}

// Each writer takes one of a few locks, and who must be alone takes them all, in order: nobody can block a
// reader, and the locks of a process that died are free.
Result<Store::Locks> Store::lock(Access access) const {
  Locks held;
  for (int slot = 0;;) {
    auto lock = around_.storage.lock("writer-" + std::to_string(slot));
    if (lock) {
      held.push_back(std::move(*lock));
      if (access == Access::Writer || static_cast<int>(held.size()) == StoreLimits::kWriters) return held;
      ++slot;
      continue;
    }
    if (lock.error().code != Code::Unavailable) return std::unexpected(lock.error());
    if (access == Access::Writer && ++slot < StoreLimits::kWriters) continue;
    if (!around_.wait || !around_.wait())
      return fail(Code::Unavailable, "others are writing to the store in " + around_.storage.place() +
                                         "; try again when they are done");
    if (access == Access::Writer) slot = 0;
  }
}

BlobId Store::new_blob_id() const {
  BlobId id;
  around_.random.fill(id.bytes);
  return id;
}

Salt Store::new_salt() const {
  Salt salt{};
  around_.random.fill(salt);
  return salt;
}

Result<std::optional<ObjectRecord>> Store::record(const ObjectId& object) const {
  const std::string path = key_path(object);
  const auto bytes = read_all(around_.storage, path, StoreLimits::kRecordBytes);
  if (!bytes && bytes.error().code == Code::NotFound) return std::optional<ObjectRecord>();
  if (!bytes) return std::unexpected(bytes.error());
  auto record = read_object_record(*bytes);
  if (!record) {
    Error error = std::move(record).error().within(path);
    if (error.code == Code::InvalidInput) error.code = Code::Corrupt;
    return std::unexpected(std::move(error));
  }
  const bool ours = std::visit([&](const auto& read) { return read.object == object; }, *record);
  if (!ours) return fail(Code::Corrupt, path + ": this record belongs to another object: it was moved");
  if (const auto* tombstone = std::get_if<Tombstone>(&*record);
      tombstone != nullptr &&
      !crypto::equal_in_constant_time(keys_.tombstone_mac(*tombstone), tombstone->mac))
    return fail(Code::Corrupt, path + ": this tombstone was not made by this store: it was forged");
  return std::optional<ObjectRecord>(std::move(*record));
}

Result<KeyRecord> Store::live(const ObjectId& object) const {
  const auto record = TRY(this->record(object));
  if (!record) return fail(Code::NotFound, "no such object in the store");
  if (const auto* key = std::get_if<KeyRecord>(&*record)) return *key;
  const auto& tombstone = std::get<Tombstone>(*record);
  return fail(Code::Denied, "the object was shredded: " + printable(tombstone.reason));
}

Result<crypto::Secret> Store::data_key(const KeyRecord& record) const {
  auto key = around_.keys.unwrap(record.kek_version, record.key);
  if (!key)
    return std::unexpected(std::move(key).error().within(
        key_path(record.object) + ": data key, wrapped with version " + std::to_string(record.kek_version)));
  if (key->bytes().size() != kDataKeyBytes)
    return fail(Code::Corrupt, key_path(record.object) + ": the wrapped key has the wrong size");
  return key;
}

Result<Manifest> Store::manifest(const KeyRecord& record) const {
  const crypto::Secret key = TRY(data_key(record));
  const std::string path = blob_path(record.manifest);
  auto read = [&]() -> Result<Manifest> {
    const auto sealed = TRY(read_all(around_.storage, path, StoreLimits::kManifestBytes));
    const std::uint64_t size = TRY(plain_size(sealed.size()));
    ChunkCipher cipher = TRY(ChunkCipher::open(
        kSuite, key.bytes(), keys_.manifest_context(record.object, record.manifest), sealed));
    crypto::Secret plain(size);
    TRY(open_message(cipher, sealed, plain.writable()));
    return read_manifest(plain.bytes());
  }();
  if (!read) return std::unexpected(std::move(read).error().within("manifest " + path));
  return read;
}

Result<ChunkReader> Store::open_segment(const Segment& segment, std::uint64_t plain_size) const {
  const std::string path = blob_path(segment.blob);
  auto opened = [&]() -> Result<ChunkReader> {
    auto file = TRY(around_.storage.open(path));
    const std::uint64_t size = TRY(file->size());
    if (size != blob_size(plain_size))
      return fail(Code::Corrupt, "has " + std::to_string(size) + " bytes, expected " +
                                     std::to_string(blob_size(plain_size)) + ": it was cut or replaced");
    return ChunkReader::open(kSuite, segment.key.bytes, keys_.segment_context(segment.blob), std::move(file));
  }();
  if (!opened) return std::unexpected(std::move(opened).error().within("segment " + path));
  return opened;
}

Result<KeyRecord> Store::put_manifest(const ObjectId& object, const Manifest& manifest) const {
  KeyRecord record;
  record.object = object;
  record.manifest = new_blob_id();
  crypto::Secret key(kDataKeyBytes);
  around_.random.fill(key.writable());
  record.kek_version = TRY(around_.keys.current());
  record.key = TRY(wrapped(around_.keys, record.kek_version, key.bytes()));
  const crypto::Secret plain = write_manifest(manifest);
  ChunkCipher cipher = TRY(
      ChunkCipher::derive(kSuite, key.bytes(), keys_.manifest_context(object, record.manifest), new_salt()));
  std::vector<std::uint8_t> sealed(sealed_size(plain.bytes().size()));
  seal_message(cipher, plain.bytes(), sealed);
  const bool fresh = TRY(around_.storage.put(blob_path(record.manifest), sealed));
  if (!fresh)
    return fail(Code::Corrupt, "a new random blob id exists already: the source of randomness is broken");
  return record;
}

Result<Segment> Store::put_segment(Bytes content, const Probe& probe,
                                   std::vector<std::uint8_t>& buffer) const {
  Segment segment;
  segment.blob = new_blob_id();
  segment.probe = probe;
  around_.random.fill(segment.key.bytes);
  ChunkCipher cipher =
      TRY(ChunkCipher::derive(kSuite, segment.key.bytes, keys_.segment_context(segment.blob), new_salt()));
  const std::uint64_t padded = size_class(content.size());
  const std::uint64_t sealed = sealed_size(padded);
  if (buffer.size() < sealed) buffer.resize(sealed);
  const std::span<std::uint8_t> out = std::span(buffer).first(sealed);
  if (padded == content.size()) {
    seal_message(cipher, content, out);
  } else {
    std::vector<std::uint8_t> whole(content.begin(), content.end());
    whole.resize(padded);
    seal_message(cipher, whole, out);
  }
  const bool fresh = TRY(around_.storage.put(blob_path(segment.blob), out));
  if (!fresh)
    return fail(Code::Corrupt, "a new random blob id exists already: the source of randomness is broken");
  return segment;
}

Result<void> Store::each_object(
    const std::function<Result<void>(const ObjectId&, Result<ObjectRecord>)>& each) const {
  return around_.storage.list(std::string(kKeysFolder), [&](const std::string& path) -> Result<void> {
    const auto object = object_at(path);
    if (!object) return {};
    auto record = this->record(*object);
    if (record && !*record) return {};  // shredded by nobody, just removed meanwhile
    if (!record) return each(*object, std::unexpected(std::move(record).error()));
    return each(*object, std::move(**record));
  });
}

}  // namespace bulwark::store
