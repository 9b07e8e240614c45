// A file that is nothing but one line of text with a command in it, where a model is expected.
//
// Loaders of formats without a magic number (raw parameters, text programs) take such a file, and what hands
// a model file to a shell or interpreter runs it. Documents, sources and tables have more than one line and
// are not read here.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::array kRules = {kMetadataCommand};
constexpr std::size_t kLongest = 4096;

bool is_one_line(Bytes content) {
  const std::string_view line = trim(text_of(content));
  return line.size() >= 8 && line.find_first_of("{<#") != 0 && is_utf8(line) &&
         std::ranges::none_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Match recognises(Bytes content) {
  return content.size() <= kLongest ? Match::Beside : Match::No;
}

Result<void> inspect(Inspection& in) {
  if (is_one_line(in.bytes())) judge_metadata_text(in, text_of(in.bytes()), 0, "file");
  return {};
}

}  // namespace

const Inspector command_line{
    .name = "command_line",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
