#include <cstddef>
#include <cstdint>

#include "base/byte_reader.h"
#include "scan/formats/jinja/evaluate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const std::string_view source = text_of(Bytes(data, size));
  Limits limits;
  limits.template_steps = 20'000;
  const auto lexed = scan::jinja::lex(source, limits);
  if (!lexed) return 0;
  const auto parsed = scan::jinja::parse(*lexed, limits);
  if (!parsed) return 0;
  (void)scan::jinja::evaluate(*parsed, source, limits, [](const scan::jinja::Event&) {});
  return 0;
}
