#include "cli/table_copy.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/text.h"
#include "os/mapping.h"
#include "tables/values.h"

namespace bulwark::cli {
namespace {

constexpr std::size_t kDialectBytes = std::size_t{1} << 20U;  // no first line is longer

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

NewFile::~NewFile() {
  if (file_ == nullptr) return;
  file_.reset();
  static_cast<void>(world_.files.remove(temporary_));  // what is left of a run that failed
}

Result<void> NewFile::open() {
  std::array<std::uint8_t, 8> random{};
  world_.random.fill(random);
  temporary_ = path_ + ".part-" + hex(random);
  file_ = TRY(world_.files.create(temporary_));
  return {};
}

Result<void> NewFile::append(std::string_view text) {
  return file_->append(bytes_of(text));
}

Result<void> NewFile::publish() {
  TRY(file_->sync());
  TRY(world_.files.rename(temporary_, path_));
  file_.reset();
  return world_.files.sync_directory(folder_of(path_));
}

Result<void> check_not_input(const std::string& output, const tables::Dataset& dataset) {
  std::error_code error;
  if (!std::filesystem::equivalent(output, dataset.about().path, error) || error) return {};
  return fail(Code::InvalidInput, printable(output) + " is the input; it is never overwritten");
}

Result<void> check_table_output(const std::string& output, const tables::Dataset& dataset) {
  if (!output.ends_with(".csv") && !output.ends_with(".tsv"))
    return fail(Code::Unsupported,
                printable(output) + ": a copy is written as CSV or TSV; the name must end in .csv or .tsv");
  return check_not_input(output, dataset);
}

Result<tables::CsvDialect> dialect_for(const std::string& output, const tables::Dataset& dataset) {
  tables::CsvDialect dialect{.delimiter = output.ends_with(".tsv") ? '\t' : ','};
  const tables::Description& about = dataset.about();
  if (about.format != "csv" && about.format != "tsv") return dialect;
  const auto mapping = TRY(os::Mapping::open(about.path, true));
  const std::string_view beginning = text_of(mapping->bytes()).substr(0, kDialectBytes);
  return tables::csv_dialect(beginning, about.columns.size(), about.format == "tsv" ? '\t' : ',');
}

Result<std::uint64_t> write_without(const World& world, const tables::Dataset& dataset,
                                    const std::vector<std::uint64_t>& rows, const std::string& output) {
  TRY(check_table_output(output, dataset));
  const tables::Description& about = dataset.about();
  if (about.columns.empty() || !about.arrays.empty())
    return fail(Code::Unsupported, "only tables are written without rows; this data set holds arrays");
  const tables::CsvDialect dialect = TRY(dialect_for(output, dataset));
  NewFile file(world, output);
  TRY(file.open());
  tables::CsvWriter writer(dialect, [&file](std::string_view piece) { return file.append(piece); });
  std::vector<std::string_view> cells;
  for (const tables::Column& column : about.columns) cells.push_back(column.name);
  TRY(writer.row(cells));
  auto reader = TRY(dataset.read({}));
  std::vector<std::string> scratch(about.columns.size());
  auto next = rows.begin();
  std::uint64_t left = 0;
  tables::Block block;
  while (true) {
    const bool more = TRY(reader->next(block));
    if (!more) break;
    for (std::size_t row = 0; row < block.rows; ++row) {
      while (next != rows.end() && *next < block.first_row + row) ++next;
      if (next != rows.end() && *next == block.first_row + row) continue;
      for (std::size_t i = 0; i < cells.size(); ++i)
        cells[i] = block.columns[i].present(row) ? tables::text_of(block.columns[i], row, scratch[i])
                                                 : std::string_view();
      TRY(writer.row(cells));
      ++left;
    }
  }
  TRY(writer.finish());
  TRY(file.publish());
  return left;
}

}  // namespace bulwark::cli
