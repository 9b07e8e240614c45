// Personal data in any bytes: spans lie in the text, in order, and do not overlap; no score is certain.

#include <cstdlib>

#include "assay/pii/find.h"
#include "base/byte_reader.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = text_of({data, size});
  std::size_t reached = 0;
  for (const auto& span :
       assay::pii::find_personal_data(text, {.name = "card", .country = "de", .least_score = 0})) {
    if (span.offset < reached || span.length == 0 || span.offset + span.length > size) std::abort();
    if (span.score < 0 || span.score >= 1) std::abort();
    reached = span.offset + span.length;
    (void)assay::pii::masked(*span.kind, text.substr(span.offset, span.length));
  }
  if (size > 0)
    for (const auto* kind : assay::pii::recognisers()) (void)assay::pii::classify(kind->id, text);
  return 0;
}
