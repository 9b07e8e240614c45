#include "store/names.h"

#include <algorithm>

#include "base/text.h"
#include "store/byte_writer.h"
#include "store/limits.h"
#include "store/size_class.h"

namespace bulwark::store {
namespace {

constexpr Suite kSuite = Suite::Cobblestone256;
constexpr std::string_view kDigest = "sha256:";
constexpr std::string_view kObject = "id:";
constexpr std::size_t kLeastPrefix = 8;                 // digits of a digest that is cut short
constexpr std::uint64_t kLatest = 253'402'300'799'999;  // 9999-12-31

std::vector<std::uint8_t> write(const Reference& reference) {
  ByteWriter out;
  out.raw(reference.object.bytes);
  out.number(
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, reference.since.time_since_epoch().count())));
  out.text(reference.name);
  auto bytes = out.take();
  bytes.resize(size_class(bytes.size()));
  return bytes;
}

Result<Reference> read(Bytes bytes) {
  ByteReader in(bytes);
  Reference reference;
  TRY(read_array(in, reference.object.bytes, "object id"));
  const std::uint64_t since = TRY(in.little_endian<std::uint64_t>("time"));
  if (since > kLatest) return fail(Code::InvalidInput, "time " + std::to_string(since) + " is no date");
  reference.since = Time(std::chrono::milliseconds(static_cast<std::int64_t>(since)));
  const std::uint16_t size = TRY(in.little_endian<std::uint16_t>("name"));
  const Bytes name = TRY(in.take(size, "name"));
  reference.name = text_of(name);
  TRY(check_reference_name(reference.name));
  return reference;
}

Result<Reference> read_reference(const Store& store, const NameId& id) {
  const auto sealed = TRY(read_all(store.storage(), name_path(id), StoreLimits::kRecordBytes));
  auto opened = [&]() -> Result<Reference> {
    const std::uint64_t size = TRY(plain_size(sealed.size()));
    ChunkCipher cipher = TRY(
        ChunkCipher::open(kSuite, store.keys().name_sealing_key(), store.keys().name_context(id), sealed));
    std::vector<std::uint8_t> plain(size);
    TRY(open_message(cipher, sealed, plain));
    Reference reference = TRY(read(plain));
    if (store.keys().name_id(reference.name) != id)
      return fail(Code::Corrupt, "holds another name: it was moved");
    return reference;
  }();
  if (!opened) return std::unexpected(std::move(opened).error().within("reference " + name_path(id)));
  return opened;
}

}  // namespace

Result<void> check_reference_name(std::string_view name) {
  if (name.empty() || name.size() > StoreLimits::kNameBytes)
    return fail(Code::InvalidInput, "a name has 1 to " + std::to_string(StoreLimits::kNameBytes) + " bytes");
  if (printable(name, name.size()) != name)
    return fail(Code::InvalidInput, "'" + printable(name, 60) + "': a name is printable UTF-8");
  if (name.starts_with(kDigest) || name.starts_with(kObject) || name.front() == '-')
    return fail(Code::InvalidInput,
                "'" + printable(name, 60) + "': a name does not start with '-', 'sha256:' or 'id:'");
  return {};
}

Result<std::optional<Reference>> find_reference(const Store& store, std::string_view name) {
  TRY(check_reference_name(name));
  auto reference = read_reference(store, store.keys().name_id(name));
  if (!reference && reference.error().code == Code::NotFound) return std::optional<Reference>();
  if (!reference) return std::unexpected(reference.error());
  return std::optional<Reference>(std::move(*reference));
}

Result<void> write_reference(const Store& store, const Reference& reference) {
  TRY(check_reference_name(reference.name));
  const NameId id = store.keys().name_id(reference.name);
  Salt salt{};
  store.fill_random(salt);
  ChunkCipher cipher =
      TRY(ChunkCipher::derive(kSuite, store.keys().name_sealing_key(), store.keys().name_context(id), salt));
  const auto plain = write(reference);
  std::vector<std::uint8_t> sealed(sealed_size(plain.size()));
  seal_message(cipher, plain, sealed);
  return store.storage().replace(name_path(id), sealed);
}

Result<void> remove_reference(const Store& store, std::string_view name) {
  return store.storage().remove(name_path(store.keys().name_id(name)));
}

Result<void> each_reference(const Store& store,
                            const std::function<Result<void>(const NameId&, Result<Reference>)>& each) {
  return store.storage().list(std::string(kNamesFolder), [&](const std::string& path) -> Result<void> {
    const auto id = name_at(path);
    if (!id) return {};
    return each(*id, read_reference(store, *id));
  });
}

namespace {

// The one object whose digest starts like that: reads all manifests.
Result<ObjectId> resolve_prefix(const Store& store, std::string_view prefix) {
  std::vector<ObjectId> found;
  TRY(store.each_object([&](const ObjectId& object, Result<ObjectRecord> record) -> Result<void> {
    const auto* key = record ? std::get_if<KeyRecord>(&*record) : nullptr;
    if (key == nullptr) return {};
    const auto manifest = store.manifest(*key);
    if (manifest && hex(manifest->sha256).starts_with(prefix)) found.push_back(object);
    return {};
  }));
  if (found.size() == 1) return found.front();
  if (found.empty())
    return fail(Code::NotFound,
                "no object in the store has a digest that starts with sha256:" + std::string(prefix));
  return fail(Code::InvalidInput, std::to_string(found.size()) +
                                      " objects have digests that start with sha256:" + std::string(prefix) +
                                      "; give more digits");
}

bool is_prefix(std::string_view digits) {
  return digits.size() >= kLeastPrefix && digits.size() < 64 &&
         digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Result<ObjectId> resolve(const Store& store, std::string_view text) {
  if (text.starts_with(kDigest)) {
    if (const std::string_view digits = text.substr(kDigest.size()); is_prefix(digits))
      return resolve_prefix(store, digits);
    crypto::Hash256 digest{};
    if (!read_hex(text.substr(kDigest.size()), digest))
      return fail(Code::InvalidInput,
                  "'" + printable(text, 80) + "': sha256: is followed by 8 to 64 lower-case hex digits");
    return store.keys().object_id(digest);
  }
  if (text.starts_with(kObject)) {
    ObjectId id;
    if (!read_hex(text.substr(kObject.size()), id.bytes))
      return fail(Code::InvalidInput,
                  "'" + printable(text, 80) + "': id: is followed by 64 lower-case hex digits");
    return id;
  }
  const auto reference = TRY(find_reference(store, text));
  if (reference) return reference->object;
  return fail(Code::NotFound,
              "no object is called '" + printable(text, 80) + "'; 'bulwark store ls' lists them");
}

}  // namespace bulwark::store
