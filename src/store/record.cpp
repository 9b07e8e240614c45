#include "store/record.h"

#include <algorithm>

#include "store/byte_writer.h"
#include "store/limits.h"

namespace bulwark::store {
namespace {

constexpr std::string_view kRootMagic = "BWSTORE1";
constexpr std::string_view kKeyMagic = "BWSTKEY1";
constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kCheckBytes = 8;
constexpr std::uint8_t kLive = 1;
constexpr std::uint8_t kShredded = 2;
// 9999-12-31: what is later cannot be written as a date.
constexpr std::uint64_t kLatest = 253'402'300'799'999;

std::uint64_t number_of(Time time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.time_since_epoch().count()));
}

// Tells damage from everything else; against an adversary it is worth nothing.
std::vector<std::uint8_t> checked(ByteWriter& record) {
  const crypto::Hash256 sum = crypto::sha256_bytes(record.bytes());
  return record.raw(Bytes(sum).first(kCheckBytes)).take();
}

// The fields between magic and checksum.
Result<ByteReader> unchecked(Bytes bytes, std::string_view magic) {
  if (bytes.size() < kMagicBytes + kCheckBytes)
    return fail(Code::Corrupt, "record of " + std::to_string(bytes.size()) + " bytes was cut");
  const Bytes body = bytes.first(bytes.size() - kCheckBytes);
  const crypto::Hash256 sum = crypto::sha256_bytes(body);
  if (!std::ranges::equal(Bytes(sum).first(kCheckBytes), bytes.last(kCheckBytes)))
    return fail(Code::Corrupt, "the checksum of the record fails: it was damaged");
  if (has_magic(body, magic)) return ByteReader(body, kMagicBytes);
  if (has_magic(body, magic.substr(0, kMagicBytes - 1)))
    return fail(Code::Unsupported, "record of a later format; use a newer bulwark");
  return fail(Code::InvalidInput, "record of another kind");
}

Result<Time> read_time(ByteReader& in) {
  const std::uint64_t count = TRY(in.little_endian<std::uint64_t>("time"));
  if (count > kLatest) return fail(Code::InvalidInput, "time " + std::to_string(count) + " is no date");
  return Time(std::chrono::milliseconds(static_cast<std::int64_t>(count)));
}

Result<std::string> read_text(ByteReader& in, std::size_t limit, std::string_view what) {
  const std::uint16_t size = TRY(in.little_endian<std::uint16_t>(what));
  if (size > limit) return fail(Code::InvalidInput, std::string(what) + " is too long");
  const Bytes text = TRY(in.take(size, what));
  if (!is_utf8(text_of(text))) return fail(Code::InvalidInput, std::string(what) + " is no UTF-8");
  return std::string(text_of(text));
}

Result<void> check_end(const ByteReader& in) {
  if (in.at_end()) return {};
  return fail(Code::InvalidInput, std::to_string(in.remaining()) + " bytes too many in the record");
}

Result<std::uint32_t> read_version(ByteReader& in) {
  const std::uint32_t version = TRY(in.little_endian<std::uint32_t>("version of the key-encryption key"));
  if (version == 0) return fail(Code::InvalidInput, "versions of keys count from 1");
  return version;
}

Result<ObjectRecord> read_live(ByteReader& in) {
  KeyRecord record;
  TRY(read_array(in, record.object.bytes, "object id"));
  TRY(read_array(in, record.manifest.bytes, "manifest id"));
  record.kek_version = TRY(read_version(in));
  TRY(read_array(in, record.key, "wrapped key"));
  TRY(check_end(in));
  return record;
}

Result<ObjectRecord> read_tombstone(ByteReader& in) {
  Tombstone tombstone;
  TRY(read_array(in, tombstone.object.bytes, "object id"));
  TRY(read_array(in, tombstone.manifest.bytes, "manifest id"));
  tombstone.when = TRY(read_time(in));
  tombstone.reason = TRY(read_text(in, StoreLimits::kReasonBytes, "reason"));
  TRY(read_array(in, tombstone.mac, "authentication code"));
  TRY(check_end(in));
  return tombstone;
}

}  // namespace

std::vector<std::uint8_t> write_record(const Root& root) {
  ByteWriter out;
  out.raw(bytes_of(kRootMagic)).raw(root.id.bytes).number(number_of(root.created));
  out.number(root.kek_version).raw(root.secret).text(root.kek_name);
  return checked(out);
}

std::vector<std::uint8_t> tombstone_body(const Tombstone& tombstone) {
  ByteWriter out;
  out.raw(bytes_of(kKeyMagic)).number(kShredded).raw(tombstone.object.bytes).raw(tombstone.manifest.bytes);
  out.number(number_of(tombstone.when)).text(tombstone.reason);
  return out.take();
}

std::vector<std::uint8_t> write_record(const ObjectRecord& record) {
  ByteWriter out;
  if (const auto* key = std::get_if<KeyRecord>(&record)) {
    out.raw(bytes_of(kKeyMagic)).number(kLive).raw(key->object.bytes).raw(key->manifest.bytes);
    out.number(key->kek_version).raw(key->key);
  } else {
    const auto& tombstone = std::get<Tombstone>(record);
    out.raw(tombstone_body(tombstone)).raw(tombstone.mac);
  }
  return checked(out);
}

Result<Root> read_root(Bytes bytes) {
  ByteReader in = TRY(unchecked(bytes, kRootMagic));
  Root root;
  TRY(read_array(in, root.id.bytes, "store id"));
  root.created = TRY(read_time(in));
  root.kek_version = TRY(read_version(in));
  TRY(read_array(in, root.secret, "wrapped secret"));
  root.kek_name = TRY(read_text(in, StoreLimits::kKekNameBytes, "name of the key-encryption key"));
  TRY(check_end(in));
  return root;
}

Result<ObjectRecord> read_object_record(Bytes bytes) {
  ByteReader in = TRY(unchecked(bytes, kKeyMagic));
  const std::uint8_t kind = TRY(in.little_endian<std::uint8_t>("kind"));
  if (kind == kLive) return read_live(in);
  if (kind == kShredded) return read_tombstone(in);
  return fail(Code::Unsupported, "record of kind " + std::to_string(kind) + "; use a newer bulwark");
}

}  // namespace bulwark::store
