#include "recipe/assembler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <utility>

#include "base/byte_reader.h"
#include "recipe/archives.h"
#include "recipe/compress.h"
#include "recipe/pickle_opcodes.h"
#include "recipe/weights.h"

namespace bulwark::recipe {
namespace {

using Buffer = std::vector<std::uint8_t>;

// Samples are small; a typing error must not fill the memory.
constexpr std::uint64_t kMaxBytes = std::uint64_t{256} << 20;

void put(Buffer& out, std::uint64_t value, std::size_t width, bool big_endian) {
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t shift = 8 * (big_endian ? width - 1 - i : i);
    out.push_back(static_cast<std::uint8_t>(value >> shift & 0xFF));
  }
}
void put_varint(Buffer& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}
void put(Buffer& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}
void put(Buffer& out, const Buffer& bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

struct Width {
  std::string_view word;
  std::size_t bytes;
  bool big_endian;
};
constexpr auto kIntegers = std::to_array<Width>({{"u8", 1, false},
                                                 {"u16", 2, false},
                                                 {"u32", 4, false},
                                                 {"u64", 8, false},
                                                 {"be16", 2, true},
                                                 {"be32", 4, true},
                                                 {"be64", 8, true}});
constexpr auto kLengths = std::to_array<Width>({{"len8", 1, false},
                                                {"len16", 2, false},
                                                {"len32", 4, false},
                                                {"len64", 8, false},
                                                {"belen16", 2, true},
                                                {"belen32", 4, true},
                                                {"belen64", 8, true}});

template <std::size_t N>
const Width* find(const std::array<Width, N>& table, std::string_view word) {
  const auto found = std::ranges::find(table, word, &Width::word);
  return found == table.end() ? nullptr : &*found;
}

Result<void> put_reals(Buffer& out, std::string_view rest, bool is_double) {
  const std::vector<Argument> arguments = TRY(arguments_of(rest));
  for (const Argument& argument : arguments) {
    const double value = TRY(real_of(argument.text));
    if (is_double) {
      put(out, std::bit_cast<std::uint64_t>(value), 8, false);
    } else {
      put(out, std::bit_cast<std::uint32_t>(static_cast<float>(value)), 4, false);
    }
  }
  return {};
}

using Setter = Result<void> (*)(ZipMember&, const std::string&);

template <auto Field>
Result<void> set_number(ZipMember& member, const std::string& text) {
  const std::uint64_t value = TRY(number_of(text));
  member.*Field = value;
  return {};
}
template <auto Field>
Result<void> set_hex(ZipMember& member, const std::string& text) {
  Buffer bytes = TRY(hex_of(text));
  member.*Field = std::move(bytes);
  return {};
}
template <auto Field>
Result<void> set_text(ZipMember& member, const std::string& text) {
  member.*Field = text;
  return {};
}

struct ZipKey {
  std::string_view key;
  Setter set;
};
constexpr auto kZipKeys = std::to_array<ZipKey>({
    {"align", set_number<&ZipMember::align>},
    {"compressed", set_number<&ZipMember::compressed>},
    {"crc", set_number<&ZipMember::crc>},
    {"external", set_number<&ZipMember::external>},
    {"extra", set_hex<&ZipMember::extra>},
    {"flags", set_number<&ZipMember::flags>},
    {"local_compressed", set_number<&ZipMember::local_compressed>},
    {"local_crc", set_number<&ZipMember::local_crc>},
    {"local_extra", set_hex<&ZipMember::local_extra>},
    {"local_flags", set_number<&ZipMember::local_flags>},
    {"local_method", set_number<&ZipMember::local_method>},
    {"local_name", set_text<&ZipMember::local_name>},
    {"local_size", set_number<&ZipMember::local_size>},
    {"made_by", set_number<&ZipMember::made_by>},
    {"method", set_number<&ZipMember::method>},
    {"offset", set_number<&ZipMember::offset>},
    {"size", set_number<&ZipMember::size>},
});

Result<void> set_word(ZipMember& member, const std::string& word) {
  if (word == "stored") return {};
  if (word == "descriptor") {
    member.descriptor = true;
  } else if (word == "zip64") {
    member.zip64 = true;
  } else if (word == "hidden") {
    member.hidden = true;
  } else if (word == "ghost") {
    member.ghost = true;
  } else if (word == "encrypted") {
    member.flags = member.flags.value_or(0) | 1;
  } else if (is_codec(word)) {
    member.codec = word;
  } else {
    return fail(Code::InvalidInput, "unknown word '" + word + "' for a zip member");
  }
  return {};
}

Result<ZipMember> zip_member(std::string_view rest) {
  const std::vector<Argument> arguments = TRY(arguments_of(rest));
  if (arguments.empty()) return fail(Code::InvalidInput, "member needs a name");
  ZipMember member{.name = arguments.front().text, .content = {}};
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const Argument& argument = arguments[i];
    if (argument.key.empty()) {
      TRY(set_word(member, argument.text));
      continue;
    }
    const auto found = std::ranges::find(kZipKeys, argument.key, &ZipKey::key);
    if (found == kZipKeys.end()) return fail(Code::InvalidInput, "unknown key " + argument.key);
    TRY(found->set(member, argument.text));
  }
  return member;
}

Result<TarMember> tar_member(std::string_view rest) {
  const std::vector<Argument> arguments = TRY(arguments_of(rest));
  if (arguments.empty()) return fail(Code::InvalidInput, "member needs a name");
  TarMember member{.name = arguments.front().text, .content = {}};
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto& [key, text] = arguments[i];
    if (key == "type" && text.size() == 1) {
      member.type = text.front();
    } else if (key == "link") {
      member.link = text;
    } else if (key == "prefix") {
      member.prefix = text;
    } else if (key == "magic") {
      member.magic = text;
    } else if (key == "mode") {
      member.mode = TRY(number_of(text));
    } else if (key == "size") {
      member.size = TRY(number_of(text));
    } else if (key == "checksum") {
      member.checksum = TRY(number_of(text));
    } else {
      return fail(Code::InvalidInput, "unknown argument '" + key + "=" + text + "' for a tar member");
    }
  }
  return member;
}

class Assembler {
 public:
  explicit Assembler(std::span<const Line> lines) : lines_(lines) {}

  Result<Buffer> run() {
    Buffer out = TRY(block(Nested::No));
    if (cut_ && *cut_ < out.size()) out.resize(*cut_);
    for (const auto& [at, byte] : corruptions_) {
      if (at >= out.size()) return fail(Code::InvalidInput, "corrupt: offset is past the end");
      out[at] = byte;
    }
    return out;
  }

 private:
  enum class Nested : std::uint8_t { No, Yes };

  // Instructions up to `end` (or, outside of blocks, up to the last line).
  Result<Buffer> block(Nested nested) {
    const std::size_t opened = at_ > 0 ? lines_[at_ - 1].number : 0;
    Buffer out;
    while (at_ < lines_.size()) {
      const Line& line = lines_[at_++];
      if (line.word == "end" && nested == Nested::Yes) return out;
      auto done = instruction(line, out);
      if (!done) return failed(line, std::move(done).error());
      if (out.size() > kMaxBytes) return failed(line, {Code::LimitReached, "sample is too large"});
    }
    if (nested == Nested::Yes)
      return fail(Code::InvalidInput, "line " + std::to_string(opened) + ": block without end");
    return out;
  }

  static std::unexpected<Error> failed(const Line& line, Error error) {
    if (error.message.starts_with("line ")) return std::unexpected(std::move(error));
    return std::unexpected(
        std::move(error).within("line " + std::to_string(line.number) + ": " + std::string(line.word)));
  }

  Result<void> instruction(const Line& line, Buffer& out) {
    if (is_pickle_opcode(line.word)) return assemble_opcode(line.word, line.rest, out);
    if (find(kIntegers, line.word) != nullptr || line.word == "varint") return integers(line, out);
    if (find(kLengths, line.word) != nullptr || line.word == "lenvarint") return counted(line, out);
    if (is_codec(line.word)) return compressed(line, out);
    if (line.word == "zip") return zip(line, out);
    if (line.word == "tar") return tar(line, out);
    if (line.word == "7z") return sevenzip(out);
    if (line.word == "weights") return weights(line, out);
    if (line.word == "field") return field(line, out);
    if (line.word == "frame") return frame(out);
    if (line.word == "repeat") return repeat(line, out);
    if (line.word == "pad" || line.word == "align") return padding(line, out);
    if (line.word == "corrupt" || line.word == "cut") return afterwards(line);
    return literal(line, out);
  }

  static Result<void> literal(const Line& line, Buffer& out) {
    if (line.word == "hex") {
      const auto content = TRY(hex_of(line.rest));
      put(out, content);
    } else if (line.word == "base64") {
      const auto content = TRY(base64_of(line.rest));
      put(out, content);
    } else if (line.word == "text") {
      const auto content = TRY(text_argument(line.rest));
      put(out, content);
    } else if (line.word == "json") {
      put(out, line.rest);
    } else if (line.word == "line") {
      put(out, std::string(line.rest) + "\n");
    } else if (line.word == "f32" || line.word == "f64") {
      return put_reals(out, line.rest, line.word == "f64");
    } else {
      return fail(Code::InvalidInput, "unknown instruction");
    }
    return {};
  }

  static Result<void> integers(const Line& line, Buffer& out) {
    const Width* width = find(kIntegers, line.word);
    const std::vector<Argument> arguments = TRY(arguments_of(line.rest));
    for (const Argument& argument : arguments) {
      const std::uint64_t value = TRY(number_of(argument.text));
      if (width == nullptr) {
        put_varint(out, value);
      } else {
        put(out, value, width->bytes, width->big_endian);
      }
    }
    return {};
  }

  Result<void> counted(const Line& line, Buffer& out) {
    const Buffer content = TRY(block(Nested::Yes));
    const Width* width = find(kLengths, line.word);
    if (width == nullptr) {
      put_varint(out, content.size());
    } else {
      put(out, content.size(), width->bytes, width->big_endian);
    }
    put(out, content);
    return {};
  }

  Result<void> compressed(const Line& line, Buffer& out) {
    const Buffer content = TRY(block(Nested::Yes));
    const auto packed = TRY(compress(line.word, content));
    put(out, packed);
    return {};
  }

  // field N bytes … end | field N varint V | field N f32 X | field N f64 X
  Result<void> field(const Line& line, Buffer& out) {
    const std::vector<Argument> arguments = TRY(arguments_of(line.rest));
    if (arguments.size() < 2) return fail(Code::InvalidInput, "needs a number and a kind");
    const std::uint64_t number = TRY(number_of(arguments[0].text));
    const std::string& kind = arguments[1].text;
    if (kind == "bytes") {
      put_varint(out, number << 3 | 2);
      // `field N bytes "text"` in one line, or a block.
      Buffer content;
      if (arguments.size() > 2) {
        put(content, arguments[2].text);
      } else {
        content = TRY(block(Nested::Yes));
      }
      put_varint(out, content.size());
      put(out, content);
      return {};
    }
    if (arguments.size() != 3) return fail(Code::InvalidInput, "needs a value");
    if (kind == "varint") {
      const std::uint64_t value = TRY(number_of(arguments[2].text));
      put_varint(out, number << 3);
      put_varint(out, value);
      return {};
    }
    if (kind != "f32" && kind != "f64") return fail(Code::InvalidInput, "unknown kind " + kind);
    put_varint(out, number << 3 | (kind == "f64" ? 1 : 5));
    return put_reals(out, arguments[2].text, kind == "f64");
  }

  // A pickle FRAME of the right length around a block.
  Result<void> frame(Buffer& out) {
    const Buffer content = TRY(block(Nested::Yes));
    out.push_back(0x95);
    put(out, content.size(), 8, false);
    put(out, content);
    return {};
  }

  Result<void> repeat(const Line& line, Buffer& out) {
    const std::uint64_t times = TRY(number_of(line.rest));
    const Buffer content = TRY(block(Nested::Yes));
    if (!content.empty() && times > kMaxBytes / content.size())
      return fail(Code::LimitReached, "too many bytes");
    for (std::uint64_t i = 0; i < times; ++i) put(out, content);
    return {};
  }

  static Result<void> padding(const Line& line, Buffer& out) {
    const std::vector<Argument> arguments = TRY(arguments_of(line.rest));
    if (arguments.empty()) return fail(Code::InvalidInput, "needs a number");
    const std::uint64_t number = TRY(number_of(arguments[0].text));
    if (number > kMaxBytes || number == 0) return fail(Code::InvalidInput, "number out of range");
    const std::uint64_t target = line.word == "pad" ? number : (out.size() + number - 1) / number * number;
    if (target < out.size()) return fail(Code::InvalidInput, "already at " + std::to_string(out.size()));
    std::uint64_t fill = 0;
    if (arguments.size() > 1) fill = TRY(number_of(arguments[1].text));
    out.resize(target, static_cast<std::uint8_t>(fill));
    return {};
  }

  Result<void> afterwards(const Line& line) {
    const std::vector<Argument> arguments = TRY(arguments_of(line.rest));
    if (arguments.empty()) return fail(Code::InvalidInput, "needs an offset");
    const std::uint64_t at = TRY(number_of(arguments[0].text));
    if (line.word == "cut") {
      cut_ = at;
      return {};
    }
    if (arguments.size() != 2) return fail(Code::InvalidInput, "needs an offset and a byte in hex");
    const Buffer byte = TRY(hex_of(arguments[1].text));
    if (byte.size() != 1) return fail(Code::InvalidInput, "needs one byte");
    corruptions_.emplace_back(at, byte[0]);
    return {};
  }

  Result<void> zip(const Line& line, Buffer& out) {
    ZipArchive archive;
    const std::vector<Argument> arguments = TRY(arguments_of(line.rest));
    for (const auto& [key, text] : arguments) {
      if (key.empty() && text == "zip64") {
        archive.zip64 = true;
        continue;
      }
      const std::uint64_t value = TRY(number_of(text));
      if (key == "entries") {
        archive.entries = value;
      } else if (key == "directory_size") {
        archive.directory_size = value;
      } else if (key == "directory_offset") {
        archive.directory_offset = value;
      } else {
        return fail(Code::InvalidInput, "unknown key " + key);
      }
    }
    while (at_ < lines_.size()) {
      const Line& inner = lines_[at_++];
      if (inner.word == "end") {
        const auto content = TRY(build_zip(archive));
        put(out, content);
        return {};
      }
      auto done = zip_part(inner, archive);
      if (!done) return failed(inner, std::move(done).error());
    }
    return fail(Code::InvalidInput, "zip without end");
  }

  // member, prefix, comment, gap (loose bytes between members)
  Result<void> zip_part(const Line& line, ZipArchive& archive) {
    if (line.word == "member") {
      ZipMember member = TRY(zip_member(line.rest));
      member.content = TRY(block(Nested::Yes));
      archive.members.push_back(std::move(member));
    } else if (line.word == "gap") {
      Buffer content = TRY(block(Nested::Yes));
      archive.members.push_back({.name = {}, .content = std::move(content), .raw = true});
    } else if (line.word == "prefix") {
      archive.prefix = TRY(block(Nested::Yes));
    } else if (line.word == "comment") {
      archive.comment = TRY(block(Nested::Yes));
    } else {
      return fail(Code::InvalidInput, "zip knows member, gap, prefix and comment");
    }
    return {};
  }

  Result<void> tar(const Line& line, Buffer& out) {
    if (!line.rest.empty() && line.rest != "unended") return fail(Code::InvalidInput, "knows only 'unended'");
    std::vector<TarMember> members;
    while (at_ < lines_.size()) {
      const Line& inner = lines_[at_++];
      if (inner.word == "end") {
        const auto content = TRY(build_tar(members, line.rest.empty()));
        put(out, content);
        return {};
      }
      if (inner.word != "member") return failed(inner, {Code::InvalidInput, "tar knows only member"});
      auto member = tar_member(inner.rest);
      if (!member) return failed(inner, std::move(member).error());
      member->content = TRY(block(Nested::Yes));
      members.push_back(std::move(*member));
    }
    return fail(Code::InvalidInput, "tar without end");
  }

  Result<void> sevenzip(Buffer& out) {
    std::vector<SevenZipMember> members;
    while (at_ < lines_.size()) {
      const Line& inner = lines_[at_++];
      if (inner.word == "end") {
        put(out, build_sevenzip(members));
        return {};
      }
      if (inner.word != "member") return failed(inner, {Code::InvalidInput, "7z knows only member"});
      std::string name = TRY(text_argument(inner.rest));
      Buffer content = TRY(block(Nested::Yes));
      members.push_back({std::move(name), std::move(content)});
    }
    return fail(Code::InvalidInput, "7z without end");
  }

  // weights N [seed=N] [bits=N] … end: float32 values, the block in their low bits
  Result<void> weights(const Line& line, Buffer& out) {
    std::uint64_t count = 0;
    std::uint64_t seed = 0;
    std::uint64_t bits = 1;
    const std::vector<Argument> arguments = TRY(arguments_of(line.rest));
    for (const auto& [key, text] : arguments) {
      const std::uint64_t value = TRY(number_of(text));
      if (key.empty()) {
        count = value;
      } else if (key == "seed") {
        seed = value;
      } else if (key == "bits") {
        bits = value;
      } else {
        return fail(Code::InvalidInput, "unknown key " + key);
      }
    }
    if (count == 0 || count > kMaxBytes / 4) return fail(Code::InvalidInput, "needs a number of values");
    Buffer values = make_weights(count, seed);
    const Buffer payload = TRY(block(Nested::Yes));
    TRY(hide_in_low_bits(payload, bits, values));
    put(out, values);
    return {};
  }

  std::span<const Line> lines_;
  std::size_t at_ = 0;
  std::optional<std::uint64_t> cut_;
  std::vector<std::pair<std::uint64_t, std::uint8_t>> corruptions_;
};

}  // namespace

Result<Buffer> assemble(std::span<const Line> lines) {
  return Assembler(lines).run();
}

}  // namespace bulwark::recipe
