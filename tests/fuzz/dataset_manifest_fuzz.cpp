// The record book, the statement about a data set, and the splitting of tables, of hostile bytes.

#include <cstdint>
#include <cstdlib>

#include "trust/dataset_manifest.h"
#include "trust/model_manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const Bytes bytes{data, size};
  if (const auto book = trust::read_record_book(bytes)) {
    const auto again = trust::write_record_book(*book);
    if (text_of(again) != text_of(bytes)) std::abort();
  }
  if (const auto statement = trust::read_statement(bytes)) {
    (void)trust::read_dataset_manifest(*statement);
    (void)trust::read_legacy_manifest(*statement);
    if (const auto manifest = trust::read_model_manifest(*statement))
      if (!trust::read_model_manifest(trust::model_statement(*manifest))) std::abort();
  }
  std::size_t total = 0;
  trust::RecordSplitter splitter(trust::RecordFormat::Csv,
                                 [&](Bytes record, std::uint64_t) { total += record.size(); });
  const std::size_t half = size / 2;
  if (splitter.feed(bytes.first(half)) && splitter.feed(bytes.subspan(half))) {
    splitter.finish();
    if (total != size) std::abort();
  }
  return 0;
}
