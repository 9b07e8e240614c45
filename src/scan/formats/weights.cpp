#include "scan/formats/weights.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <set>

namespace bulwark::scan {
namespace {

// Bytes of a stream that are looked at: enough for any header and for a line of text.
constexpr std::uint64_t kHead = 512;

std::uint64_t raw_value(const std::uint8_t* at, std::uint64_t size) {
  switch (size) {
    case 1: return *at;
    case 2: return load_little_endian<std::uint16_t>(at);
    case 4: return load_little_endian<std::uint32_t>(at);
    default: return load_little_endian<std::uint64_t>(at);
  }
}

bool is_readable(std::uint8_t c) {
  return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t' || c == '\r';
}
bool is_letter(std::uint8_t c) {
  return std::isalnum(c) != 0 || c == ' ';
}

// Ramps, tables and codebooks can be readable for a stretch; their bytes repeat a step, at some distance.
bool steps_vary(Bytes run) {
  for (std::size_t lag = 1; lag <= 8; ++lag) {
    std::array<std::uint16_t, 256> seen{};
    std::size_t distinct = 0;
    std::size_t most = 0;
    for (std::size_t i = lag; i < run.size(); ++i) {
      const auto step = static_cast<std::uint8_t>(run[i] - run[i - lag]);
      if (++seen[step] == 1) ++distinct;
      most = std::max<std::size_t>(most, seen[step]);
    }
    if (distinct < 10 || most * 5 > (run.size() - lag) * 2) return false;
  }
  return true;
}

bool is_text(Bytes run) {
  std::array<bool, 256> seen{};
  std::size_t distinct = 0;
  std::size_t letters = 0;
  for (const std::uint8_t c : run) {
    if (!seen[c]) ++distinct;
    seen[c] = true;
    letters += is_letter(c) ? 1U : 0U;
  }
  return distinct >= 9 && letters * 10 >= run.size() * 6 && steps_vary(run);
}

// Where a run of text begins that chance does not make: noise is readable with probability 0.38 a byte.
std::optional<std::uint64_t> find_text(Bytes stream) {
  constexpr std::uint64_t kAnywhere = 32;
  constexpr std::uint64_t kAtStart = 24;  // behind a length of 0, 4 or 8 bytes
  std::uint64_t start = 0;
  for (std::uint64_t i = 0; i <= stream.size(); ++i) {
    if (i < stream.size() && is_readable(stream[i])) continue;
    const std::uint64_t needed = start <= 8 && start % 4 == 0 ? kAtStart : kAnywhere;
    if (i - start >= needed && is_text(stream.subspan(start, i - start))) return start;
    start = i + 1;
  }
  return std::nullopt;
}

bool is_pickle(Bytes at) {
  if (at.size() < 12 || at[0] != 0x80) return false;
  // Protocol 4 and 5 begin with a frame; its length has 64 bits.
  if ((at[1] == 4 || at[1] == 5) && at[2] == 0x95)
    return at[7] == 0 && at[8] == 0 && at[9] == 0 && at[10] == 0;
  if ((at[1] != 2 && at[1] != 3) || at[2] != 'c') return false;
  const auto names = at.subspan(3, std::min<std::size_t>(at.size() - 3, 64));
  const auto line = std::ranges::find(names, std::uint8_t{'\n'});
  return line != names.end() && line - names.begin() >= 2 &&
         std::all_of(names.begin(), line,
                     [](std::uint8_t c) { return std::isalnum(c) != 0 || c == '_' || c == '.'; });
}

bool is_pe(Bytes at) {
  if (at.size() < 0x40 || !has_magic(at, "MZ")) return false;
  const auto header = load_little_endian<std::uint32_t>(at.data() + 0x3C);
  return header < 0x400 && has_magic(at, std::string_view("PE\0\0", 4), header);
}

// Each test is beyond chance for noise by 40 bits or more.
std::string_view file_at(Bytes at) {
  using namespace std::string_view_literals;
  if (at.size() < 16) return {};
  if (has_magic(at,
                "\x7f"
                "ELF"sv) &&
      (at[4] == 1 || at[4] == 2) && (at[5] == 1 || at[5] == 2) && at[6] == 1)
    return "an ELF executable";
  if (is_pe(at)) return "a Windows executable";
  if (has_magic(at, "PK\x03\x04"sv) && at[4] < 64 && at[5] == 0) return "a zip archive";
  if (has_magic(at, "7z\xBC\xAF\x27\x1C"sv)) return "a 7z archive";
  if (has_magic(at,
                "\xFD"
                "7zXZ\0"sv))
    return "an xz stream";
  if (has_magic(at, "\x1F\x8B\x08"sv) && (at[3] & ~0x08) == 0 && (at[8] == 0 || at[8] == 2 || at[8] == 4) &&
      (at[9] == 3 || at[9] == 0 || at[9] == 255))
    return "a gzip stream";
  if (has_magic(at, "BZh"sv) && has_magic(at, "1AY&SY"sv, 4)) return "a bzip2 stream";
  if (has_magic(at, "\xCF\xFA\xED\xFE"sv) && at[7] <= 1 && at[13] == 0) return "a Mach-O executable";
  if (is_pickle(at)) return "a pickle";
  return {};
}

// A table of few values (codebooks, ternary weights) decodes to whatever its entries are: no text is read out
// of it.
bool is_table(Bytes content, std::uint64_t size, std::uint64_t first) {
  constexpr std::uint64_t kLooked = 1024;
  constexpr std::size_t kFew = 64;
  const std::uint64_t count = std::min<std::uint64_t>(content.size() / size - first, kLooked);
  std::set<std::uint64_t> distinct;
  for (std::uint64_t i = 0; i < count && distinct.size() <= kFew; ++i)
    distinct.insert(raw_value(content.data() + (first + i) * size, size));
  return distinct.size() <= kFew;
}

// Planes that published tools use and their neighbours. The widest come first: a text in three bytes of each
// value is readable, with gaps, in one byte of each as well.
std::vector<BitPlane> planes_of(NumberType type) {
  std::vector<BitPlane> planes;
  const unsigned room = significand_bits(type);
  const bool integer = type == NumberType::Int8 || type == NumberType::UInt8;
  // Whole bytes; the third byte of a float32 holds one bit of the exponent, which EvilModel replaces as well.
  for (const unsigned bits : {48U, 40U, 32U, 24U, 16U})
    if (!integer && bits <= room + 1)
      for (const bool high_first : {true, false}) planes.push_back({bits, high_first});
  for (unsigned bits = std::min(integer ? 4U : 8U, room); bits >= 1; --bits)
    for (const bool high_first : {true, false}) planes.push_back({bits, high_first});
  return planes;
}

// Of the lowest byte; values that are zero as a whole (padding, pruning) are left out.
double chi_square(Bytes content, std::uint64_t size, std::uint64_t first, std::uint64_t count) {
  std::array<std::uint32_t, 256> seen{};
  std::uint64_t counted = 0;
  for (std::uint64_t i = first; i < first + count; ++i) {
    if (raw_value(content.data() + i * size, size) == 0) continue;
    ++seen[content[i * size]];
    ++counted;
  }
  const double expected = static_cast<double>(std::max<std::uint64_t>(counted, 1)) / 256;
  double sum = 0;
  for (const std::uint32_t number : seen) sum += (number - expected) * (number - expected) / expected;
  return sum;
}

}  // namespace

std::vector<std::uint8_t> read_plane(Bytes content, NumberType type, BitPlane plane, std::uint64_t first,
                                     std::uint64_t limit) {
  const std::uint64_t size = number_size(type);
  std::vector<std::uint8_t> stream;
  if (size == 0 || size > 8) return stream;
  const std::uint64_t count = content.size() / size;
  if (first >= count) return stream;
  stream.reserve(std::min(limit, (count - first) * plane.bits / 8));
  const std::uint64_t mask = (std::uint64_t{1} << plane.bits) - 1;
  std::uint64_t held = 0;  // bits not yet given out: fewer than eight before each value
  unsigned holding = 0;
  for (std::uint64_t i = first; i < count && stream.size() < limit; ++i) {
    const std::uint64_t bits = raw_value(content.data() + i * size, size) & mask;
    held = plane.high_first ? (held << plane.bits) | bits : held | (bits << holding);
    holding += plane.bits;
    for (; holding >= 8; holding -= 8) {
      if (plane.high_first) {
        stream.push_back(static_cast<std::uint8_t>(held >> (holding - 8)));
      } else {
        stream.push_back(static_cast<std::uint8_t>(held));
        held >>= 8;
      }
    }
    if (plane.high_first) held &= 0xFF;
  }
  if (stream.size() > limit) stream.resize(limit);
  return stream;
}

std::optional<HiddenPayload> recognise_payload(Bytes stream) {
  // Headers of embedding tools (a length, a digest) come first and are short.
  constexpr std::uint64_t kHeaders = 128;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(stream.size(), kHeaders); ++i) {
    const std::string_view what = file_at(stream.subspan(i));
    if (!what.empty()) return HiddenPayload{.plane = {}, .first = 0, .start = i, .what = what};
  }
  if (const auto start = find_text(stream))
    return HiddenPayload{.plane = {}, .first = 0, .start = *start, .what = "text"};
  return std::nullopt;
}

std::optional<HiddenPayload> find_payload(Bytes content, NumberType type, std::uint64_t first) {
  const std::uint64_t size = number_size(type);
  if (size == 0 || first >= content.size() / size) return std::nullopt;
  // What is readable as it stands (vocabularies, configuration stored as bytes) is not hidden.
  const Bytes plain =
      content.subspan(first * size, std::min<std::uint64_t>(content.size() - first * size, kHead));
  if (std::ranges::count_if(plain, is_readable) * 4 > static_cast<std::ptrdiff_t>(plain.size() * 3))
    return std::nullopt;
  const bool integer = type == NumberType::Int8 || type == NumberType::UInt8;
  for (const BitPlane plane : planes_of(type)) {
    const std::vector<std::uint8_t> stream = read_plane(content, type, plane, first, kHead);
    auto found = recognise_payload(stream);
    if (!found || (found->what == "text" && ((integer && plane.bits > 1) || is_table(content, size, first))))
      continue;
    found->plane = plane;
    found->first = first;
    return found;
  }
  return std::nullopt;
}

std::optional<LowByteStatistics> compare_low_bytes(Bytes content, NumberType type) {
  constexpr std::uint64_t kLeast = 4096;
  constexpr std::uint64_t kStretch = 2048;
  // 255 degrees of freedom: mean 255, deviation 22.6. Far outside, and safely inside.
  constexpr double kUnlike = 520;
  constexpr double kUniform = 345;
  const std::uint64_t size = number_size(type);
  if (significand_bits(type) < 20 || content.size() / std::max<std::uint64_t>(size, 1) < kLeast)
    return std::nullopt;
  const std::uint64_t last = content.size() / size - kStretch;
  LowByteStatistics result{.head = chi_square(content, size, 0, kStretch),
                           .tail = chi_square(content, size, last, kStretch)};
  const bool head_odd = result.head > kUnlike && result.tail < kUniform;
  const bool tail_odd = result.tail > kUnlike && result.head < kUniform;
  if (head_odd || tail_odd) {
    std::set<std::uint64_t> distinct;
    const std::uint64_t first = head_odd ? 0 : last;
    for (std::uint64_t i = 0; i < kStretch; ++i)
      distinct.insert(raw_value(content.data() + (first + i) * size, size) >> 8);
    // Padding rows, zeroed channels and codebooks repeat whole values; a payload leaves the upper bits as
    // varied as before.
    result.unlike = distinct.size() > kStretch / 2;
  }
  return result;
}

std::optional<NumberType> guess_number_type(Bytes content) {
  constexpr std::uint64_t kLooked = 256;
  for (const NumberType type :
       {NumberType::Float32, NumberType::Float64, NumberType::BFloat16, NumberType::Float16}) {
    const Values values(content, type);
    const std::uint64_t count = std::min(values.size(), kLooked);
    if (count < kLooked || content.size() % number_size(type) != 0) continue;
    std::uint64_t plausible = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      const double magnitude = std::abs(values[i]);
      // Weights lie between rounding noise and a few thousand; NaN fails both comparisons.
      plausible += magnitude >= 1e-8 && magnitude <= 4096 ? 1U : 0U;
    }
    if (plausible * 100 >= count * 97) return type;
  }
  return std::nullopt;
}

}  // namespace bulwark::scan
