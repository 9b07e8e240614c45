#pragma once
// The text of a file from front to back, as UTF-8 or as whatever bytes it has.
//
// UTF-16 is recognised by its byte order mark and transcoded; everything else is handed on as it is, without
// a UTF-8 byte order mark, because a file of mixed encodings is better read than refused.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/input_file.h"

namespace bulwark::tables {

class TextSource {
 public:
  // Errors: Unsupported for UTF-32.
  [[nodiscard]] static Result<TextSource> open(std::shared_ptr<const os::InputFile> file);

  // Fills `space`; less comes only at the end. The source goes on behind it.
  [[nodiscard]] Result<std::size_t> read(std::span<char> space);
  // Goes on at a byte of the text as read() handed it out; only where `seekable`.
  void seek(std::uint64_t offset) { at_ = start_ + offset; }
  [[nodiscard]] bool seekable() const { return encoding_ == Encoding::Bytes; }
  [[nodiscard]] bool changed() const { return file_->changed(); }
  // Units of UTF-16 that are no character so far; each became U+FFFD.
  [[nodiscard]] std::uint64_t lost_units() const { return lost_units_; }

 private:
  enum class Encoding : std::uint8_t { Bytes, LittleEndian16, BigEndian16 };

  TextSource(std::shared_ptr<const os::InputFile> file, Encoding encoding, std::uint64_t start)
      : file_(std::move(file)), encoding_(encoding), start_(start), at_(start) {}
  [[nodiscard]] Result<void> transcode();
  void append_unit(std::uint16_t unit);

  std::shared_ptr<const os::InputFile> file_;
  Encoding encoding_;
  std::uint64_t start_;  // behind the byte order mark
  std::uint64_t at_;     // in the file
  std::uint64_t lost_units_ = 0;
  std::uint16_t lead_ = 0;  // first half of a character beyond 16 bits
  std::string decoded_;     // not handed out yet, from decoded_at_ on
  std::size_t decoded_at_ = 0;
};

}  // namespace bulwark::tables
