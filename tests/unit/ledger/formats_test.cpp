// Journal, tiles and receipts as bytes: what comes back, and what broken input is called.

#include <gtest/gtest.h>

#include "ledger/journal.h"
#include "ledger/log.h"
#include "ledger/receipt.h"
#include "ledger/repair.h"
#include "ledger/segment.h"
#include "ledger/tiles.h"
#include "support/ledger.h"
#include "support/world.h"

namespace bulwark::ledger {
namespace {

TEST(Tiles, PathsAreThoseOfTheSpecification) {
  EXPECT_EQ(tile_path(0, 1'234'067), "tile/0/x001/x234/067");
  EXPECT_EQ(tile_path(3, 0, 17), "tile/3/000.p/17");
  EXPECT_EQ(bundle_path(1'234), "tile/entries/x001/234");
  EXPECT_EQ(bundle_path(999, 255), "tile/entries/999.p/255");
}

// The example of the specification: 70,000 entries.
TEST(Tiles, WidthsAreThoseOfTheSpecification) {
  EXPECT_EQ(full_tiles(70'000, 0), 273U);
  EXPECT_EQ(partial_width(70'000, 0), 112U);
  EXPECT_EQ(full_tiles(70'000, 1), 1U);
  EXPECT_EQ(partial_width(70'000, 1), 17U);
  EXPECT_EQ(full_tiles(70'000, 2), 0U);
  EXPECT_EQ(partial_width(70'000, 2), 1U);
  EXPECT_EQ(tile_width(256, 0, 0), 256U);
  EXPECT_EQ(tile_width(256, 0, 1), 0U);
  EXPECT_EQ(partial_width(256, 1), 1U);
}

TEST(Tiles, BundlesHoldExactlyTheirEntries) {
  std::vector<std::uint8_t> bundle;
  append_to_bundle(bundle, bytes_of("one"));
  append_to_bundle(bundle, {});
  EXPECT_EQ(bundle, (std::vector<std::uint8_t>{0, 3, 'o', 'n', 'e', 0, 0}));
  EXPECT_EQ(parse_bundle(bundle, 2).value().size(), 2U);
  EXPECT_FALSE(parse_bundle(bundle, 1));
  EXPECT_FALSE(parse_bundle(bundle, 3));
  for (std::size_t size = 0; size < bundle.size(); ++size)
    EXPECT_FALSE(parse_bundle(Bytes(bundle).first(size), 2)) << size;
}

class Journal : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(files.make_directory("log"));
    ASSERT_TRUE(files.make_directory("log/journal"));
    auto segment = Segment::create(folder, 0, "base\n");
    ASSERT_TRUE(segment);
    const std::vector<Bytes> entries{bytes_of("one"), bytes_of("two")};
    ASSERT_TRUE(segment->append({.entries = entries, .checkpoint = "checkpoint 2\n"}));
  }

  test::MemoryFileSystem files;
  Folder folder{files, "log"};
};

TEST_F(Journal, RecordsComeBack) {
  auto reader = JournalReader::open(files, folder.segment(0));
  ASSERT_TRUE(reader);
  const auto base = reader->next();
  ASSERT_TRUE(base && *base);
  EXPECT_EQ((*base)->type, RecordType::Base);
  EXPECT_EQ(text_of((*base)->body), "base\n");
  const auto record = reader->next();
  ASSERT_TRUE(record && *record);
  const auto batch = parse_batch((*record)->body);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->entries.size(), 2U);
  EXPECT_EQ(batch->checkpoint, "checkpoint 2\n");
  const auto end = reader->next();
  EXPECT_TRUE(end && !*end);
}

TEST_F(Journal, CutAnywhereTheRecordIsBroken) {
  const auto whole = files.content(folder.segment(0));
  for (std::size_t size = kJournalHeader.size(); size < whole.size(); ++size) {
    files.set_content(folder.segment(0), Bytes(whole).first(size));
    auto reader = JournalReader::open(files, folder.segment(0));
    ASSERT_TRUE(reader);
    auto record = reader->next();
    if (record && *record) record = reader->next();
    // Nothing is read of a record that is not whole; between two records is an end.
    EXPECT_TRUE(!record || !*record) << size;
  }
}

TEST_F(Journal, AnyChangedBitIsFound) {
  const auto whole = files.content(folder.segment(0));
  for (std::size_t at = kJournalHeader.size(); at < whole.size(); ++at) {
    auto changed = whole;
    changed[at] ^= 0x10;
    files.set_content(folder.segment(0), changed);
    auto reader = JournalReader::open(files, folder.segment(0));
    ASSERT_TRUE(reader);
    auto record = reader->next();
    if (record && *record) record = reader->next();
    EXPECT_FALSE(record) << at;
  }
  auto changed = whole;
  changed[3] ^= 1;
  files.set_content(folder.segment(0), changed);
  EXPECT_EQ(JournalReader::open(files, folder.segment(0)).error().code, Code::Corrupt);
}

TEST(JournalLimits, AreSaid) {
  std::vector<std::uint8_t> body{0xFF, 0xFF, 0xFF, 0x7F};
  EXPECT_EQ(parse_batch(body).error().code, Code::LimitReached);
}

class ReceiptTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Log::create(files, "log", "example.com/log", signer));
    const auto log = Log::open(files, "log", signer).value();
    for (int i = 0; i < 5; ++i) {
      const auto appended = log->append(bytes_of("entry " + std::to_string(i)));
      ASSERT_TRUE(appended);
      receipt = log->receipt(*appended, 2 < i ? 2 : 0).value();
    }
    receipt.extra = {1, 2, 3};
  }

  test::MemoryFileSystem files;
  test::MemorySigner signer;
  Receipt receipt;
};

TEST_F(ReceiptTest, TextComesBack) {
  const std::string text = to_text(receipt);
  EXPECT_TRUE(text.starts_with("c2sp.org/tlog-proof@v1\nextra AQID\nindex 2\n")) << text;
  EXPECT_EQ(parse_receipt(text).value(), receipt);
  receipt.extra.clear();
  EXPECT_EQ(parse_receipt(to_text(receipt)).value(), receipt);
}

TEST_F(ReceiptTest, EveryChangedCharacterIsRefused) {
  const NoteKey key = Folder(files, "log").key().value();
  receipt.extra.clear();  // not authenticated
  const std::string text = to_text(receipt);
  const Hash leaf = leaf_hash(bytes_of("entry 2"));
  ASSERT_TRUE(verify_receipt(receipt, leaf, "example.com/log", {&key, 1}));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto parsed = parse_receipt(changed);
    EXPECT_FALSE(parsed && verify_receipt(*parsed, leaf, "example.com/log", {&key, 1})) << at;
  }
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(parse_receipt(text.substr(0, size))) << size;
}

// What can be proven is mended, nothing else.

class RepairTest : public ReceiptTest {
 protected:
  [[nodiscard]] Result<Repair> mend() {
    key = Folder(files, "log").key().value();
    return repair(files, "log", {.origin = key.name(), .log_keys = {&key, 1}, .remembered = {}});
  }
  void settle(int entries) {
    const auto log = Log::open(files, "log", signer).value();
    for (int i = 0; i < entries; ++i) ASSERT_TRUE(log->append(bytes_of("more")));
    ASSERT_TRUE(log->settle());
  }

  NoteKey key = NoteKey::make("x", KeyKind::Ed25519, signer.public_key()).value();
};

TEST_F(RepairTest, TilesAreComputedFromEntries) {
  settle(600);
  ASSERT_TRUE(files.remove("log/" + tile_path(0, 0)));
  auto tile = files.content("log/" + tile_path(1, 0, 2));
  tile[0] ^= 1;
  files.set_content("log/" + tile_path(1, 0, 2), tile);
  const auto mended = mend();
  ASSERT_TRUE(mended) << mended.error().message;
  EXPECT_TRUE(mended->after.intact());
  EXPECT_FALSE(mended->done.empty());
}

TEST_F(RepairTest, ADamagedJournalIsSetAside) {
  const std::string path = "log/journal/" + segment_name(0);
  auto journal = files.content(path);
  journal[journal.size() / 2] ^= 1;
  files.set_content(path, journal);
  ASSERT_FALSE(Log::open(files, "log", signer));
  const auto mended = mend();
  ASSERT_TRUE(mended) << mended.error().message;
  EXPECT_TRUE(mended->after.intact());
  const auto log = Log::open(files, "log", signer);
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ((*log)->checkpoint()->checkpoint.size, 5U);
  EXPECT_TRUE((*log)->append(bytes_of("goes on")));
}

TEST_F(RepairTest, LostEntriesAreNotInvented) {
  settle(600);
  ASSERT_TRUE(files.remove("log/" + bundle_path(0)));
  const auto mended = mend();
  ASSERT_TRUE(mended) << mended.error().message;
  ASSERT_FALSE(mended->after.intact());
  EXPECT_EQ(mended->after.discrepancies.front().fault, Fault::Truncated);
}

}  // namespace
}  // namespace bulwark::ledger
