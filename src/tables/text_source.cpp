#include "tables/text_source.h"

#include <algorithm>
#include <array>

#include "base/byte_reader.h"
#include "base/encoding.h"

namespace bulwark::tables {
namespace {

constexpr std::size_t kUnits = 32'768;  // of UTF-16 transcoded at once
constexpr std::uint32_t kReplacement = 0xfffd;

bool is_lead(std::uint32_t unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}
bool is_trail(std::uint32_t unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

}  // namespace

Result<TextSource> TextSource::open(std::shared_ptr<const os::InputFile> file) {
  std::array<char, 4> start{};
  const std::size_t size = TRY(file->read(0, start));
  const Bytes head = bytes_of(std::string_view(start.data(), size));
  if (has_magic(head, std::string_view("\xff\xfe\0\0", 4)) ||
      has_magic(head, std::string_view("\0\0\xfe\xff", 4)))
    return fail(Code::Unsupported, "text in UTF-32; convert it to UTF-8");
  if (has_magic(head, "\xff\xfe")) return TextSource(std::move(file), Encoding::LittleEndian16, 2);
  if (has_magic(head, "\xfe\xff")) return TextSource(std::move(file), Encoding::BigEndian16, 2);
  return TextSource(std::move(file), Encoding::Bytes, has_magic(head, "\xef\xbb\xbf") ? 3 : 0);
}

Result<std::size_t> TextSource::read(std::span<char> space) {
  if (encoding_ == Encoding::Bytes) {
    const std::size_t got = TRY(file_->read(at_, space));
    at_ += got;
    return got;
  }
  std::size_t have = 0;
  while (have < space.size()) {
    if (decoded_at_ == decoded_.size()) {
      TRY(transcode());
      if (decoded_.empty()) break;
    }
    const std::size_t count = std::min(space.size() - have, decoded_.size() - decoded_at_);
    std::copy_n(decoded_.data() + decoded_at_, count, space.data() + have);
    decoded_at_ += count;
    have += count;
  }
  return have;
}

// The next piece of the file; nothing in decoded_ afterwards means the end.
Result<void> TextSource::transcode() {
  std::array<char, kUnits * 2> raw;
  decoded_.clear();
  decoded_at_ = 0;
  const std::size_t got = TRY(file_->read(at_, raw));
  at_ += got;
  const Bytes bytes = bytes_of(std::string_view(raw.data(), got));
  for (std::size_t i = 0; i + 1 < got; i += 2)
    append_unit(encoding_ == Encoding::LittleEndian16 ? load_little_endian<std::uint16_t>(bytes.data() + i)
                                                      : load_big_endian<std::uint16_t>(bytes.data() + i));
  if (got < raw.size() && (lead_ != 0 || got % 2 != 0)) {
    lead_ = 0;
    ++lost_units_;
    append_utf8(decoded_, kReplacement);
  }
  return {};
}

void TextSource::append_unit(std::uint16_t unit) {
  if (lead_ != 0 && is_trail(unit)) {
    append_utf8(decoded_, 0x10000U + ((lead_ - 0xd800U) << 10) + (unit - 0xdc00U));
    lead_ = 0;
    return;
  }
  if (lead_ != 0) {
    ++lost_units_;
    append_utf8(decoded_, kReplacement);
    lead_ = 0;
  }
  if (is_lead(unit)) {
    lead_ = unit;
  } else if (is_trail(unit)) {
    ++lost_units_;
    append_utf8(decoded_, kReplacement);
  } else {
    append_utf8(decoded_, unit);
  }
}

}  // namespace bulwark::tables
