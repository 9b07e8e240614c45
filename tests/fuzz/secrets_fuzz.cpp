#include "scan/secrets/search.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/byte_reader.h"
#include "scan/formats/notebook_cells.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const std::string_view text = text_of(Bytes(data, size));
  const auto found = scan::secrets::find_secrets(text, "config.yaml");
  if (!found) return 0;
  const scan::NotebookCells cells(text);
  std::size_t end = 0;
  for (const auto& hit : found->hits) {
    if (hit.secret.begin < end || hit.secret.end > size || hit.secret.begin > hit.secret.end) std::abort();
    end = hit.secret.end;
    (void)cells.describe(hit.secret.begin);
  }
  (void)scan::secrets::redacted(text);
  return 0;
}
