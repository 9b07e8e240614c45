// The first line names the file, the rest is its content: every lock file, manifest and configuration of an
// installer.

#include "base/byte_reader.h"
#include "scan/formats/dependencies/kinds.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = text_of(Bytes(data, size));
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) return 0;
  const scan::DependencyFile* file = scan::dependency_file(input.substr(0, end));
  if (file == nullptr) return 0;
  Limits limits;
  limits.document_bytes = 1 << 20;
  limits.document_nodes = 20'000;
  (void)file->read(input.substr(end + 1), limits);
  return 0;
}
