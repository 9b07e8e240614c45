// Records, manifests and size classes: round trips, every cut, every flipped bit, fields that contradict.

#include <gtest/gtest.h>

#include "store/manifest.h"
#include "store/record.h"
#include "store/size_class.h"
#include "unit/store/world.h"

namespace bulwark::store {
namespace {

Root some_root() {
  Root root;
  root.id.bytes.fill(1);
  root.created = Time(std::chrono::milliseconds(1'234'567));
  root.kek_version = 3;
  root.secret.fill(2);
  root.kek_name = "pkcs11:token=a";
  return root;
}

Tombstone some_tombstone() {
  Tombstone tombstone;
  tombstone.object.bytes.fill(3);
  tombstone.manifest.bytes.fill(4);
  tombstone.when = Time(std::chrono::milliseconds(99));
  tombstone.reason = "erasure request";
  tombstone.mac.fill(5);
  return tombstone;
}

template <class Read>
void expect_no_change_passes(std::vector<std::uint8_t> bytes, const Read& read) {
  ASSERT_TRUE(read(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(read(Bytes(bytes).first(size))) << size;
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto changed = read(bytes);
    EXPECT_FALSE(changed) << bit;
    EXPECT_TRUE(changed || changed.error().code == Code::Corrupt) << bit;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
  bytes.push_back(0);
  EXPECT_FALSE(read(bytes));
}

TEST(StoreRecord, RootsComeBackAndNoDamagePasses) {
  const auto bytes = write_record(some_root());
  const auto root = read_root(bytes);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->kek_name, "pkcs11:token=a");
  EXPECT_EQ(root->kek_version, 3U);
  EXPECT_EQ(root->created, some_root().created);
  expect_no_change_passes(bytes, [](Bytes read) { return read_root(read); });
}

TEST(StoreRecord, KeysAndTombstonesComeBackAndNoDamagePasses) {
  KeyRecord key;
  key.object.bytes.fill(6);
  key.kek_version = 1;
  expect_no_change_passes(write_record(ObjectRecord(key)),
                          [](Bytes read) { return read_object_record(read); });
  const auto bytes = write_record(ObjectRecord(some_tombstone()));
  const auto record = read_object_record(bytes);
  ASSERT_TRUE(record && std::holds_alternative<Tombstone>(*record));
  EXPECT_EQ(std::get<Tombstone>(*record).reason, "erasure request");
  expect_no_change_passes(bytes, [](Bytes read) { return read_object_record(read); });
}

TEST(StoreRecord, ImpossibleFieldsAreRefusedAlthoughTheirChecksumHolds) {
  KeyRecord key;
  EXPECT_FALSE(read_object_record(write_record(ObjectRecord(key))));  // version 0
  Tombstone tombstone = some_tombstone();
  tombstone.reason.assign(StoreLimits::kReasonBytes + 1, 'a');
  EXPECT_FALSE(read_object_record(write_record(ObjectRecord(tombstone))));
  tombstone.reason = "\xff";
  EXPECT_FALSE(read_object_record(write_record(ObjectRecord(tombstone))));
  EXPECT_FALSE(read_root(write_record(ObjectRecord(some_tombstone()))));
}

Manifest some_manifest(std::uint64_t size, std::uint32_t segment_bytes) {
  Manifest manifest;
  manifest.size = size;
  manifest.segment_bytes = segment_bytes;
  manifest.segments.resize((size - 1) / segment_bytes + 1);
  for (Segment& segment : manifest.segments) segment.key.bytes.fill(7);
  return manifest;
}

TEST(StoreManifest, ComesBackAndCutsDoNot) {
  const crypto::Secret bytes = write_manifest(some_manifest(10'000, 1024));
  const auto manifest = read_manifest(bytes.bytes());
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->segments.size(), 10U);
  EXPECT_EQ(manifest->segment_size(9), 10'000U - 9 * 1024U);
  for (std::size_t size = 0; size < bytes.bytes().size(); ++size)
    EXPECT_FALSE(read_manifest(bytes.bytes().first(size))) << size;
}

TEST(StoreManifest, CountsThatLieAreRefused) {
  for (const std::uint64_t size :
       {std::uint64_t{1}, std::uint64_t{9216}, std::uint64_t{10'241}, ~std::uint64_t{0}}) {
    Manifest manifest = some_manifest(10'000, 1024);
    manifest.size = size;
    EXPECT_FALSE(read_manifest(write_manifest(manifest).bytes())) << size;
  }
  for (const std::uint32_t bytes : {0U, 1U, 512U, 1025U, std::uint32_t{1} << 31U}) {
    Manifest manifest = some_manifest(10'000, 1024);
    manifest.segment_bytes = bytes;
    EXPECT_FALSE(read_manifest(write_manifest(manifest).bytes())) << bytes;
  }
  const crypto::Secret whole = write_manifest(some_manifest(10'000, 1024));
  crypto::Secret padded = whole.copy();
  padded.writable().back() = 1;
  EXPECT_FALSE(read_manifest(padded.bytes()));
}

TEST(SizeClass, FewSizesAndLittleWaste) {
  std::set<std::uint64_t> classes;
  for (std::uint64_t size = 0; size < 1'000'000; ++size) {
    const std::uint64_t padded = size_class(size);
    ASSERT_GE(padded, size);
    ASSERT_EQ(size_class(padded), padded);
    ASSERT_TRUE(size < 1024 || padded - size <= size * 12 / 100) << size;
    classes.insert(padded);
  }
  EXPECT_LE(classes.size(), 230U);
  EXPECT_EQ(size_class(0), 1024U);
  EXPECT_EQ(size_class(StoreLimits::kSegmentBytes), std::uint64_t{StoreLimits::kSegmentBytes});
}

}  // namespace
}  // namespace bulwark::store
