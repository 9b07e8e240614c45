// Data contracts, hostile: what is read can be held against rows.

#include <string>
#include <vector>

#include "assay/profile/profile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const std::string text(data, data + size);
  const auto contract = assay::profile::read_contract(text);
  if (!contract) return 0;
  const std::vector<tables::Column> columns = {{.name = "a", .kind = tables::Kind::Text, .declared = {}},
                                               {.name = "b", .kind = tables::Kind::Text, .declared = {}}};
  const std::vector<std::string_view> values = {"1", "x", "", "2024-01-01",
                                                std::string_view(text).substr(0, 64)};
  assay::profile::Options options;
  options.contract = &*contract;
  const auto part = assay::profile::make_part(columns, options);
  tables::Block block;
  block.rows = values.size();
  block.columns.resize(2);
  for (tables::Cells& cells : block.columns) cells.texts = values;
  part->take(block);
  (void)part->finish();
  return 0;
}
