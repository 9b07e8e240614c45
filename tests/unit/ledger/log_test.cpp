#include "ledger/log.h"

#include <gtest/gtest.h>

#include <thread>

#include "ledger/audit.h"
#include "ledger/tile_reader.h"
#include "support/ledger.h"
#include "support/world.h"

namespace bulwark::ledger {
namespace {

using test::MemoryFileSystem;
using test::MemorySigner;

class LogTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(Log::create(files, "log", "example.com/log", signer)); }

  std::unique_ptr<Log> open(const LogOptions& options = {}) {
    auto log = Log::open(files, "log", signer, options);
    EXPECT_TRUE(log) << log.error().message;
    return log ? std::move(*log) : nullptr;
  }

  void append(Log& log, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string entry = "entry " + std::to_string(next++);
      const auto appended = log.append(bytes_of(entry));
      ASSERT_TRUE(appended) << appended.error().message;
      ASSERT_EQ(appended->index, next - 1);
    }
  }

  Audit look(std::vector<Remembered> remembered = {}) {
    const NoteKey key = Folder(files, "log").key().value();
    const auto found =
        audit(files, "log",
              {.origin = "example.com/log", .log_keys = {&key, 1}, .remembered = std::move(remembered)});
    EXPECT_TRUE(found);
    return *found;
  }

  MemoryFileSystem files;
  MemorySigner signer;
  std::uint64_t next = 0;
};

std::string faults(const Audit& audit) {
  std::string text;
  for (const Discrepancy& one : audit.discrepancies)
    text += std::string(name_of(one.fault)) + ": " + one.what + "\n";
  return text;
}

TEST_F(LogTest, EntriesAreThereAndProvenWhenAppendReturns) {
  const auto log = open();
  for (int i = 0; i < 600; ++i) {
    const std::string entry = "entry " + std::to_string(i);
    const auto appended = log->append(bytes_of(entry));
    ASSERT_TRUE(appended);
    if (i % 37 != 0) continue;
    const auto receipt = log->receipt(*appended, appended->index);
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_TRUE(verify_receipt(*receipt, leaf_hash(bytes_of(entry)), "example.com/log", {&log->key(), 1}));
    EXPECT_FALSE(verify_receipt(*receipt, leaf_hash(bytes_of("other")), "example.com/log", {&log->key(), 1}));
    EXPECT_EQ(read_checkpoint(files, "log/checkpoint").value(), *appended->checkpoint);
    EXPECT_EQ(parse_receipt(to_text(*receipt)).value(), *receipt);
  }
  EXPECT_EQ(faults(look()), "");
  EXPECT_EQ(look().entries, 600U);
}

TEST_F(LogTest, EveryCheckpointOfATileHasItsPartialTiles) {
  const auto log = open();
  append(*log, 20);
  for (std::uint64_t size = 1; size <= 20; ++size) {
    const auto tile = read_file(files, "log/" + tile_path(0, 0, size), 8192);
    ASSERT_TRUE(tile);
    EXPECT_EQ(tile->size(), size * 32);
    EXPECT_TRUE(read_file(files, "log/" + bundle_path(0, size), 8192));
  }
}

TEST_F(LogTest, PartialTilesGoWhenFullOnesAreDurable) {
  const auto log = open();
  append(*log, 300);
  EXPECT_TRUE(files.open("log/" + tile_path(0, 0, 255)));
  ASSERT_TRUE(log->settle());
  EXPECT_FALSE(files.open("log/" + tile_path(0, 0, 255)));
  EXPECT_TRUE(files.open("log/" + tile_path(0, 0)));
  EXPECT_TRUE(files.open("log/" + tile_path(0, 1, 44)));
  EXPECT_EQ(segments(files, "log/journal").value(), std::vector<std::uint64_t>{1});
  append(*log, 10);
  EXPECT_EQ(faults(look()), "");
}

TEST_F(LogTest, GoesOnWhereItStopped) {
  for (int life = 0; life < 8; ++life) {
    const auto log = open({.journal_batches = life % 2 == 0 ? 1'000U : 7U});
    ASSERT_TRUE(log);
    EXPECT_EQ(log->checkpoint()->checkpoint.size, next);
    append(*log, 77);
  }
  EXPECT_EQ(faults(look()), "");
}

TEST_F(LogTest, DerivedFilesAreMadeAgainFromTheJournal) {
  append(*open(), 300);
  for (const std::string& path : files.all_files())
    if (path.find("/tile/") != std::string::npos || path.ends_with("/checkpoint")) {
      ASSERT_TRUE(files.remove(path));
    }
  EXPECT_EQ(look().discrepancies.front().fault, Fault::Unreadable);
  ASSERT_TRUE(open());
  EXPECT_EQ(faults(look()), "");
  EXPECT_TRUE(files.open("log/" + tile_path(0, 1, 7)));  // of a checkpoint before the last
}

TEST_F(LogTest, HasOneWriter) {
  const auto log = open();
  const auto second = Log::open(files, "log", signer);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::Unavailable);
}

TEST_F(LogTest, IsNotMadeTwiceNorOpenedWithAnotherKey) {
  EXPECT_EQ(Log::create(files, "log", "other", signer).error().code, Code::InvalidInput);
  const auto stranger = crypto::PrivateKey::generate(crypto::KeyType::Ed25519).value();
  EXPECT_EQ(Log::open(files, "log", stranger).error().code, Code::Denied);
  EXPECT_EQ(Log::open(files, "elsewhere", signer).error().code, Code::NotFound);
}

TEST_F(LogTest, WithoutItsKeyFileALogIsNotMadeAnew) {
  append(*open(), 3);
  ASSERT_TRUE(files.remove("log/log.vkey"));
  EXPECT_EQ(Log::create(files, "log", "example.com/log", signer).error().code, Code::Corrupt);
}

TEST_F(LogTest, LongEntriesAreRefusedAndTheLongestIsNot) {
  const auto log = open();
  const std::vector<std::uint8_t> longest(kMaxEntryBytes, 'x');
  EXPECT_TRUE(log->append(longest));
  std::vector<std::uint8_t> longer = longest;
  longer.push_back('x');
  EXPECT_EQ(log->append(longer).error().code, Code::LimitReached);
  EXPECT_TRUE(log->append({}));
  EXPECT_EQ(faults(look()), "");
}

TEST_F(LogTest, ManyThreadsGetGapFreeIndexes) {
  constexpr std::uint64_t kThreads = 8;
  constexpr std::uint64_t kEach = 100;
  std::vector<std::uint64_t> seen(kThreads * kEach);
  {
    const auto log = open({.journal_batches = 20});
    std::vector<std::jthread> threads;
    for (std::uint64_t thread = 0; thread < kThreads; ++thread)
      threads.emplace_back([&, thread] {
        for (std::uint64_t i = 0; i < kEach; ++i) {
          const std::string entry = std::to_string(thread) + "/" + std::to_string(i);
          const auto appended = log->append(bytes_of(entry));
          ASSERT_TRUE(appended) << appended.error().message;
          ++seen[appended->index];
          const auto receipt = log->receipt(*appended, appended->index);
          ASSERT_TRUE(receipt) << receipt.error().message;
          ASSERT_TRUE(
              verify_receipt(*receipt, leaf_hash(bytes_of(entry)), "example.com/log", {&log->key(), 1}));
        }
      });
  }
  EXPECT_EQ(seen, std::vector<std::uint64_t>(kThreads * kEach, 1));
  EXPECT_EQ(faults(look()), "");
}

// What each attack looks like.

TEST_F(LogTest, ARollBackIsCalledOne) {
  append(*open(), 10);
  const auto old = files.content("log/checkpoint");
  append(*open(), 5);
  const Remembered seen{.checkpoint = look().checkpoint->checkpoint, .source = "a reader"};
  files.set_content("log/checkpoint", old);
  EXPECT_TRUE(look().intact());  // nothing else can show it
  const Audit found = look({seen});
  ASSERT_FALSE(found.intact());
  EXPECT_EQ(found.discrepancies.front().fault, Fault::RolledBack);
  EXPECT_EQ(found.discrepancies.front().what, "the log has 10 entries, but it was seen with 15 (a reader)");
}

TEST_F(LogTest, AForkIsCalledOne) {
  append(*open(), 10);
  const Remembered seen{.checkpoint = look().checkpoint->checkpoint, .source = "a reader"};
  MemoryFileSystem other;
  ASSERT_TRUE(Log::create(other, "log", "example.com/log", signer));
  {
    const auto log = Log::open(other, "log", signer).value();
    for (int i = 0; i < 12; ++i) ASSERT_TRUE(log->append(bytes_of("rewritten")));
  }
  const NoteKey key = Folder(files, "log").key().value();
  const auto found =
      audit(other, "log", {.origin = "example.com/log", .log_keys = {&key, 1}, .remembered = {seen}});
  ASSERT_TRUE(found);
  EXPECT_EQ(faults(*found), "forked: at size 10 the log had another root when it was seen (a reader)\n");
}

TEST_F(LogTest, MissingEntriesAreATruncation) {
  append(*open(), 600);
  ASSERT_TRUE(files.remove("log/" + bundle_path(1)));
  const Audit found = look();
  ASSERT_FALSE(found.intact());
  EXPECT_EQ(faults(found), "truncated: entries 256 to 511: tile/entries/001 is missing\n");
}

TEST_F(LogTest, AnImpossibleSizeEndsTheAuditSoon) {
  append(*open(), 3);
  SignedCheckpoint huge{
      .checkpoint = {.origin = "example.com/log", .size = ~std::uint64_t{0}, .root = {}, .extensions = {}},
      .note = {}};
  huge.note.text = to_text(huge.checkpoint);
  huge.note.signatures.push_back(sign_note("example.com/log", signer, huge.note.text).value());
  files.set_content("log/checkpoint", bytes_of(to_text(huge.note)));
  const Audit found = look();
  ASSERT_FALSE(found.intact());
  EXPECT_EQ(found.discrepancies.front().fault, Fault::Truncated);
  EXPECT_TRUE(found.discrepancies.front().what.starts_with("entries 0 to 18446744073709551614"))
      << faults(found);
}

TEST_F(LogTest, AnEditedEntryIsNamed) {
  append(*open(), 300);
  const std::string path = "log/" + bundle_path(0);
  auto bundle = files.content(path);
  bundle[2 + 6] = '9';  // of "entry 0"
  files.set_content(path, bundle);
  EXPECT_EQ(faults(look()), "edited: entry 0 was changed; the tiles lead to the signed root\n");
}

TEST_F(LogTest, AnEditedTileIsNamed) {
  append(*open(), 300);
  const std::string path = "log/" + tile_path(0, 0);
  auto tile = files.content(path);
  tile[5 * 32] ^= 1;
  files.set_content(path, tile);
  const std::string found = faults(look());
  EXPECT_TRUE(found.starts_with("edited: tile/0/000: the hash of entry 5 was changed")) << found;
}

TEST_F(LogTest, EntryAndHashEditedTogetherContradictTheRoot) {
  append(*open(), 3);
  auto bundle = files.content("log/" + bundle_path(0, 3));
  bundle[2 + 6] = '9';
  files.set_content("log/" + bundle_path(0, 3), bundle);
  auto tile = files.content("log/" + tile_path(0, 0, 3));
  const Hash hash = leaf_hash(bytes_of("entry 9"));
  std::ranges::copy(hash, tile.begin());
  files.set_content("log/" + tile_path(0, 0, 3), tile);
  EXPECT_EQ(faults(look()), "edited: the entries lead to another root than the signed one at size 3\n");
}

TEST_F(LogTest, AnotherSignatureOrOriginIsSaid) {
  append(*open(), 3);
  const NoteKey key = Folder(files, "log").key().value();
  const auto stranger = crypto::PrivateKey::generate(crypto::KeyType::Ed25519).value();
  const NoteKey other = NoteKey::make("example.com/log", KeyKind::Ed25519, stranger.public_key()).value();
  EXPECT_EQ(audit(files, "log", {.origin = "example.com/log", .log_keys = {&other, 1}})
                ->discrepancies.front()
                .fault,
            Fault::BadSignature);
  EXPECT_EQ(audit(files, "log", {.origin = "example.com/other", .log_keys = {&key, 1}})
                ->discrepancies.front()
                .fault,
            Fault::WrongOrigin);
}

TEST_F(LogTest, AnEditedJournalIsNotBelieved) {
  {
    const auto log = open();
    append(*log, 5);
  }
  const std::string path = "log/journal/" + segment_name(0);
  auto journal = files.content(path);
  const std::string text(journal.begin(), journal.end());
  journal[text.find("entry 2") + 6] = '7';
  files.set_content(path, journal);
  const auto log = Log::open(files, "log", signer);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, Code::Corrupt);
  EXPECT_NE(log.error().message.find("good records stand behind it"), std::string::npos)
      << log.error().message;
}

TEST_F(LogTest, AJournalThatLostAcknowledgedEntriesIsNotContinued) {
  append(*open(), 5);
  const std::string path = "log/journal/" + segment_name(0);
  auto journal = files.content(path);
  journal.resize(journal.size() - 10);
  files.set_content(path, journal);
  const auto log = Log::open(files, "log", signer);
  ASSERT_FALSE(log);
  EXPECT_NE(log.error().message.find("it ends at 4 entries, but log/checkpoint has 5"), std::string::npos)
      << log.error().message;
}

TEST_F(LogTest, ATornBatchThatNobodySawIsDropped) {
  append(*open(), 5);
  const std::string path = "log/journal/" + segment_name(0);
  auto journal = files.content(path);
  journal.insert(journal.end(), {9, 0, 0, 0, 2, 1, 2, 3});
  files.set_content(path, journal);
  const auto log = open();
  ASSERT_TRUE(log);
  EXPECT_EQ(log->dropped_bytes(), 8U);
  EXPECT_EQ(log->checkpoint()->checkpoint.size, 5U);
}

}  // namespace
}  // namespace bulwark::ledger
