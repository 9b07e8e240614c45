#pragma once
// A data set written anew: a file that appears whole or not at all, in the dialect of the one that was read.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/verb.h"
#include "tables/dataset.h"
#include "tables/write_csv.h"

namespace bulwark::cli {

// A file that appears when all of it is on the disk. What is left of a run that failed is removed.
class NewFile {
 public:
  NewFile(const World& world, std::string path) : world_(world), path_(std::move(path)) {}
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  // Errors of all three: those of the file system.
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> append(std::string_view text);
  [[nodiscard]] Result<void> publish();

 private:
  const World& world_;
  std::string path_;
  std::string temporary_;
  std::unique_ptr<WritableFile> file_;
};

// Errors: InvalidInput if it is the data set itself.
[[nodiscard]] Result<void> check_not_input(const std::string& output, const tables::Dataset& dataset);
// The same, and Unsupported if the name is not that of a CSV or TSV file.
[[nodiscard]] Result<void> check_table_output(const std::string& output, const tables::Dataset& dataset);
[[nodiscard]] Result<tables::CsvDialect> dialect_for(const std::string& output,
                                                     const tables::Dataset& dataset);

// Writes the data set without these rows (ascending), and says how many are left.
// Errors: as above, and those of reading.
[[nodiscard]] Result<std::uint64_t> write_without(const World& world, const tables::Dataset& dataset,
                                                  const std::vector<std::uint64_t>& rows,
                                                  const std::string& output);

}  // namespace bulwark::cli
