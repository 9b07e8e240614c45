// What an object store answers: XML and dates. And its address, which a person writes.

#include <cstdlib>

#include "base/byte_reader.h"
#include "store/s3_address.h"
#include "store/s3_client.h"
#include "store/xml.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = text_of(Bytes(data, size));
  store::XmlLimits limits;
  limits.elements = 1'000;
  const auto root = store::parse_xml(input, limits);
  if (root && root->name.empty()) std::abort();
  const auto address = store::s3_address(input);
  if (address && (address->host.empty() || address->bucket.empty())) std::abort();
  (void)store::http_date(input);
  return 0;
}
