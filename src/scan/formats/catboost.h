#pragma once
// The container of CatBoost models and the info map in its FlatBuffer
// (catboost/libs/model/flatbuffers/model.fbs).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::scan {

struct CatboostEntry {
  std::string_view key;
  std::string_view value;
  std::uint64_t offset = 0;  // of the value within the core
};
struct CatboostModel {
  std::string_view format;  // "FlabuffersModel_v1"
  std::vector<CatboostEntry> info;
};

// The FlatBuffer behind "CBM1" and its length. Errors: InvalidInput (truncated).
[[nodiscard]] Result<Bytes> catboost_core(Bytes content);
// Errors: InvalidInput, with offsets within the core.
[[nodiscard]] Result<CatboostModel> read_catboost(Bytes core);

}  // namespace bulwark::scan
