#include "scan/knowledge/instructions.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/one_of.h"
#include "base/text.h"
#include "scan/formats/hidden_text.h"
#include "scan/knowledge/folded_words.h"
#include "scan/knowledge/word_patterns.h"

extern "C" const char bw_agent_instructions[], bw_agent_instructions_end[];

namespace bulwark::scan {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kKinds = {{
    {"override", "cancels earlier instructions"},
    {"secrecy", "keeps something from the user"},
    {"exfiltration", "sends data away"},
    {"harvest", "reads credentials or private files"},
    {"hijack", "puts itself before or in place of other tools"},
    {"jailbreak", "makes the model drop its rules"},
    {"role", "forges the marks of a conversation"},
    {"spread", "copies itself"},
    {"command", "runs commands or asks nobody"},
}};

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::size_t kMostFound = 100;
constexpr std::size_t kMostLayers = 64;  // encoded pieces that are read as well

const WordPatterns& patterns() {
  static const WordPatterns patterns = [] {
    std::vector<std::string_view> kinds;
    for (const auto& [name, says] : kKinds) kinds.push_back(name);
    return WordPatterns(
        {bw_agent_instructions, static_cast<std::size_t>(bw_agent_instructions_end - bw_agent_instructions)},
        kinds);
  }();
  return patterns;
}

// Whether what starts at `first` is forbidden or talked about: "never …", "text such as …", "attackers …".
bool is_mention(std::string_view text, const std::vector<Word>& words, std::size_t first,
                InstructionKind kind) {
  const std::size_t from = first > 10 ? first - 10 : 0;
  for (std::size_t i = first; i-- > from;) {
    const std::string_view word = words[i].text;
    const std::size_t distance = first - i;
    // A sentence that ended before speaks of something else, unless it introduces a quotation.
    const std::string_view between = text.substr(words[i].end, words[i + 1].offset - words[i].end);
    if (words[i + 1].starts_sentence && between.find_first_of(":\"'") == std::string_view::npos) return false;
    const bool forbids =
        is_one_of(word, {"never", "don't", "dont", "not", "avoid", "refuse", "cannot", "can't", "mustn't"});
    if (forbids && distance <= 4 && kind != InstructionKind::Secrecy) return true;
    if (is_one_of(word, {"such",      "like",       "example",   "e.g",        "phrase",    "phrases",
                         "says",      "say",        "saying",    "asks",       "asking",    "attempts",
                         "attempt",   "attempting", "tries",     "trying",     "detect",    "detects",
                         "reject",    "rejects",    "block",     "blocks",     "flag",      "flags",
                         "attack",    "attacks",    "attacker",  "attackers",  "injection", "injections",
                         "malicious", "untrusted",  "jailbreak", "jailbreaks", "called",    "named",
                         "quoted",    "whether"}))
      return true;
  }
  return false;
}

class Reader {
 public:
  std::vector<Instruction> read(std::string_view text) {
    text = text.substr(0, kMostBytes);
    search(text, {}, {});
    forged_marks(text);
    for (const HiddenRun& run : hidden_runs(text))
      if (!run.says.empty()) search(run.says, run.offset, name_of(run.kind));
    encoded_layers(text);
    std::ranges::stable_sort(found_, {}, &Instruction::offset);
    return std::move(found_);
  }

 private:
  // `at`: where a hidden layer stands in the text that is read; empty: `text` is that text.
  void search(std::string_view text, std::optional<std::uint64_t> at, std::string_view disguise) {
    const std::vector<Word> words = folded_words(text);
    std::map<InstructionKind, std::size_t>
        seen_until;  // a second pattern over the same words says nothing new
    std::vector<WordPatterns::Match> matches;
    for (std::size_t i = 0; i < words.size() && found_.size() < kMostFound; ++i) {
      matches.clear();
      patterns().match(words, i, matches);
      for (const WordPatterns::Match& match : matches) {
        const auto kind = static_cast<InstructionKind>(match.kind);
        std::size_t& until = seen_until[kind];
        if (i < until) continue;
        until = match.end;
        const std::uint64_t first = words[i].offset;
        Instruction found;
        found.kind = kind;
        found.offset = at.value_or(first);
        found.quote = printable(trim(text.substr(first, words[match.end - 1].end - first)));
        found.disguise = disguise.empty() ? disguise_of(text, words, i, match.end) : disguise;
        found.mentioned = is_mention(text, words, i, kind);
        found_.push_back(std::move(found));
      }
    }
  }

  // What had to be unfolded to read the words.
  static std::string_view disguise_of(std::string_view text, const std::vector<Word>& words,
                                      std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const std::string source = lower(text.substr(words[i].offset, words[i].end - words[i].offset));
      if (source != words[i].text) return "unusual letters";
    }
    return {};
  }

  void forged_marks(std::string_view text) {
    constexpr auto kMarks = std::to_array<std::string_view>(
        {"<|im_start|>", "<|im_end|>", "<|system|>", "<|start_header_id|>", "<|eot_id|>", "[INST]", "<<SYS>>",
         "</system>", "<system>", "### System:", "</tool_result>", "</function_results>", "<|endoftext|>"});
    for (const std::string_view mark : kMarks) {
      const std::size_t at = text.find(mark);
      if (at == std::string_view::npos || found_.size() >= kMostFound) continue;
      found_.push_back({InstructionKind::Role, at, std::string(mark), {}, false});
    }
  }

  void encoded_layers(std::string_view text) {
    std::size_t layers = 0;
    for (std::size_t at = 0; at < text.size() && layers < kMostLayers;) {
      const std::size_t end = std::min(text.find_first_not_of(kBase64Letters, at), text.size());
      if (end - at >= kLeastEncoded) {
        layers += decoded(text.substr(at, std::min<std::size_t>(end - at, 1 << 16)), at);
        at = end;
      }
      at = std::max(end, at) + 1;
    }
    whole_text_ciphers(text);
  }

  std::size_t decoded(std::string_view piece, std::size_t at) {
    const std::string_view base = piece.substr(0, piece.size() - piece.size() % 4);
    if (const auto bytes = decode_base64(base, Base64::UrlSafeToo); bytes && is_readable(*bytes)) {
      search(*bytes, at, "base64");
      return 1;
    }
    if (const auto bytes = from_hex(piece); bytes && is_readable(*bytes)) {
      search(*bytes, at, "hexadecimal");
      return 1;
    }
    return 0;
  }

  // Only where the plain reading found nothing: most texts are no cipher, and reading them again costs.
  void whole_text_ciphers(std::string_view text) {
    constexpr std::size_t kMostCiphered = 64 << 10;
    if (!found_.empty() || text.size() > kMostCiphered) return;
    std::string turned(text);
    for (char& c : turned) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>('a' + (c - 'a' + 13) % 26);
      if (c >= 'A' && c <= 'Z') c = static_cast<char>('A' + (c - 'A' + 13) % 26);
    }
    search(turned, 0, "rot13");
    search(std::string(text.rbegin(), text.rend()), 0, "reversed text");
  }

  static std::optional<std::string> from_hex(std::string_view piece) {
    std::string bytes;
    const auto value = [](char c) {
      return c >= '0' && c <= '9'   ? c - '0'
             : c >= 'a' && c <= 'f' ? c - 'a' + 10
             : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                    : -1;
    };
    for (std::size_t i = 0; i + 1 < piece.size(); i += 2) {
      const int high = value(piece[i]);
      const int low = value(piece[i + 1]);
      if (high < 0 || low < 0) return {};
      bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
  }

  static bool is_readable(std::string_view bytes) {
    const auto readable =
        std::ranges::count_if(bytes, [](char c) { return (c >= ' ' && c <= '~') || c == '\n'; });
    return !bytes.empty() && static_cast<std::size_t>(readable) * 20 >= bytes.size() * 19;
  }

  static constexpr std::string_view kBase64Letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-";
  static constexpr std::size_t kLeastEncoded = 24;
  std::vector<Instruction> found_;
};

}  // namespace

std::string_view name_of(InstructionKind kind) {
  return kKinds[std::to_underlying(kind)].second;
}

std::vector<Instruction> instructions_in(std::string_view text) {
  return Reader().read(text);
}

}  // namespace bulwark::scan
