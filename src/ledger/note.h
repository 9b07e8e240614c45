#pragma once
// Signed notes, C2SP signed-note v1.0.0: a text, an empty line, and one line for each signature. Reading
// keeps what it does not know; only verify() says that a text may be believed.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "crypto/signing.h"

namespace bulwark::ledger {

struct NoteLimits {
  // A checkpoint with a hundred post-quantum cosignatures has some 600 KB.
  std::uint64_t bytes = 1'000'000;
  // The specification asks for 16 at least. Each one from a known key costs a verification (0.1 ms).
  std::size_t signatures = 100;
};

// One signature line. `bytes` is what follows the key id, whatever kind of key it is.
struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  std::vector<std::uint8_t> bytes;

  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};

struct Note {
  std::string text;  // with its last line feed, without the empty line behind it
  std::vector<NoteSignature> signatures;

  friend bool operator==(const Note&, const Note&) = default;
};

// Strict: valid UTF-8 without control characters, one spelling for every base64 text, nothing behind the last
// line. Errors: InvalidInput, LimitReached.
[[nodiscard]] Result<Note> parse_note(std::string_view text, const NoteLimits& limits = {});
[[nodiscard]] std::string to_text(const Note& note);
[[nodiscard]] std::string to_text(const NoteSignature& signature);  // its line, with the line feed
// Signature lines alone, as a witness answers with them. Errors as above.
[[nodiscard]] Result<std::vector<NoteSignature>> parse_signature_lines(std::string_view text,
                                                                       const NoteLimits& limits = {});

// The byte that a key id is made with.
enum class KeyKind : std::uint8_t {
  Ed25519 = 0x01,
  Cosignature = 0x04,  // Ed25519 over time and text, C2SP tlog-cosignature
};

[[nodiscard]] bool is_key_name(std::string_view name);  // not empty, no blanks of any script, no '+'

using Seconds = std::chrono::sys_time<std::chrono::seconds>;

// Whom we believe: a name and a public key. Written as "name+id+key" (a vkey).
class NoteKey {
 public:
  // Errors: InvalidInput (form, an id that is not the key's), Unsupported (other kinds of keys).
  [[nodiscard]] static Result<NoteKey> parse(std::string_view vkey);
  // `key`: Ed25519. Errors: InvalidInput (name), Unsupported (another type of key).
  [[nodiscard]] static Result<NoteKey> make(std::string_view name, KeyKind kind,
                                            const crypto::PublicKey& key);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint32_t id() const { return id_; }
  [[nodiscard]] KeyKind kind() const { return kind_; }
  [[nodiscard]] std::string vkey() const;
  [[nodiscard]] bool made(const NoteSignature& signature) const;  // by name and id: not yet verified

  // The time that a cosignature states; the epoch for other signatures. Errors: Corrupt.
  [[nodiscard]] Result<Seconds> verify(std::string_view text, const NoteSignature& signature) const;

 private:
  NoteKey(std::string name, KeyKind kind, const crypto::PublicKey& key);

  std::string name_;
  KeyKind kind_;
  std::uint32_t id_ = 0;
  crypto::PublicKey key_;
};

struct VerifiedSignature {
  std::size_t key = 0;  // position among the keys given
  Seconds time{};       // of a cosignature
};

// Signatures of the keys given, at most one a key, in order of the keys; lines of others are passed over.
// Errors: Corrupt: no such signature, or one of a known key that does not verify: then the whole note is
// refused.
[[nodiscard]] Result<std::vector<VerifiedSignature>> verify(const Note& note, std::span<const NoteKey> keys);

// `signer`: Ed25519. Errors: InvalidInput, Unsupported, those of the signer.
[[nodiscard]] Result<NoteSignature> sign_note(std::string_view name, const crypto::Signer& signer,
                                              std::string_view text);
// `text`: of a checkpoint.
[[nodiscard]] Result<NoteSignature> cosign(std::string_view name, const crypto::Signer& signer, Seconds time,
                                           std::string_view text);

}  // namespace bulwark::ledger
