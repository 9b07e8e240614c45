// .npy and .npz of any bytes, read as data sets.

#include "tables/numpy.h"

using namespace bulwark;

namespace {

void read_all(const Result<std::unique_ptr<tables::Dataset>>& dataset) {
  if (!dataset) return;
  for (const tables::ArrayInfo& about : (*dataset)->about().arrays) {
    const auto array = (*dataset)->array(about.name);
    if (array && array->count() > 0) (void)array->at(array->count() - 1);
  }
  const auto reader = (*dataset)->read({});
  if (!reader) return;
  tables::Block block;
  for (;;) {
    const auto more = (*reader)->next(block);
    if (!more || !*more) break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tables::DatasetLimits limits;
  limits.array_bytes = std::uint64_t{1} << 20;
  const tables::Held file = {Bytes(data, size), nullptr};
  read_all(tables::read_npy(file, {}, limits));
  read_all(tables::read_npz(file, {}, limits));
  return 0;
}
