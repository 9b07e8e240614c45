#pragma once
// Does a document try to steer the model that will read it, or the search that will find it?
//
// Single sentences prove little: manuals say "send the token to the endpoint", mails say "ignore my previous
// message", articles about attacks quote them. So what is found gets points, points of different kinds that
// stand together are added up, and what is quoted, shown as code or talked about counts less. Pure, linear,
// without state: the same function judges a corpus before it is indexed and a passage when it is retrieved.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::assay {

// How far the source of a document is trusted. An untrusted source is held or refused earlier; a trusted one
// is never refused, only held for a person: its account may have been taken over.
enum class Tier : std::uint8_t { Untrusted, Standard, Trusted };
[[nodiscard]] std::string_view name_of(Tier tier);

enum class SignalKind : std::uint8_t {
  Instruction,       // a sentence aimed at a model
  HiddenText,        // text that rendering does not show
  HiddenCharacters,  // characters that a person does not see
  ForgedDelimiter,   // marks of a conversation, of chunks or of tool results
  RetrievalBait,     // made to be found: repeated questions, stuffed keywords
  Exfiltration,      // a link or picture whose address is to be filled with what the model knows
  Secret,            // a credential
};
[[nodiscard]] std::string_view name_of(SignalKind kind);  // "instruction", "hidden text" …

struct Signal {
  SignalKind kind = SignalKind::Instruction;
  std::uint64_t offset = 0;  // bytes from the start of the document
  double points = 0;         // 0: quoted or talked about
  std::string says;          // what it does, for people: "cancels earlier instructions, in white text"
  std::string evidence;      // printable, at most 120 characters, secrets masked
};

// Accept, hold for a person, refuse.
enum class DocumentVerdict : std::uint8_t { Accept, Hold, Refuse };
[[nodiscard]] std::string_view name_of(DocumentVerdict verdict);

struct DocumentJudgement {
  std::vector<Signal> signals;  // in order of offset, at most 100
  double points = 0;            // of the place where most stands together
  DocumentVerdict verdict = DocumentVerdict::Accept;
  bool complete = true;  // false: only the first kDocumentBytes were read
};

struct DocumentContext {
  Tier tier = Tier::Standard;
  bool secrets = true;    // look for credentials, too
  std::string_view path;  // under which the document is known; tells what kind of text it is
};

inline constexpr std::size_t kDocumentBytes = std::size_t{16} << 20;

// Any bytes; linear. Threads: safe from many at once.
[[nodiscard]] DocumentJudgement judge_document(std::string_view text, const DocumentContext& context = {});

// The verdict on so many points.
[[nodiscard]] DocumentVerdict verdict_of(double points, Tier tier);

// The document as one chunk of context: marks of conversations and chunks are taken apart ("<|im_start|>"
// becomes "< |im_start| >"), invisible characters, hidden elements and comments are left out. What a reader
// sees stays as it is.
[[nodiscard]] std::string as_one_chunk(std::string_view text);

}  // namespace bulwark::assay
