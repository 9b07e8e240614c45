#include "ledger/note.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace bulwark::ledger {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // em dash, blank
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kEd25519SignatureBytes = 64;

// What Unicode calls a space, control characters aside (no note may hold those).
constexpr auto kSpaces = std::to_array<std::string_view>({" ",
                                                          "\xC2\x85",
                                                          "\xC2\xA0",
                                                          "\xE1\x9A\x80",
                                                          "\xE2\x80\x80",
                                                          "\xE2\x80\x81",
                                                          "\xE2\x80\x82",
                                                          "\xE2\x80\x83",
                                                          "\xE2\x80\x84",
                                                          "\xE2\x80\x85",
                                                          "\xE2\x80\x86",
                                                          "\xE2\x80\x87",
                                                          "\xE2\x80\x88",
                                                          "\xE2\x80\x89",
                                                          "\xE2\x80\x8A",
                                                          "\xE2\x80\xA8",
                                                          "\xE2\x80\xA9",
                                                          "\xE2\x80\xAF",
                                                          "\xE2\x81\x9F",
                                                          "\xE3\x80\x80"});

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; });
}

void append_big_endian(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = bytes; i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

std::vector<std::uint8_t> copy_of(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

std::uint32_t key_id(std::string_view name, KeyKind kind, Bytes key) {
  std::string content(name);
  content += '\n';
  content += static_cast<char>(kind);
  content += text_of(key);
  const crypto::Hash256 hash = crypto::sha256_bytes(bytes_of(content));
  return load_big_endian<std::uint32_t>(hash.data());
}

std::string hex_id(std::uint32_t id) {
  std::string bytes;
  append_big_endian(bytes, id, kKeyIdBytes);
  return hex(bytes_of(bytes));
}

std::string cosigned_message(Seconds time, std::string_view text) {
  return "cosignature/v1\ntime " + std::to_string(time.time_since_epoch().count()) + "\n" + std::string(text);
}

std::unexpected<Error> malformed(std::string_view why) {
  return fail(Code::InvalidInput, "not a signed note: " + std::string(why));
}

Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kDash)) return malformed("a signature line starts with an em dash and a blank");
  line.remove_prefix(kDash.size());
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return malformed("a signature line has a name and a signature");
  const std::string_view name = line.substr(0, blank);
  if (!is_key_name(name)) return malformed("'" + printable(name, 60) + "' is no key name");
  const auto bytes = decode_canonical_base64(line.substr(blank + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes)
    return malformed("the signature of " + printable(name, 60) + " is no base64 of a key id and a signature");
  const Bytes all = bytes_of(*bytes);
  return NoteSignature{.name = std::string(name),
                       .key_id = load_big_endian<std::uint32_t>(all.data()),
                       .bytes = copy_of(all.subspan(kKeyIdBytes))};
}

Result<void> check_text(std::string_view text, const NoteLimits& limits) {
  if (text.size() > limits.bytes)
    return fail(Code::LimitReached, "signed note: " + std::to_string(text.size()) + " bytes, at most " +
                                        std::to_string(limits.bytes) + " are read");
  if (has_control(text)) return malformed("control characters");
  if (!is_utf8(text)) return malformed("no UTF-8");
  return {};
}

}  // namespace

bool is_key_name(std::string_view name) {
  if (name.empty() || name.find('+') != std::string_view::npos || has_control(name) ||
      name.find('\n') != std::string_view::npos || !is_utf8(name))
    return false;
  return std::ranges::none_of(
      kSpaces, [&](std::string_view space) { return name.find(space) != std::string_view::npos; });
}

Result<std::vector<NoteSignature>> parse_signature_lines(std::string_view text, const NoteLimits& limits) {
  TRY(check_text(text, limits));
  if (!text.ends_with('\n')) return malformed("the last line has no end");
  text.remove_suffix(1);
  std::vector<NoteSignature> signatures;
  for (const std::string_view line : split(text, '\n')) {
    if (signatures.size() == limits.signatures)
      return fail(Code::LimitReached,
                  "signed note: more than " + std::to_string(limits.signatures) + " signatures");
    NoteSignature signature = TRY(parse_signature(line));
    signatures.push_back(std::move(signature));
  }
  return signatures;
}

Result<Note> parse_note(std::string_view text, const NoteLimits& limits) {
  TRY(check_text(text, limits));
  const std::size_t empty_line = text.rfind("\n\n");
  if (empty_line == std::string_view::npos) return malformed("no empty line before the signatures");
  Note note{.text = std::string(text.substr(0, empty_line + 1)), .signatures = {}};
  note.signatures = TRY(parse_signature_lines(text.substr(empty_line + 2), limits));
  return note;
}

std::string to_text(const NoteSignature& signature) {
  std::string bytes;
  append_big_endian(bytes, signature.key_id, kKeyIdBytes);
  bytes += text_of(signature.bytes);
  return std::string(kDash) + signature.name + " " + encode_base64(bytes_of(bytes)) + "\n";
}

std::string to_text(const Note& note) {
  std::string text = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) text += to_text(signature);
  return text;
}

NoteKey::NoteKey(std::string name, KeyKind kind, const crypto::PublicKey& key)
    : name_(std::move(name)), kind_(kind), id_(key_id(name_, kind, key.raw())), key_(key) {}

Result<NoteKey> NoteKey::make(std::string_view name, KeyKind kind, const crypto::PublicKey& key) {
  if (!is_key_name(name))
    return fail(Code::InvalidInput,
                "'" + printable(name, 60) + "' is no key name: it must not be empty nor hold blanks or '+'");
  if (key.type() != crypto::KeyType::Ed25519)
    return fail(Code::Unsupported,
                "notes are signed with ed25519 keys, not with " + std::string(crypto::name_of(key.type())));
  return NoteKey(std::string(name), kind, key);
}

Result<NoteKey> NoteKey::parse(std::string_view vkey) {
  const auto wrong = [&](std::string_view why) {
    return fail(Code::InvalidInput,
                "'" + printable(vkey, 120) + "' is no verifier key (name+id+key): " + std::string(why));
  };
  const std::size_t first = vkey.find('+');
  const std::size_t second = first == std::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == std::string_view::npos) return wrong("it has three parts");
  const std::string_view id = vkey.substr(first + 1, second - first - 1);
  const auto bytes = decode_canonical_base64(vkey.substr(second + 1));
  if (!bytes || bytes->empty()) return wrong("its key is no base64");
  const auto kind = static_cast<KeyKind>(bytes->front());
  if (kind != KeyKind::Ed25519 && kind != KeyKind::Cosignature)
    return fail(Code::Unsupported, "'" + printable(vkey, 120) +
                                       "' is of a kind that is not supported: only " +
                                       "Ed25519 (1) and cosignatures (4) are");
  const auto key = crypto::PublicKey::from_ed25519(bytes_of(*bytes).subspan(1));
  if (!key) return wrong(key.error().message);
  NoteKey parsed = TRY(make(vkey.substr(0, first), kind, *key));
  if (lower(id) != hex_id(parsed.id())) return wrong("its id should be " + hex_id(parsed.id()));
  return parsed;
}

std::string NoteKey::vkey() const {
  std::string bytes(1, static_cast<char>(kind_));
  bytes += text_of(key_.raw());
  return name_ + "+" + hex_id(id_) + "+" + encode_base64(bytes_of(bytes));
}

bool NoteKey::made(const NoteSignature& signature) const {
  return signature.key_id == id_ && signature.name == name_;
}

Result<Seconds> NoteKey::verify(std::string_view text, const NoteSignature& signature) const {
  Bytes bytes = signature.bytes;
  Seconds time{};
  std::string message(text);
  if (kind_ == KeyKind::Cosignature && bytes.size() >= kTimeBytes) {
    const auto seconds = load_big_endian<std::uint64_t>(bytes.data());
    if (seconds > std::uint64_t{1} << 62)
      return fail(Code::Corrupt, "the cosignature of " + name_ + " states an impossible time");
    time = Seconds(std::chrono::seconds(seconds));
    message = cosigned_message(time, text);
    bytes = bytes.subspan(kTimeBytes);
  }
  if (bytes.size() != kEd25519SignatureBytes ||
      !key_.verify(crypto::HashAlgorithm::Sha512, bytes_of(message), bytes))
    return fail(Code::Corrupt, "the signature of " + printable(name_, 60) + " does not verify");
  return time;
}

Result<std::vector<VerifiedSignature>> verify(const Note& note, std::span<const NoteKey> keys) {
  std::vector<VerifiedSignature> verified;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    bool seen = false;
    for (const NoteSignature& signature : note.signatures) {
      if (!keys[i].made(signature)) continue;
      const Seconds time = TRY(keys[i].verify(note.text, signature));
      if (!seen) verified.push_back({.key = i, .time = time});
      seen = true;
    }
  }
  if (!verified.empty()) return verified;
  std::string names;
  for (const NoteKey& key : keys) names += (names.empty() ? "" : ", ") + printable(key.name(), 60);
  return fail(Code::Corrupt, "no signature of " + (names.empty() ? std::string("any known key") : names));
}

Result<NoteSignature> sign_note(std::string_view name, const crypto::Signer& signer, std::string_view text) {
  const NoteKey key = TRY(NoteKey::make(name, KeyKind::Ed25519, signer.public_key()));
  auto bytes = TRY(signer.sign(bytes_of(text)));
  return NoteSignature{.name = key.name(), .key_id = key.id(), .bytes = std::move(bytes)};
}

Result<NoteSignature> cosign(std::string_view name, const crypto::Signer& signer, Seconds time,
                             std::string_view text) {
  const NoteKey key = TRY(NoteKey::make(name, KeyKind::Cosignature, signer.public_key()));
  if (time.time_since_epoch().count() < 0)
    return fail(Code::InvalidInput, "a cosignature cannot state a time before 1970");
  const auto signature = TRY(signer.sign(bytes_of(cosigned_message(time, text))));
  std::string bytes;
  append_big_endian(bytes, static_cast<std::uint64_t>(time.time_since_epoch().count()), kTimeBytes);
  bytes += text_of(signature);
  return NoteSignature{.name = key.name(), .key_id = key.id(), .bytes = copy_of(bytes_of(bytes))};
}

}  // namespace bulwark::ledger
