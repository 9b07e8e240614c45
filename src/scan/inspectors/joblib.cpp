// The header of joblib's own compressed file (before 0.10): "ZF", the length in hex, then zlib. The stream is
// opened by the zlib inspector; here header and stream are compared. Newer files are plain streams around a
// pickle.

#include <array>
#include <charconv>

#include "base/text.h"
#include "scan/formats/decompress.h"
#include "scan/inspectors/list.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kLength{
    .id = "BW-JOB-004",
    .title = "joblib header and content disagree",
    .severity = Severity::Low,
    .atlas = "AML.T0107",
    .why = "joblib allocates by the length in the header; a header that lies was not written by joblib.",
    .fix = "Refuse the file or write it again from its source.",
};
constexpr Rule kUnreadable{
    .id = "BW-JOB-003",
    .title = "joblib stream cannot be unpacked to its end",
    .severity = Severity::Low,
    .atlas = "AML.T0076 AML.T0107",
    .why = "What was unpacked before the defect has been run by a streaming loader.",
    .fix = "Ask for an intact copy.",
};
constexpr std::array kRules = {kLength, kUnreadable};

constexpr std::string_view kPrefix = "ZF0x";
// "ZF" and hex(length) filled with blanks to 19 characters; joblib 0.8.4 under Python 2 wrote one blank more.
constexpr std::size_t kHeader = 21;

Match recognises(Bytes content) {
  return has_magic(content, kPrefix) && content.size() > kHeader ? Match::Strong : Match::No;
}

Result<void> inspect(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  const std::string_view digits = trim(text.substr(kPrefix.size(), kHeader - kPrefix.size()));
  std::uint64_t declared = 0;
  const std::string_view plain = digits.ends_with('L') ? digits.substr(0, digits.size() - 1) : digits;
  const auto parsed = std::from_chars(plain.data(), plain.data() + plain.size(), declared, 16);
  const bool sound = !plain.empty() && parsed.ec == std::errc() && parsed.ptr == plain.data() + plain.size();
  if (!sound) in.report(kLength, kPrefix.size(), "length in the header is no number", std::string(digits));
  const std::uint64_t start = text[kHeader] == ' ' ? kHeader + 1 : kHeader;
  const auto unpacked = decompress(Codec::Zlib, in.bytes().subspan(start), in.budget().holdable());
  if (!unpacked || unpacked->stopped) {
    in.report(kUnreadable, start,
              "stream cannot be unpacked to its end");  // where and why is the zlib inspector's gap
  } else if (sound && declared != unpacked->bytes.size()) {
    in.report(kLength, kPrefix.size(),
              "header says " + std::to_string(declared) + " bytes, the stream holds " +
                  std::to_string(unpacked->bytes.size()));
  }
  return {};
}

}  // namespace

const Inspector joblib{
    .name = "joblib",
    .version = "1",
    .rules = kRules,
    .family = "zlib",
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
