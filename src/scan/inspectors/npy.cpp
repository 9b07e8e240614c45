// NumPy .npy files: a header that some readers evaluate, sizes that nobody checks, and pickles in object
// arrays.

#include <array>

#include "base/text.h"
#include "scan/formats/npy.h"
#include "scan/inspectors/list.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kObjects{
    .id = "BW-NPY-001",
    .title = "NumPy array of Python objects",
    .severity = Severity::Info,
    .atlas = "AML.T0011.000",
    .why =
        "An object array is a pickle: numpy.load runs it with allow_pickle=True. The pickle is judged by its "
        "own "
        "rules.",
    .fix = "Load with allow_pickle=False, or store numbers instead of objects.",
};
constexpr Rule kHeaderCode{
    .id = "BW-NPY-002",
    .title = "NumPy array header is an expression, not a literal",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0107",
    .why =
        "The header is a Python dict as text. Readers that evaluate it instead of parsing it run whatever an "
        "attacker writes there.",
    .fix = "Refuse the file: numpy.save never writes such a header.",
};
constexpr Rule kOversize{
    .id = "BW-NPY-003",
    .title = "NumPy array shape exceeds what can exist",
    .severity = Severity::High,
    .atlas = "AML.T0029 AML.T0107",
    .why =
        "shape times item size overflows or claims terabytes that the file does not hold; readers allocate "
        "by this "
        "number, or compute a small one and write past it.",
    .fix = "Refuse the file: its header was not written by NumPy.",
};
constexpr Rule kTrailing{
    .id = "BW-NPY-004",
    .title = "bytes follow a NumPy array",
    .severity = Severity::Low,
    .atlas = "AML.T0074",
    .why = "numpy.load ignores what follows the array; another reader of the same file need not.",
    .fix = "Find out who reads the rest; it is inspected on its own here.",
};
constexpr std::array kRules = {kObjects, kHeaderCode, kOversize, kTrailing};

// A shape that names more than this while the file is shorter was not merely cut off.
constexpr std::uint64_t kAbsurdSize = std::uint64_t{1} << 40;

Match recognises(Bytes content) {
  return has_magic(content, kNpyMagic) ? Match::Strong : Match::No;
}

std::string text_of_shape(const NpyHeader& header) {
  std::string text = "(";
  for (const std::uint64_t dimension : header.shape) text += std::to_string(dimension) + ",";
  return header.type + " " + text + ")";
}

void check_rest(Inspection& in, const NpyHeader& header, std::uint64_t available) {
  const std::string shape = text_of_shape(header);
  const bool absurd =
      header.content_size && *header.content_size >= kAbsurdSize && *header.content_size > available;
  if (header.overflows || absurd) {
    in.report(kOversize, header.text_offset, "array claims more bytes than can exist: " + shape, shape);
  }
  if (header.overflows || !header.content_size) return;
  if (*header.content_size > available) {
    in.gap(GapReason::Truncated,
           "array needs " + std::to_string(*header.content_size) + " bytes, " + std::to_string(available) +
               " remain",
           {.offset = header.data_offset});
    return;
  }
  const std::uint64_t end = header.data_offset + *header.content_size;
  if (end == in.bytes().size()) return;
  const Bytes rest = in.bytes().subspan(end);
  // numpy.save called several times on one file: the next array.
  if (!has_magic(rest, kNpyMagic)) {
    in.report(kTrailing, end, std::to_string(rest.size()) + " bytes follow the array");
  }
  in.child("bytes after the array", rest);
}

Result<void> inspect(Inspection& in) {
  const auto header = read_npy_header(in.bytes(), in.limits());
  if (!header && header.error().code == Code::Denied) {
    in.report(kHeaderCode, header.error().offset, "array header is no literal dict", header.error().message);
    // A reader that survives such a header goes on with the bytes behind it.
    in.gap(GapReason::Malformed, header.error().message, {.offset = header.error().offset});
    return {};
  }
  if (!header) return std::unexpected(header.error());
  in.fact("dtype", header->type);
  if (!header->item_size) {
    in.gap(GapReason::Unsupported, "unknown dtype " + header->type, {.offset = header->text_offset});
  }
  const Bytes rest = in.bytes().subspan(header->data_offset);
  if (!header->has_objects) {
    check_rest(in, *header, rest.size());
    return {};
  }
  in.report(kObjects, header->text_offset, "array of Python objects: its content is a pickle", header->type);
  if (header->overflows)
    in.report(kOversize, header->text_offset, "array claims more bytes than can exist",
              text_of_shape(*header));
  if (rest.empty()) {
    in.gap(GapReason::Truncated, "the pickle of the object array is missing",
           {.offset = header->data_offset});
    return {};
  }
  in.child("objects", rest, "pickle");
  return {};
}

}  // namespace

const Inspector npy{
    .name = "npy",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
