#include "trust/dataset.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "support/support.h"
#include "support/world.h"
#include "trust/dsse.h"
#include "trust/fields.h"
#include "trust/rules.h"
#include "unit/trust/memory_model.h"

namespace bulwark::trust {
namespace {

using test::MemoryModel;

const crypto::PrivateKey& signing_key() {
  static const crypto::PrivateKey kKey = *crypto::PrivateKey::generate(crypto::KeyType::P256);
  return kKey;
}

MemoryModel small_dataset() {
  MemoryModel data;
  data.name = "data";
  std::string table = "id,text\n";
  for (int i = 1; i <= 50; ++i) table += std::to_string(i) + ",\"row\n" + std::to_string(i) + "\"\n";
  data.files = {{"train.csv", table}, {"test.jsonl", "{}\n[]\n"}, {"README.md", "about"}};
  return data;
}

struct Signed {
  std::string model;
  std::string dataset;
  std::vector<std::uint8_t> book;
};

Signed sign(const MemoryModel& data, const DatasetSource& source = {}) {
  test::SeededRandom random(5);
  const auto files = build_manifest(data, {});
  EXPECT_TRUE(files);
  const auto material = key_material(signing_key().public_key());
  const auto built = build_dataset(data, files->manifest, source, true, random, 2);
  EXPECT_TRUE(built) << built.error().message;
  return {.model = write_bundle(*sign_model(files->manifest, signing_key(), material)),
          .dataset = write_bundle(*sign_dataset(built->manifest, signing_key(), material)),
          .book = built->book};
}

ModelVerification verify(const Signed& evidence, const MemoryModel& data) {
  const KeyTrust trust(signing_key().public_key());
  ModelVerification result = verify_model(evidence.model, trust, data, {.path = "data", .evidence = {}});
  (void)verify_dataset(result, {.bundle_json = evidence.dataset, .book = evidence.book}, trust, data);
  return result;
}

std::string message_of(const ModelVerification& result, const Rule& rule) {
  for (const Finding& finding : result.verification.report().findings)
    if (finding.rule == &rule) return finding.path + ": " + finding.message;
  return {};
}

std::string detail_of(const ModelVerification& result, std::string_view id) {
  for (const Check& check : result.verification.checks())
    if (check.id == id) return std::string(name_of(check.outcome)) + ": " + check.detail;
  return {};
}

TEST(Dataset, UnchangedRecordsAreAccepted) {
  const MemoryModel data = small_dataset();
  const auto result = verify(sign(data), data);
  EXPECT_FALSE(result.verification.refused());
  EXPECT_EQ(detail_of(result, "records"), "passed: 53 signed records in 2 tables, unchanged");
}

TEST(Dataset, ChangedRecordsAreNamedWithTheirLine) {
  MemoryModel data = small_dataset();
  const Signed evidence = sign(data);
  std::string& table = data.files["train.csv"];
  table.replace(table.find("7,\"row"), 1, "8");
  const auto result = verify(evidence, data);
  EXPECT_TRUE(result.verification.refused());
  EXPECT_EQ(message_of(result, kRecordsChanged),
            "data/train.csv: 1 record was changed: 8 (line 14) (signed: 51 records, now: 51)");
}

TEST(Dataset, AddedRemovedAndMovedRecordsAreNamed) {
  MemoryModel data = small_dataset();
  const Signed evidence = sign(data);
  data.files["test.jsonl"] = "{}\n[]\n{\"new\":1}\n";
  EXPECT_EQ(message_of(verify(evidence, data), kRecordsAdded),
            "data/test.jsonl: 1 record was added: 3 (signed: 2 records, now: 3)");
  data.files["test.jsonl"] = "[]\n";
  EXPECT_NE(message_of(verify(evidence, data), kRecordsRemoved).find("1 record was removed: 1"),
            std::string::npos);
  data.files["test.jsonl"] = "[]\n{}\n";
  EXPECT_NE(message_of(verify(evidence, data), kRecordsMoved).find("1 record was moved"), std::string::npos);
  data.files["test.jsonl"] = "{}\r\n[]\r\n";  // line ends count
  EXPECT_NE(message_of(verify(evidence, data), kRecordsChanged).find("2 records were changed: 1, 2"),
            std::string::npos);
}

TEST(Dataset, ForeignOrDamagedEvidenceIsRefused) {
  const MemoryModel data = small_dataset();
  Signed evidence = sign(data);
  evidence.book[100] ^= 1;
  EXPECT_NE(message_of(verify(evidence, data), kRecordsUnbound).find("not the one that was signed"),
            std::string::npos);
  evidence.book.clear();
  EXPECT_NE(message_of(verify(evidence, data), kRecordsUnbound).find("not there"), std::string::npos);
  MemoryModel other = small_dataset();
  other.files["README.md"] = "another";
  evidence = sign(data);
  evidence.dataset = sign(other).dataset;
  EXPECT_NE(message_of(verify(evidence, data), kRecordsUnbound).find("about other files"), std::string::npos);
  evidence.dataset = evidence.model;
  EXPECT_NE(message_of(verify(evidence, data), kStatementForeign).find("predicateType"), std::string::npos);
  evidence.dataset = "{}";
  EXPECT_FALSE(message_of(verify(evidence, data), kBundleMalformed).empty());
}

TEST(Dataset, TheBookDoesNotLetOthersGuessWithoutItsSalt) {
  const MemoryModel data = small_dataset();
  test::SeededRandom random(9);
  const auto files = build_manifest(data, {});
  const auto first = build_dataset(data, files->manifest, {}, true, random, 1);
  const auto second = build_dataset(data, files->manifest, {}, true, random, 1);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->manifest.tables[0].root, second->manifest.tables[0].root);
  // What is published does not hold the salt.
  const auto book = read_record_book(first->book);
  ASSERT_TRUE(book);
  const auto statement = write_statement(dataset_statement(first->manifest));
  EXPECT_EQ(statement->find(hex(book->salt)), std::string::npos);
}

TEST(RecordBook, IsReadBackAndNothingElseIs) {
  RecordBook book;
  book.salt.fill(3);
  book.tables = {{.path = "a", .hashes = {RecordHash{1}, RecordHash{2}}}, {.path = "b", .hashes = {}}};
  const auto bytes = write_record_book(book);
  const auto again = read_record_book(bytes);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->salt, book.salt);
  EXPECT_EQ(again->tables[0].hashes, book.tables[0].hashes);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(read_record_book(Bytes(bytes).first(size))) << size;
  std::vector<std::uint8_t> longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(read_record_book(longer));
}

// The bytes of docs/formats/dataset-manifest.md are what we write and read.
TEST(RecordBook, IsAsTheDocumentSays) {
  const std::string document =
      test::read_file(std::string(BULWARK_SOURCE_DIR) + "/docs/formats/dataset-manifest.md");
  const std::size_t begin = document.find("42 57 52 45");
  ASSERT_NE(begin, std::string::npos);
  const std::string_view block =
      std::string_view(document).substr(begin, document.find("```", begin) - begin);
  std::string digits;
  for (const std::string_view line : split(block, '\n'))
    for (const std::string_view word : words(line.substr(0, line.find("   ")))) digits += word;
  const auto bytes = bytes_of_hex(digits);
  ASSERT_TRUE(bytes) << digits;
  const auto book = read_record_book(*bytes);
  ASSERT_TRUE(book) << book.error().message;
  ASSERT_EQ(book->tables.size(), 1U);
  EXPECT_EQ(book->tables[0].path, "a.csv");
  EXPECT_EQ(book->tables[0].hashes, (std::vector<RecordHash>{record_hash(Salt{}, bytes_of("x\n")),
                                                             record_hash(Salt{}, bytes_of("y"))}));
  EXPECT_NE(document.find("Root of the table: `" + hex(table_root(book->tables[0].hashes)) + "`"),
            std::string::npos);
  EXPECT_EQ(write_record_book(*book), *bytes);
}

TEST(DatasetManifest, IsReadBackStrictly) {
  DatasetManifest manifest;
  manifest.name = "d";
  manifest.source = {.url = "https://data.example/d", .publisher = "P", .licence = "CC-BY-4.0"};
  manifest.tables = {{.path = "a.csv", .format = RecordFormat::Csv, .records = 3, .root = {}}};
  manifest.book.fill(1);
  Statement statement = dataset_statement(manifest);
  const auto again = read_dataset_manifest(statement);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->source.licence, "CC-BY-4.0");
  EXPECT_EQ(again->tables[0].records, 3U);
  statement.predicate.map.emplace_back("extra", Document());
  EXPECT_FALSE(read_dataset_manifest(statement));
}

TEST(SourceHistory, OtherBytesOfTheSameSourceAreFound) {
  test::MemoryFileSystem disk;
  SourceHistory history(disk, "/sources.jsonl");
  DatasetManifest manifest;
  manifest.source.url = "https://data.example/d";
  manifest.files_root.fill(1);
  const Instant now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2);
  const auto look = [&](bool accept) {
    Verification out("d");
    EXPECT_TRUE(check_source(out, manifest, history, accept, now));
    return out;
  };
  EXPECT_FALSE(look(false).refused());  // for the first time
  EXPECT_FALSE(look(false).refused());  // the same
  manifest.files_root.fill(2);
  EXPECT_EQ(look(false).count(kSourceSplit), 1U);
  EXPECT_EQ(look(false).count(kSourceSplit), 1U);  // a finding is not forgotten
  EXPECT_FALSE(look(true).refused());
  EXPECT_FALSE(look(false).refused());
  manifest.source.url = "https://data.example/other";
  EXPECT_FALSE(look(false).refused());
  disk.set_content("/sources.jsonl", bytes_of("{\"url\":1}\n"));
  Verification out("d");
  EXPECT_EQ(check_source(out, manifest, history, false, now).error().code, Code::Corrupt);
}

}  // namespace
}  // namespace bulwark::trust
