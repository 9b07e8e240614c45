// Codecs and decompressors that pickles use to carry a payload past string matching.

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "scan/formats/decompress.h"
#include "scan/formats/pickle/evaluate.h"

namespace bulwark::pickle {
namespace {

using Arguments = std::span<const Cell>;

std::optional<std::string> from_hex(std::string_view digits, bool blanks_allowed) {
  std::string out;
  int high = -1;
  for (const char c : digits) {
    int value = -1;
    if (c >= '0' && c <= '9') value = c - '0';
    if (c >= 'a' && c <= 'f') value = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') value = c - 'A' + 10;
    if (value < 0) {
      if (blanks_allowed && high < 0 && (c == ' ' || c == '\n' || c == '\t' || c == '\r')) continue;
      return {};
    }
    if (high < 0) {
      high = value;
    } else {
      out += static_cast<char>(high * 16 + value);
      high = -1;
    }
  }
  if (high >= 0) return {};
  return out;
}

// Bits per digit: 6 for base64, 5 for base32, 4 for base16. Foreign characters are skipped, as b64decode()
// does.
std::string from_base(std::string_view digits, std::string_view alphabet, unsigned bits) {
  std::string out;
  std::uint32_t held = 0;
  unsigned held_bits = 0;
  for (const char c : digits) {
    if (c == '=') break;
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) continue;
    held = (held << bits) | static_cast<std::uint32_t>(value);
    held_bits += bits;
    if (held_bits < 8) continue;
    held_bits -= 8;
    out += static_cast<char>((held >> held_bits) & 0xFF);
  }
  return out;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kBase85 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

std::optional<std::string> from_base85(std::string_view digits, std::string_view alphabet) {
  std::string out;
  for (std::size_t at = 0; at < digits.size(); at += 5) {
    const std::string_view group = digits.substr(at, 5);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      const auto digit = i < group.size() ? alphabet.find(group[i]) : 84;
      if (digit == std::string_view::npos) return {};
      value = value * 85 + digit;
    }
    if (group.size() == 1) return {};
    for (std::size_t i = 0; i + 1 < group.size(); ++i)
      out += static_cast<char>((value >> (24 - 8 * i)) & 0xFF);
  }
  return out;
}

std::string ascii85_alphabet() {
  std::string alphabet;
  for (char c = '!'; c <= 'u'; ++c) alphabet += c;
  return alphabet;
}

std::string rot13(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>('a' + (c - 'a' + 13) % 26);
    if (c >= 'A' && c <= 'Z') c = static_cast<char>('A' + (c - 'A' + 13) % 26);
  }
  return out;
}

std::string from_latin1(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) append_utf8(out, static_cast<std::uint8_t>(c));
  return out;
}

std::optional<std::string> to_latin1(std::string_view utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<std::uint8_t>(utf8[i]);
    if (c < 0x80) {
      out += utf8[i];
    } else if ((c == 0xC2 || c == 0xC3) && i + 1 < utf8.size()) {
      out += static_cast<char>((c & 3) << 6 | (static_cast<std::uint8_t>(utf8[++i]) & 0x3F));
    } else {
      return {};
    }
  }
  return out;
}

std::optional<std::string> from_utf16(std::string_view bytes, bool big) {
  std::string out;
  if (bytes.size() % 2 != 0) return {};
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const auto first = static_cast<std::uint8_t>(bytes[i]);
    const auto second = static_cast<std::uint8_t>(bytes[i + 1]);
    const std::uint32_t unit = big ? first * 256U + second : second * 256U + first;
    if (unit >= 0xD800 && unit < 0xE000) return {};
    if (unit != 0xFEFF) append_utf8(out, unit);
  }
  return out;
}

std::string codec_name(std::string_view name) {
  std::string plain;
  for (const char c : lower(name))
    if (c != '-' && c != '_' && c != ' ') plain += c;
  return plain;
}

std::optional<Cell> unpacked(Evaluator& with, scan::Codec codec, const Cell& content) {
  if (!content.is_view()) return {};
  auto output = scan::decompress(codec, content.view(), with.room());
  if (output) with.charge(output->bytes.size());
  if (!output || output->stopped) return {};
  return with.make(Tag::Bytes, std::string(text_of(output->bytes)));
}

std::optional<Cell> made(Evaluator& with, Tag tag, std::optional<std::string> text) {
  if (!text) return {};
  return with.make(tag, std::move(*text));
}

template <scan::Codec kCodec>
std::optional<Cell> decompressed(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  return unpacked(with, kCodec, arguments[0]);
}

// zlib.decompress(data, wbits): negative means raw deflate, above 15 gzip.
std::optional<Cell> zlib_decompress(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  const auto bits = arguments.size() > 1 ? Evaluator::integer(arguments[1]) : std::optional<std::int64_t>(15);
  if (!bits) return {};
  if (*bits < 0) return unpacked(with, scan::Codec::RawDeflate, arguments[0]);
  if (*bits >= 24 && *bits <= 31) return unpacked(with, scan::Codec::Gzip, arguments[0]);
  return unpacked(with, scan::Codec::Zlib, arguments[0]);
}

std::optional<Cell> lzma_decompress(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  auto as_xz = unpacked(with, scan::Codec::Xz, arguments[0]);
  return as_xz ? as_xz : unpacked(with, scan::Codec::LzmaAlone, arguments[0]);
}

std::optional<Cell> b64decode(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  const auto digits = Evaluator::characters(arguments[0]);
  if (!digits) return {};
  return with.make(Tag::Bytes, from_base(*digits, kBase64, 6));
}
std::optional<Cell> urlsafe_b64decode(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  const auto digits = Evaluator::characters(arguments[0]);
  if (!digits) return {};
  return with.make(Tag::Bytes, from_base(*digits, kUrlSafe, 6));
}
std::optional<Cell> b32decode(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  const auto digits = Evaluator::characters(arguments[0]);
  if (!digits) return {};
  return with.make(Tag::Bytes, from_base(*digits, kBase32, 5));
}
std::optional<Cell> b85decode(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  const auto digits = Evaluator::characters(arguments[0]);
  return digits ? made(with, Tag::Bytes, from_base85(*digits, kBase85)) : std::nullopt;
}
std::optional<Cell> a85decode(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  const auto digits = Evaluator::characters(arguments[0]);
  return digits ? made(with, Tag::Bytes, from_base85(*digits, ascii85_alphabet())) : std::nullopt;
}
std::optional<Cell> fromhex(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  const auto digits = Evaluator::characters(arguments[0]);
  return digits ? made(with, Tag::Bytes, from_hex(*digits, true)) : std::nullopt;
}
std::optional<Cell> unhexlify(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  const auto digits = Evaluator::characters(arguments[0]);
  return digits ? made(with, Tag::Bytes, from_hex(*digits, false)) : std::nullopt;
}
std::optional<Cell> hexlify(Evaluator& with, Arguments arguments) {
  if (arguments.empty() || !arguments[0].is_view()) return {};
  return with.make(Tag::Bytes, hex(arguments[0].view()));
}

std::string_view encoding_of(Arguments arguments, std::string_view otherwise) {
  if (arguments.size() < 2) return otherwise;
  return Evaluator::text(arguments[1]).value_or("?");
}
std::optional<Cell> decode(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  return decode_as(with, arguments[0], encoding_of(arguments, "utf8"));
}
std::optional<Cell> encode(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  return encode_as(with, arguments[0], encoding_of(arguments, "utf8"));
}

constexpr PureRow kRows[] = {
    {"_bz2.decompress", decompressed<scan::Codec::Bzip2>},
    {"_codecs.decode", decode},
    {"_codecs.encode", encode},
    {"_lzma.decompress", lzma_decompress},
    {"base64.a85decode", a85decode},
    {"base64.b16decode", unhexlify},
    {"base64.b32decode", b32decode},
    {"base64.b64decode", b64decode},
    {"base64.b85decode", b85decode},
    {"base64.decodebytes", b64decode},
    {"base64.decodestring", b64decode},
    {"base64.standard_b64decode", b64decode},
    {"base64.urlsafe_b64decode", urlsafe_b64decode},
    {"binascii.a2b_base64", b64decode},
    {"binascii.a2b_hex", unhexlify},
    {"binascii.b2a_hex", hexlify},
    {"binascii.hexlify", hexlify},
    {"binascii.unhexlify", unhexlify},
    {"builtins.bytearray.decode", decode},
    {"builtins.bytearray.fromhex", fromhex},
    {"builtins.bytes.decode", decode},
    {"builtins.bytes.fromhex", fromhex},
    {"builtins.str.encode", encode},
    {"bz2.decompress", decompressed<scan::Codec::Bzip2>},
    {"codecs.decode", decode},
    {"codecs.encode", encode},
    {"gzip.decompress", decompressed<scan::Codec::Gzip>},
    {"lzma.decompress", lzma_decompress},
    {"zlib.decompress", zlib_decompress},
};

}  // namespace

std::span<const PureRow> codec_functions() {
  return kRows;
}

std::optional<Cell> decode_as(Evaluator& with, const Cell& content, std::string_view encoding) {
  const auto bytes = Evaluator::characters(content);
  if (!bytes) return {};
  const std::string name = codec_name(encoding);
  if (name == "utf8" || name == "ascii" || name == "usascii" || name == "utf8sig")
    return is_utf8(*bytes) ? with.make(Tag::Str, std::string(*bytes)) : std::nullopt;
  if (name == "latin1" || name == "iso88591" || name == "l1" || name == "cp1252" ||
      name == "rawunicodeescape")
    return with.make(Tag::Str, from_latin1(*bytes));
  if (name == "utf16" || name == "utf16le") return made(with, Tag::Str, from_utf16(*bytes, false));
  if (name == "utf16be") return made(with, Tag::Str, from_utf16(*bytes, true));
  if (name == "rot13" || name == "rot13codec") return with.make(Tag::Str, rot13(*bytes));
  if (name == "hex" || name == "hexcodec") return made(with, Tag::Bytes, from_hex(*bytes, true));
  if (name == "base64" || name == "base64codec") return with.make(Tag::Bytes, from_base(*bytes, kBase64, 6));
  if (name == "zlib" || name == "zip" || name == "zlibcodec")
    return unpacked(with, scan::Codec::Zlib, content);
  if (name == "bz2" || name == "bz2codec") return unpacked(with, scan::Codec::Bzip2, content);
  return {};
}

std::optional<Cell> encode_as(Evaluator& with, const Cell& content, std::string_view encoding) {
  const auto text = Evaluator::characters(content);
  if (!text) return {};
  const std::string name = codec_name(encoding);
  if (name == "utf8" || name == "ascii") return with.make(Tag::Bytes, std::string(*text));
  if (name == "latin1" || name == "iso88591" || name == "rawunicodeescape")
    return made(with, Tag::Bytes, to_latin1(*text));
  if (name == "rot13") return with.make(Tag::Str, rot13(*text));
  if (name == "hex" || name == "hexcodec") return with.make(Tag::Bytes, hex(bytes_of(*text)));
  return {};
}

}  // namespace bulwark::pickle
