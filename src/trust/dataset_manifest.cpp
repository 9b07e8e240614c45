#include "trust/dataset_manifest.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/text.h"
#include "ledger/merkle.h"
#include "trust/fields.h"
#include "trust/limits.h"
#include "trust/model_manifest.h"

namespace bulwark::trust {
namespace {

constexpr std::string_view kMagic = "BWRECS\r\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kTextBytes = 4'096;  // of a URL, a publisher, a licence

Result<crypto::Hash256> hash_of(const Fields& fields, std::string_view key) {
  const std::string text = TRY(fields.text(key));
  const auto bytes = bytes_of_hex(text);
  crypto::Hash256 hash{};
  if (!bytes || bytes->size() != hash.size())
    return fail(Code::InvalidInput, fields.name_of(key) + ": expected lower-case hex of 32 bytes");
  std::ranges::copy(*bytes, hash.begin());
  return hash;
}

Result<std::string> short_text(const Fields& fields, std::string_view key) {
  std::string text = TRY(fields.text_or(key, ""));
  if (text.size() > kTextBytes)
    return fail(Code::LimitReached,
                fields.name_of(key) + " is longer than " + std::to_string(kTextBytes) + " bytes");
  return text;
}

Result<TableSummary> table_of(const Document& value) {
  const Fields fields = TRY(Fields::of(value, "predicate.tables"));
  TRY(fields.only({"path", "format", "records", "root"}));
  TableSummary table;
  table.path = TRY(fields.text("path"));
  TRY(check_resource_path(table.path));
  const std::string format = TRY(fields.text("format"));
  const auto known = record_format_from(format);
  if (!known) return fail(Code::Unsupported, "predicate.tables: format '" + printable(format, 40) + "'");
  table.format = *known;
  table.records = TRY(fields.number("records"));
  table.root = TRY(hash_of(fields, "root"));
  return table;
}

void append_number(std::vector<std::uint8_t>& out, std::uint64_t value, unsigned bytes) {
  while (bytes-- > 0) out.push_back(static_cast<std::uint8_t>(value >> (8U * bytes)));
}

void append_bytes(std::vector<std::uint8_t>& out, Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

Result<DatasetManifest> read_dataset_manifest(const Statement& statement) {
  if (statement.predicate_type != kDatasetType)
    return fail(Code::Unsupported, "predicateType is '" + printable(statement.predicate_type, 80) +
                                       "', expected '" + std::string(kDatasetType) + "'");
  if (statement.subjects.size() != 1)
    return fail(Code::InvalidInput, "statement.subject: expected exactly one");
  DatasetManifest manifest;
  manifest.name = statement.subjects[0].name;
  const auto root = bytes_of_hex(statement.subjects[0].digest("sha256"));
  if (!root || root->size() != manifest.files_root.size())
    return fail(Code::InvalidInput,
                "statement.subject[0].digest.sha256: expected lower-case hex of 32 bytes");
  std::ranges::copy(*root, manifest.files_root.begin());

  const Fields fields = TRY(Fields::of(statement.predicate, "predicate"));
  TRY(fields.only({"source", "tables", "recordBook"}));
  if (fields.has("source")) {
    const Fields source = TRY(fields.object("source"));
    TRY(source.only({"url", "publisher", "licence"}));
    manifest.source.url = TRY(short_text(source, "url"));
    manifest.source.publisher = TRY(short_text(source, "publisher"));
    manifest.source.licence = TRY(short_text(source, "licence"));
  }
  const auto* tables = TRY(fields.optional_list("tables", TrustLimits::kResources));
  for (const Document& value : *tables) {
    TableSummary table = TRY(table_of(value));
    if (!manifest.tables.empty() && manifest.tables.back().path >= table.path)
      return fail(Code::InvalidInput, "predicate.tables are not sorted by path, or one comes twice");
    manifest.tables.push_back(std::move(table));
  }
  if (manifest.tables.empty() == fields.has("recordBook"))
    return fail(Code::InvalidInput, "predicate: recordBook and tables belong together");
  if (manifest.tables.empty()) return manifest;
  const Fields book = TRY(fields.object("recordBook"));
  TRY(book.only({"sha256"}));
  manifest.book = TRY(hash_of(book, "sha256"));
  return manifest;
}

Statement dataset_statement(const DatasetManifest& manifest) {
  Document predicate = json_map();
  if (!manifest.source.empty()) {
    Document source = json_map();
    const auto add = [&](std::string_view key, const std::string& text) {
      if (!text.empty()) source.map.emplace_back(key, json_string(text));
    };
    add("url", manifest.source.url);
    add("publisher", manifest.source.publisher);
    add("licence", manifest.source.licence);
    predicate.map.emplace_back("source", std::move(source));
  }
  if (!manifest.tables.empty()) {
    std::vector<Document> tables;
    for (const TableSummary& table : manifest.tables)
      tables.push_back(json_map({{"path", json_string(table.path)},
                                 {"format", json_string(std::string(name_of(table.format)))},
                                 {"records", json_integer(static_cast<std::int64_t>(table.records))},
                                 {"root", json_string(hex(table.root))}}));
    predicate.map.emplace_back("tables", json_list(std::move(tables)));
    predicate.map.emplace_back("recordBook", json_map({{"sha256", json_string(hex(manifest.book))}}));
  }
  return {.subjects = {{.name = manifest.name, .digests = {{"sha256", hex(manifest.files_root)}}}},
          .predicate_type = std::string(kDatasetType),
          .predicate = std::move(predicate)};
}

std::vector<std::uint8_t> write_record_book(const RecordBook& book) {
  std::vector<std::uint8_t> out;
  append_bytes(out, bytes_of(kMagic));
  append_number(out, kVersion, 4);
  append_bytes(out, book.salt);
  append_number(out, book.tables.size(), 4);
  for (const RecordTable& table : book.tables) {
    append_number(out, table.path.size(), 2);
    append_bytes(out, bytes_of(table.path));
    append_number(out, table.hashes.size(), 8);
  }
  std::size_t hashes = 0;
  for (const RecordTable& table : book.tables) hashes += table.hashes.size();
  out.reserve(out.size() + hashes * sizeof(RecordHash));
  for (const RecordTable& table : book.tables)
    for (const RecordHash& hash : table.hashes) append_bytes(out, hash);
  return out;
}

Result<RecordBook> read_record_book(Bytes bytes) {
  if (!has_magic(bytes, kMagic)) return fail(Code::InvalidInput, "record book: no 'BWRECS' at the start");
  ByteReader in(bytes, kMagic.size());
  const auto version = TRY(in.big_endian<std::uint32_t>("version"));
  if (version != kVersion) return fail(Code::Unsupported, "record book: version " + std::to_string(version));
  RecordBook book;
  const Bytes salt = TRY(in.take(book.salt.size(), "salt"));
  std::ranges::copy(salt, book.salt.begin());
  const auto tables = TRY(in.big_endian<std::uint32_t>("number of tables"));
  if (tables > in.remaining() / 10)  // the least that one takes
    return fail(Code::InvalidInput, "record book: " + std::to_string(tables) + " tables do not fit");
  std::vector<std::uint64_t> counts;
  std::uint64_t total = 0;
  for (std::uint32_t i = 0; i < tables; ++i) {
    const auto size = TRY(in.big_endian<std::uint16_t>("size of a path"));
    const Bytes path = TRY(in.take(size, "path"));
    const auto count = TRY(in.big_endian<std::uint64_t>("number of records"));
    // Checked against the bytes below, once all are known.
    if (count > bytes.size() / sizeof(RecordHash))
      return fail(Code::InvalidInput, "record book: " + std::to_string(count) + " records do not fit");
    total += count;
    counts.push_back(count);
    if (!book.tables.empty() && book.tables.back().path >= text_of(path))
      return fail(Code::InvalidInput, "record book: tables are not sorted by path, or one comes twice");
    book.tables.push_back({.path = std::string(text_of(path)), .hashes = {}});
  }
  if (total != in.remaining() / sizeof(RecordHash) || in.remaining() % sizeof(RecordHash) != 0)
    return fail(Code::InvalidInput, "record book: " + std::to_string(total) + " records need " +
                                        std::to_string(total * sizeof(RecordHash)) + " bytes, " +
                                        std::to_string(in.remaining()) + " remain");
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const Bytes hashes = TRY(in.take(counts[i] * sizeof(RecordHash), "record hashes"));
    book.tables[i].hashes.resize(counts[i]);
    for (std::size_t k = 0; k < counts[i]; ++k)
      std::copy_n(hashes.begin() + static_cast<std::ptrdiff_t>(k * sizeof(RecordHash)), sizeof(RecordHash),
                  book.tables[i].hashes[k].begin());
  }
  return book;
}

crypto::Hash256 table_root(const std::vector<RecordHash>& hashes) {
  ledger::CompactRange tree;
  for (const RecordHash& hash : hashes) tree.append(ledger::leaf_hash(hash));
  return tree.root();
}

}  // namespace bulwark::trust
