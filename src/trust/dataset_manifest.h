#pragma once
// What is signed about a data set besides its files: where it comes from, and every record of its tables.
// The bytes: docs/formats/dataset-manifest.md.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "trust/records.h"
#include "trust/statement.h"

namespace bulwark::trust {

inline constexpr std::string_view kDatasetType = "urn:bulwark:dataset-manifest:v1";

// Where the data was got, as its owner says. Any of them may be empty.
struct DatasetSource {
  std::string url;
  std::string publisher;
  std::string licence;

  [[nodiscard]] bool empty() const { return url.empty() && publisher.empty() && licence.empty(); }
};

// One table. `root`: of the RFC 6962 tree whose entries are the record hashes.
struct TableSummary {
  std::string path;
  RecordFormat format = RecordFormat::Csv;
  std::uint64_t records = 0;
  crypto::Hash256 root{};
};

struct DatasetManifest {
  std::string name;
  crypto::Hash256 files_root{};  // root digest of the model signature over the files
  DatasetSource source;
  std::vector<TableSummary> tables;  // sorted by path
  crypto::Hash256 book{};            // SHA-256 of the record book; zeros: there are no tables
};

// Errors: InvalidInput, Unsupported (another type of statement), LimitReached.
[[nodiscard]] Result<DatasetManifest> read_dataset_manifest(const Statement& statement);
[[nodiscard]] Statement dataset_statement(const DatasetManifest& manifest);

// The hashes of all records, with their salt: a file beside the signature. Whoever has it can try out what a
// record may be, so it stays with those who have the data.
struct RecordTable {
  std::string path;
  std::vector<RecordHash> hashes;
};
struct RecordBook {
  Salt salt{};
  std::vector<RecordTable> tables;  // sorted by path
};
[[nodiscard]] std::vector<std::uint8_t> write_record_book(const RecordBook& book);
// Errors: InvalidInput, LimitReached.
[[nodiscard]] Result<RecordBook> read_record_book(Bytes bytes);
[[nodiscard]] crypto::Hash256 table_root(const std::vector<RecordHash>& hashes);

}  // namespace bulwark::trust
