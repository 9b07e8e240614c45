// Every kind of damage that fsck knows, made on purpose: found under its name, and mended where that is
// promised. A whole store beside it stays without a finding.

#include <gmock/gmock.h>

#include "unit/store/world.h"

namespace bulwark::store {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class Fsck : public StoreTest {
 protected:
  Fsck() {
    small = must_put(bytes_of("small content"), {.name = "small"});
    large = must_put(content, {.name = "large"});
    bystander = must_put(random_bytes(99, 100'000), {.name = "bystander"});
  }
  [[nodiscard]] std::string key(const PutResult& of) const { return disk(key_path(of.object)); }
  [[nodiscard]] KeyRecord record(const PutResult& of) const { return store->live(of.object).value(); }
  [[nodiscard]] std::string manifest(const PutResult& of) const {
    return disk(blob_path(record(of).manifest));
  }
  [[nodiscard]] std::string segment(const PutResult& of, std::size_t i) const {
    return disk(blob_path(store->manifest(record(of)).value().segments[i].blob));
  }
  void flip(const std::string& path, std::size_t at) {
    auto bytes = files.content(path);
    bytes.at(at) ^= 1;
    files.set_content(path, bytes);
  }
  void cut(const std::string& path, std::size_t bytes) {
    auto all = files.content(path);
    all.resize(all.size() - bytes);
    files.set_content(path, all);
  }
  void swap(const std::string& one, const std::string& other) {
    const auto bytes = files.content(one);
    files.set_content(one, files.content(other));
    files.set_content(other, bytes);
  }
  void expect_bystander() {
    EXPECT_TRUE(content_of(*store, bystander.object).value() == random_bytes(99, 100'000));
  }

  std::vector<std::uint8_t> content = random_bytes(42, 5'000'000 + StoreLimits::kSegmentBytes);
  PutResult small, large, bystander;
};

TEST_F(Fsck, AWholeStoreHasNothing) {
  EXPECT_THAT(damages(), IsEmpty());
  EXPECT_THAT(damages(true), IsEmpty());
}

TEST_F(Fsck, EveryKindHasATextOfItsOwn) {
  std::set<std::string_view> names;
  for (const DamageText& text : damage_texts()) {
    EXPECT_TRUE(names.insert(text.name).second) << text.name;
    EXPECT_FALSE(text.meaning.empty());
    EXPECT_FALSE(text.repair.empty());
  }
}

TEST_F(Fsck, OneOfTheRootsIsWrittenAnewFromTheOther) {
  const auto root = files.content("/store/root");
  flip("/store/root", 30);
  reopen();
  EXPECT_THAT(damages(true), ElementsAre("root-damaged"));
  EXPECT_EQ(files.content("/store/root"), root);
  ASSERT_TRUE(files.remove("/store/root.copy"));
  EXPECT_THAT(damages(true), ElementsAre("root-copy-damaged"));
  EXPECT_EQ(files.content("/store/root.copy"), root);
  EXPECT_THAT(damages(), IsEmpty());
}

TEST_F(Fsck, DamagedKeyRecordsGoIntoQuarantine) {
  flip(key(small), 60);
  EXPECT_THAT(damages(), ElementsAre("key-damaged", "blob-unused"));
  EXPECT_THAT(damages(true), ElementsAre("key-damaged", "blob-unused"));
  EXPECT_THAT(damages(), ElementsAre("blob-unused", "quarantined"));
  // The content is here again: nothing is missing any more.
  must_put(bytes_of("small content"));
  EXPECT_THAT(damages(true), ElementsAre("blob-unused", "quarantine-stale"));
  EXPECT_THAT(damages(), ElementsAre("blob-unused"));
  expect_bystander();
}

TEST_F(Fsck, KeyRecordsThatWereSwappedOrCopiedAreFound) {
  swap(key(small), key(large));
  EXPECT_THAT(damages(), Contains("key-misplaced").Times(2));
}

TEST_F(Fsck, AMovedKeyRecordIsPutBack) {
  ObjectId elsewhere;
  elsewhere.bytes.fill(0xAB);
  ASSERT_TRUE(storage.put(key_path(elsewhere), files.content(key(small))));
  ASSERT_TRUE(storage.remove(key_path(small.object)));
  EXPECT_THAT(damages(true), Contains("key-misplaced"));
  EXPECT_TRUE(content_of(*store, small.object));
  EXPECT_THAT(damages(), IsEmpty());
}

TEST_F(Fsck, AnotherKeyEncryptionKeyIsToldFromDamage) {
  KeyRecord changed = record(small);
  changed.key[3] ^= 1;
  files.set_content(key(small), write_record(ObjectRecord(changed)));
  EXPECT_THAT(damages(true), Contains("key-wrong"));
  EXPECT_THAT(files.all_files(), Contains(key(small)));  // may be read again with the right key
  changed = record(small);
  changed.kek_version = 9;
  files.set_content(key(small), write_record(ObjectRecord(changed)));
  EXPECT_THAT(damages(true), Contains("key-version-gone"));
}

TEST_F(Fsck, ForgedTombstonesDoNotHideAnything) {
  Tombstone forged{
      .object = small.object, .manifest = record(small).manifest, .when = {}, .reason = "because"};
  files.set_content(key(small), write_record(ObjectRecord(forged)));
  const auto read = content_of(*store, small.object);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::Corrupt);
  EXPECT_THAT(damages(), Contains("tombstone-forged"));
}

TEST_F(Fsck, RemainsOfTheShreddedAreRemoved) {
  const std::string remains = manifest(small);
  const auto bytes = files.content(remains);
  ASSERT_TRUE(shred(*store, small.object, "r"));
  ASSERT_TRUE(storage.put(remains.substr(7), bytes));
  EXPECT_THAT(damages(true), ElementsAre("shred-unfinished", "blob-unused"));
  EXPECT_THAT(damages(), IsEmpty());
}

TEST_F(Fsck, ManifestsMissingCutForeignAndDamaged) {
  const std::string path = manifest(small);
  const auto whole = files.content(path);
  flip(path, 200);
  EXPECT_THAT(damages(), ElementsAre("manifest-damaged"));
  files.set_content(path, whole);
  flip(path, 10);
  EXPECT_THAT(damages(), ElementsAre("manifest-foreign"));
  files.set_content(path, whole);
  cut(path, 1);
  EXPECT_THAT(damages(), ElementsAre("manifest-damaged"));  // still a size that a message may have
  cut(path, whole.size() - 60);
  EXPECT_THAT(damages(), ElementsAre("manifest-cut"));
  files.set_content(path, whole);
  swap(path, manifest(large));
  EXPECT_THAT(damages(), Contains("manifest-foreign").Times(2));
  swap(path, manifest(large));
  ASSERT_TRUE(files.remove(path));
  EXPECT_THAT(damages(true), ElementsAre("manifest-missing"));
  EXPECT_THAT(damages(true), ElementsAre("quarantined"));
  ASSERT_TRUE(storage.put(path.substr(7), whole));  // came back from a backup
  EXPECT_THAT(damages(true), ElementsAre("blob-unused", "quarantined"));
  EXPECT_THAT(damages(), IsEmpty());
  EXPECT_TRUE(content_of(*store, small.object));
}

TEST_F(Fsck, SegmentsMissingCutForeignAndDamaged) {
  const std::string path = segment(large, 1);
  const auto whole = files.content(path);
  flip(path, whole.size() / 2);
  EXPECT_THAT(damages(), ElementsAre("segment-damaged"));
  files.set_content(path, whole);
  flip(path, 0);
  EXPECT_THAT(damages(), ElementsAre("segment-foreign"));
  files.set_content(path, whole);
  cut(path, 16'400);
  EXPECT_THAT(damages(), ElementsAre("segment-cut"));
  ASSERT_TRUE(files.remove(path));
  EXPECT_THAT(damages(), ElementsAre("segment-missing"));
  const auto read = content_of(*store, large.object);
  ASSERT_FALSE(read);
  // What is whole can be read nevertheless.
  auto reader = ObjectReader::open(*store, large.object);
  ASSERT_TRUE(reader);
  std::vector<std::uint8_t> part(100);
  ASSERT_TRUE(reader->read_at(5, part));
  EXPECT_TRUE(std::equal(part.begin(), part.end(), content.begin() + 5));
  expect_bystander();
}

TEST_F(Fsck, SwappedSegmentsAreSwappedBack) {
  must_put(random_bytes(43, 3 * std::size_t{StoreLimits::kSegmentBytes}), {.name = "third"});
  const ObjectId third = resolve(*store, "third").value();
  const KeyRecord of_third = store->live(third).value();
  const Manifest parts = store->manifest(of_third).value();
  const auto at = [&](std::size_t i) { return disk(blob_path(parts.segments[i].blob)); };
  swap(at(0), at(1));
  swap(at(1), at(2));
  EXPECT_THAT(damages(), ElementsAre("segment-moved", "segment-moved", "segment-moved"));
  EXPECT_THAT(damages(true), ElementsAre("segment-moved", "segment-moved", "segment-moved"));
  EXPECT_THAT(damages(), IsEmpty());
  EXPECT_TRUE(content_of(*store, third).value() ==
              random_bytes(43, 3 * std::size_t{StoreLimits::kSegmentBytes}));
}

TEST_F(Fsck, ARenamedSegmentIsFound) {
  const std::string path = segment(large, 0);
  ASSERT_TRUE(storage.put(blob_path(store->new_blob_id()), files.content(path)));
  ASSERT_TRUE(files.remove(path));
  EXPECT_THAT(damages(true), UnorderedElementsAre("blob-unused", "segment-moved"));
  EXPECT_THAT(damages(), ElementsAre("blob-unused"));
}

TEST_F(Fsck, ObjectsOfAnotherStoreAreForeign) {
  ASSERT_TRUE(files.make_directory("/other"));
  LocalStorage elsewhere(files, random, "/other");
  auto other = Store::create(
      {.storage = elsewhere, .keys = keys, .random = random, .clock = clock, .wait = {}}, "default");
  ASSERT_TRUE(other);
  const auto planted = put(*other, source_of(bytes_of("planted")), {});
  ASSERT_TRUE(planted);
  const KeyRecord its = other->live(planted->object).value();
  ASSERT_TRUE(storage.put(key_path(planted->object), files.content("/other/" + key_path(planted->object))));
  ASSERT_TRUE(storage.put(blob_path(its.manifest), files.content("/other/" + blob_path(its.manifest))));
  const auto read = content_of(*store, planted->object);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::Corrupt);
  EXPECT_THAT(damages(), ElementsAre("manifest-foreign"));
}

TEST_F(Fsck, NamesDamagedDanglingAndOfTheShredded) {
  const std::string path = disk(name_path(store->keys().name_id("small")));
  const auto whole = files.content(path);
  flip(path, 100);
  EXPECT_THAT(damages(), ElementsAre("name-damaged"));
  files.set_content(path, whole);
  swap(path, disk(name_path(store->keys().name_id("large"))));
  EXPECT_THAT(damages(), ElementsAre("name-damaged", "name-damaged"));
  swap(path, disk(name_path(store->keys().name_id("large"))));
  ObjectId nowhere;
  ASSERT_TRUE(write_reference(*store, {.name = "lost", .object = nowhere, .since = {}}));
  EXPECT_THAT(damages(true), ElementsAre("name-dangling"));
  ASSERT_TRUE(shred(*store, small.object, "r"));
  ASSERT_TRUE(write_reference(*store, {.name = "small", .object = small.object, .since = {}}));
  EXPECT_THAT(damages(true), ElementsAre("name-of-shredded"));
  EXPECT_THAT(damages(), IsEmpty());
}

TEST_F(Fsck, WhatNoStoreWritesIsNamedAndLeftAlone) {
  for (const char* path :
       {"/store/keys/README.txt", "/store/blobs/x", "/store/names/y", "/store/quarantine"}) {
    if (std::string_view(path).ends_with("quarantine")) {
      ASSERT_TRUE(files.make_directory(path));
    } else {
      ASSERT_TRUE(files.create(path));
    }
  }
  EXPECT_THAT(damages(true), ElementsAre("foreign-file", "foreign-file", "foreign-file"));
  EXPECT_THAT(files.all_files(), Contains("/store/keys/README.txt"));
}

TEST_F(Fsck, RepairNeverTakesWhatCanBeRead) {
  for (int round = 0; round < 3; ++round) (void)damages(true);
  EXPECT_TRUE(content_of(*store, large.object).value() == content);
  EXPECT_TRUE(content_of(*store, small.object));
  expect_bystander();
}

}  // namespace
}  // namespace bulwark::store
