// Objects: put, read, share, name, rotate, shred, collect.

#include <gmock/gmock.h>

#include "unit/store/world.h"

namespace bulwark::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::size_t kMiB = std::size_t{1} << 20;

TEST_F(StoreTest, ContentOfEverySizeComesBack) {
  const std::size_t segment = StoreLimits::kSegmentBytes;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65'536}, std::size_t{65'537},
                                 segment - 1, segment, segment + 1, 2 * segment + 12'345}) {
    const auto content = random_bytes(size, size);
    const PutResult result = must_put(content);
    EXPECT_EQ(result.size, size);
    EXPECT_EQ(result.sha256, crypto::sha256_bytes(content));
    EXPECT_FALSE(result.existed);
    const auto read = content_of(*store, result.object);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(*read == content) << size;
  }
  EXPECT_THAT(damages(), IsEmpty());
}

TEST_F(StoreTest, RangesAreReadAcrossSegments) {
  const auto content = random_bytes(3, 17 * kMiB);
  const PutResult result = must_put(content);
  auto reader = ObjectReader::open(*store, result.object);
  ASSERT_TRUE(reader);
  for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{8 * kMiB - 5}, std::uint64_t{16'384},
                                 std::uint64_t{17 * kMiB - 100}, std::uint64_t{17 * kMiB}}) {
    std::vector<std::uint8_t> part(50'000);
    const auto got = reader->read_at(at, part);
    ASSERT_TRUE(got);
    ASSERT_EQ(*got, std::min<std::uint64_t>(part.size(), content.size() - at));
    EXPECT_TRUE(std::equal(part.begin(), part.begin() + static_cast<std::ptrdiff_t>(*got),
                           content.begin() + static_cast<std::ptrdiff_t>(at)));
  }
}

TEST_F(StoreTest, NothingOnDiskTellsTheContentItsDigestOrItsName) {
  const std::string secret = "account 4711 of Ada Lovelace";
  must_put(bytes_of(secret), {.name = "customers/ada"});
  const std::string digest = hex(crypto::sha256_bytes(bytes_of(secret)));
  for (const std::string& path : files.all_files()) {
    const auto bytes = files.content(path);
    EXPECT_EQ(text_of(bytes).find("Lovelace"), std::string_view::npos) << path;
    EXPECT_EQ(text_of(bytes).find("customers"), std::string_view::npos) << path;
    EXPECT_EQ(path.find(digest), std::string::npos) << path;
  }
}

TEST_F(StoreTest, SmallSizesLookAlike) {
  const PutResult one = must_put(random_bytes(1, 10));
  const PutResult other = must_put(random_bytes(2, 900));
  EXPECT_EQ(one.stored, other.stored);
}

TEST_F(StoreTest, TheSameContentIsStoredOnce) {
  const auto content = random_bytes(5, 9 * kMiB);
  const PutResult first = must_put(content);
  const auto before = files.all_files();
  const PutResult second = must_put(content);
  EXPECT_TRUE(second.existed);
  EXPECT_EQ(second.object, first.object);
  EXPECT_EQ(second.stored, 0U);
  EXPECT_EQ(files.all_files(), before);
}

TEST_F(StoreTest, VersionsOfAModelShareEqualSegments) {
  auto content = random_bytes(5, 24 * kMiB);
  must_put(content);
  content[9 * kMiB] ^= 1;
  const PutResult next = must_put(content);
  EXPECT_EQ(next.segments, 3U);
  EXPECT_EQ(next.shared, 2U);
  // Repetition within one object is stored once, too.
  const PutResult zeros = must_put(std::vector<std::uint8_t>(32 * kMiB));
  EXPECT_EQ(zeros.segments, 4U);
  EXPECT_EQ(zeros.shared, 3U);
  EXPECT_THAT(damages(), IsEmpty());
}

// Only one piece in 16 KiB is sampled: what differs elsewhere must not be taken for the same.
TEST_F(StoreTest, SegmentsThatDifferBetweenTheSamplesAreNotShared) {
  auto content = random_bytes(6, 8 * kMiB);
  must_put(content);
  content[10'000] ^= 1;
  const PutResult next = must_put(content);
  EXPECT_EQ(next.shared, 0U);
  EXPECT_TRUE(content_of(*store, next.object).value() == content);
}

TEST_F(StoreTest, PuttingDamagedContentAgainHealsIt) {
  const auto content = random_bytes(8, 9 * kMiB);
  const PutResult first = must_put(content);
  for (const std::string& path : files.all_files()) {
    auto bytes = files.content(path);
    if (bytes.size() < 4 * kMiB) continue;
    bytes[100'000] ^= 1;
    files.set_content(path, bytes);
  }
  EXPECT_THAT(damages(), ElementsAre("segment-damaged"));
  const PutResult again = must_put(content);
  EXPECT_FALSE(again.existed);
  EXPECT_EQ(again.object, first.object);
  EXPECT_TRUE(content_of(*store, again.object).value() == content);
  EXPECT_TRUE(collect_garbage(*store, Quarantined::Keep, [] { return true; }));
  EXPECT_THAT(damages(), IsEmpty());
}

TEST_F(StoreTest, NamesLeadToObjects) {
  const PutResult one = must_put(bytes_of("one"), {.name = "m/1"});
  EXPECT_EQ(resolve(*store, "m/1").value(), one.object);
  EXPECT_EQ(resolve(*store, "sha256:" + hex(one.sha256)).value(), one.object);
  EXPECT_EQ(resolve(*store, "id:" + one.object.text()).value(), one.object);
  EXPECT_EQ(resolve(*store, "m/2").error().code, Code::NotFound);
  EXPECT_EQ(resolve(*store, "sha256:12").error().code, Code::InvalidInput);
  const auto taken = put(*store, source_of(bytes_of("two")), {.name = "m/1"});
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message, HasSubstr("--move-name"));
  const PutResult two = must_put(bytes_of("two"), {.name = "m/1", .move_name = true});
  EXPECT_EQ(resolve(*store, "m/1").value(), two.object);
  for (const std::string& bad : {std::string(), std::string("sha256:x"), std::string("-x"),
                                 std::string("a\nb"), std::string(201, 'a')})
    EXPECT_FALSE(check_reference_name(bad)) << bad;
}

TEST_F(StoreTest, RotationRewrapsKeysAndLeavesDataAlone) {
  const auto content = random_bytes(9, 9 * kMiB);
  const PutResult result = must_put(content, {.name = "m"});
  must_put(bytes_of("small"));
  std::map<std::string, std::vector<std::uint8_t>> before;
  for (const std::string& path : files.all_files()) before[path] = files.content(path);
  keys.version = 2;
  auto rotated = rotate(*store, [] { return true; });
  ASSERT_TRUE(rotated) << rotated.error().message;
  EXPECT_EQ(rotated->rewrapped, 3U);  // two objects and the root
  EXPECT_TRUE(rotated->failed.empty());
  for (const auto& [path, bytes] : before) {
    if (path.starts_with("/store/keys") || path.starts_with("/store/root")) continue;
    EXPECT_EQ(files.content(path), bytes) << path;
  }
  keys.gone.insert(1);
  reopen();
  EXPECT_TRUE(content_of(*store, result.object).value() == content);
  EXPECT_THAT(damages(), IsEmpty());
  rotated = rotate(*store, [] { return true; });
  EXPECT_EQ(rotated->rewrapped, 0U);
  EXPECT_EQ(rotated->current, 2U);
}

TEST_F(StoreTest, InterruptedRotationGoesOn) {
  for (std::uint64_t i = 0; i < 5; ++i) must_put(random_bytes(i, 100 + i));
  keys.version = 2;
  int left = 2;
  EXPECT_FALSE(rotate(*store, [&] { return --left > 0; }));
  reopen();
  EXPECT_THAT(damages(), IsEmpty());
  const auto rest = rotate(*store, [] { return true; });
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->current, 2U);
  EXPECT_EQ(rest->rewrapped, 4U);
}

TEST_F(StoreTest, ShreddedIsGoneForGoodAndOthersStay) {
  auto content = random_bytes(5, 16 * kMiB);
  const PutResult one = must_put(content, {.name = "m/1"});
  content[9 * kMiB] ^= 1;
  const PutResult two = must_put(content, {.name = "m/2"});
  const auto done = shred(*store, one.object, "erasure request 17");
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->removed, 2U);  // the manifest and the segment of its own
  EXPECT_EQ(done->shared, 1U);
  EXPECT_THAT(done->names, ElementsAre("m/1"));
  const auto gone = content_of(*store, one.object);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::Denied);
  EXPECT_THAT(gone.error().message, HasSubstr("erasure request 17"));
  EXPECT_TRUE(content_of(*store, two.object).value() == content);
  EXPECT_THAT(damages(), IsEmpty());
  const auto again = shred(*store, one.object, "other reason");
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->before);
  EXPECT_EQ(again->tombstone.reason, "erasure request 17");
}

TEST_F(StoreTest, ShreddedContentIsNotTakenBackByAccident) {
  const PutResult one = must_put(bytes_of("personal"));
  ASSERT_TRUE(shred(*store, one.object, "r"));
  const auto refused = put(*store, source_of(bytes_of("personal")), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Denied);
  const PutResult again = must_put(bytes_of("personal"), {.again = true});
  EXPECT_EQ(again.object, one.object);
  EXPECT_TRUE(content_of(*store, one.object));
}

TEST_F(StoreTest, DamagedObjectsCanBeShredded) {
  const PutResult one = must_put(bytes_of("personal"));
  auto bytes = files.content(disk(key_path(one.object)));
  bytes[20] ^= 1;
  files.set_content(disk(key_path(one.object)), bytes);
  EXPECT_THAT(damages(true), ElementsAre("key-damaged", "blob-unused"));
  ASSERT_TRUE(shred(*store, one.object, "r"));
  const auto record = store->record(one.object);
  ASSERT_TRUE(record && *record);
  EXPECT_TRUE(std::holds_alternative<Tombstone>(**record));
  EXPECT_THAT(damages(), ElementsAre("blob-unused"));
}

TEST_F(StoreTest, GarbageIsCollectedAndNothingElse) {
  const auto content = random_bytes(5, 9 * kMiB);
  const PutResult one = must_put(content);
  std::vector<std::uint8_t> buffer;
  ASSERT_TRUE(store->put_segment(bytes_of("nobody's"), {}, buffer));
  ASSERT_TRUE(files.create("/store/temp/torn"));
  EXPECT_THAT(damages(), ElementsAre("blob-unused", "temporary-left"));
  const auto collected = collect_garbage(*store, Quarantined::Keep, [] { return true; });
  ASSERT_TRUE(collected);
  EXPECT_EQ(collected->blobs, 1U);
  EXPECT_EQ(collected->temporaries, 1U);
  EXPECT_EQ(collected->kept, 3U);
  EXPECT_TRUE(content_of(*store, one.object).value() == content);
  EXPECT_THAT(damages(), IsEmpty());
}

TEST_F(StoreTest, NothingIsGarbageWhileAnObjectCannotBeRead) {
  const PutResult one = must_put(random_bytes(5, 9 * kMiB));
  const auto record = store->live(one.object);
  ASSERT_TRUE(record);
  ASSERT_TRUE(storage.remove(blob_path(record->manifest)));
  (void)store->lock(Access::Alone);  // makes the lock files
  const auto before = files.all_files();
  const auto refused = collect_garbage(*store, Quarantined::Keep, [] { return true; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Corrupt);
  EXPECT_EQ(files.all_files(), before);
  (void)damages(true);  // into quarantine
  EXPECT_FALSE(collect_garbage(*store, Quarantined::Keep, [] { return true; }));
  const auto collected = collect_garbage(*store, Quarantined::Discard, [] { return true; });
  ASSERT_TRUE(collected);
  EXPECT_EQ(collected->blobs, 2U);
}

TEST_F(StoreTest, WhoMustBeAloneWaitsForWriters) {
  auto writer = store->lock(Access::Writer);
  auto second = store->lock(Access::Writer);
  ASSERT_TRUE(writer && second);
  const auto alone = store->lock(Access::Alone);
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, Code::Unavailable);
  writer->clear();
  second->clear();
  const auto now = store->lock(Access::Alone);
  ASSERT_TRUE(now);
  EXPECT_FALSE(store->lock(Access::Writer));
  const auto refused = put(*store, source_of(bytes_of("x")), {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("try again"));
}

TEST_F(StoreTest, AFailingSourceLeavesNothing) {
  const auto before = files.all_files();
  int calls = 0;
  const Source source = [&](std::span<std::uint8_t> out) -> Result<std::size_t> {
    if (++calls == 3) return fail(Code::Unavailable, "unplugged");
    std::fill(out.begin(), out.end(), static_cast<std::uint8_t>(calls));
    return out.size();
  };
  const auto result = put(*store, source, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "unplugged");
  std::vector<std::string> blobs;
  for (const std::string& path : files.all_files())
    if (path.starts_with("/store/blobs") || path.starts_with("/store/keys")) blobs.push_back(path);
  EXPECT_THAT(blobs, IsEmpty());
}

TEST_F(StoreTest, WrongKeyIsSaidAndNothingIsTouched) {
  must_put(bytes_of("x"));
  const TestKeys others(2);
  const auto opened =
      Store::open({.storage = storage, .keys = others, .random = random, .clock = clock, .wait = {}});
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("version 1 of key 'default'"));
}

TEST_F(StoreTest, AStoreIsMadeOnce) {
  const auto again = Store::create(around(), "default");
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("already"));
  LocalStorage elsewhere(files, random, "/nowhere");
  EXPECT_EQ(Store::read_root(elsewhere).error().code, Code::NotFound);
}

}  // namespace
}  // namespace bulwark::store
