// Records and manifests of a store: what can be read is written back as the same bytes.

#include <algorithm>
#include <cstdlib>

#include "store/manifest.h"
#include "store/record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  using namespace bulwark::store;
  const Bytes input{data, size};
  const auto require = [](bool holds) {
    if (!holds) std::abort();
  };
  // With a checksum that holds, or no mutation would come past it.
  for (const std::string_view magic : {"BWSTORE1", "BWSTKEY1"}) {
    std::vector<std::uint8_t> record(magic.begin(), magic.end());
    record.insert(record.end(), input.begin(), input.end());
    const auto sum = crypto::sha256_bytes(record);
    record.insert(record.end(), sum.begin(), sum.begin() + 8);
    if (const auto root = read_root(record)) require(std::ranges::equal(write_record(*root), record));
    if (const auto object = read_object_record(record))
      require(std::ranges::equal(write_record(*object), record));
  }
  (void)read_root(input);
  (void)read_object_record(input);
  if (const auto manifest = read_manifest(input))
    require(std::ranges::equal(write_manifest(*manifest).bytes(), input));
  return 0;
}
