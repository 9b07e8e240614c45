// Sentences aimed at a model: the patterns that scan knows of agents' texts, and those that only documents
// have.

#include "scan/knowledge/instructions.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "assay/text/evidence.h"
#include "base/one_of.h"
#include "base/text.h"
#include "scan/knowledge/word_patterns.h"

extern "C" const char bw_text_instructions[], bw_text_instructions_end[];

namespace bulwark::assay {
namespace {

struct Family {
  std::string_view name;
  double points;
  std::string_view says;
};
constexpr auto kFamilies = std::to_array<Family>({
    {"address", 1.2, "speaks to a model"},
    {"order", 1.6, "orders models about"},
    {"when", 0.9, "prescribes an answer to a question"},
    {"answer", 1.0, "prescribes an answer"},
    {"promote", 1.0, "has itself recommended"},
    {"output", 1.0, "writes into answers"},
    {"rubric", 0.5, "says what an answer says"},
    {"stop", 1.2, "replaces the task"},
    {"steer", 0.9, "sends people somewhere through the model"},
    {"priority", 1.2, "puts itself above other sources"},
    {"identity", 1.2, "gives the model another task"},
    {"obey", 1.0, "demands obedience"},
    {"authority", 1.2, "claims an authority"},
    {"reveal", 1.4, "asks for what the model must keep"},
    {"tooling", 1.2, "calls tools"},
    {"consent", 0.8, "asks nobody"},
    {"review", 1.2, "prescribes a judgement"},
});

const scan::WordPatterns& patterns() {
  static const scan::WordPatterns patterns = [] {
    std::vector<std::string_view> kinds;
    for (const Family& family : kFamilies) kinds.push_back(family.name);
    return scan::WordPatterns(
        {bw_text_instructions, static_cast<std::size_t>(bw_text_instructions_end - bw_text_instructions)},
        kinds);
  }();
  return patterns;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<signed char>(c) >= 0; });
}

// In other scripts words are not between blanks: the usual wordings of "ignore the instructions above";
// first letters that may be capitals are left out.
constexpr auto kOtherScripts = std::to_array<std::string_view>({
    "忽略之前的",
    "忽略以上",
    "忽略上述",
    "忽略前面的",
    "忽略所有",
    "忽略先前",
    "无视之前的",
    "无视以上",
    "無視之前的",
    "忽略先前的",
    "請忽略",
    "以前の指示を無視",
    "これまでの指示を無視",
    "上記の指示を無視",
    "前の指示を無視",
    "すべての指示を無視",
    "이전 지시를 무시",
    "이전의 모든 지시를 무시",
    "위의 지시를 무시",
    "이전 지침을 무시",
    "이전 명령을 무시",
    "تجاهل التعليمات السابقة",
    "تجاهل جميع التعليمات",
    "تجاهل كل التعليمات",
    "पिछले निर्देशों को अनदेखा",
    "पिछले सभी निर्देशों",
    "התעלם מההוראות הקודמות",
    "התעלם מכל ההוראות",
    "nceki talimatları yok say",
    "nceki tüm talimatları",
    "ỏ qua các hướng dẫn trước",
    "ỏ qua mọi hướng dẫn",
    "ignoruj poprzednie instrukcje",
    "ignoruj wszystkie poprzednie",
    "egeer alle vorige instructies",
    "egeer de vorige instructies",
    "gnorera tidigare instruktioner",
    "gnorera alla tidigare",
    "baikan semua instruksi",
    "baikan instruksi sebelumnya",
    "γνόησε τις προηγούμενες οδηγίες",
    "гноруй попередні інструкції",
});

bool holds_one_of(std::string_view text, std::span<const std::string_view> parts) {
  return std::ranges::any_of(
      parts, [&](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

// "Ignore the previous instructions" is meant for a model far more often than "ignore my previous message",
// "ignore all instructions on the card" or "updated instructions for the installer".
double points_of_override(std::string_view quote) {
  constexpr auto kRules = std::to_array<std::string_view>(
      {"instr", "1nstr", "prompt", "guideline", "directive", "guardrail", "programming", "consigne",
       "anweisung", "befehl", "regeln", "istruz", "инструкц", "указан", "правил", "команд", "restriction",
       "filter", "policy"});
  constexpr auto kBefore = std::to_array<std::string_view>(
      {"previous", "pr3vi0us", "prior",  "earlier",  "above",    "preceding", "former", "existing",
       "original", "initial",  "system", "safety",   "security", "developer", "your",   "anterior",
       "previas",  "précéd",   "preced", "vorherig", "bisherig", "obig",      "früher", "vorig",
       "предыдущ", "прежн",    "прошл",  "todas",    "toutes",   "tutte"});
  std::string folded;
  for (const char c : lower(quote))
    if (c != ' ') folded += c;  // "i g n o r e"
  const bool announces = std::ranges::any_of(
      std::to_array<std::string_view>({"new", "updated", "real", "actual", "revised", "true", "from"}),
      [&](std::string_view start) { return folded.starts_with(start); });
  if (announces || !holds_one_of(folded, kRules))
    return holds_one_of(folded, {{"everything", "anything"}}) ? 1.2 : 0.7;
  return holds_one_of(folded, kBefore) || !is_ascii(folded) ? 2.0 : 1.0;
}

double points_of(const scan::Instruction& found) {
  using Kind = scan::InstructionKind;
  switch (found.kind) {
    case Kind::Override: return points_of_override(found.quote);
    case Kind::Jailbreak: return 1.6;
    case Kind::Exfiltration: return 1.2;
    case Kind::Secrecy: return 1.1;
    case Kind::Harvest: return 0.8;
    case Kind::Spread: return 1.2;
    case Kind::Hijack: return 0.6;
    case Kind::Command: return 0.6;
    case Kind::Role: return 0;  // marks are looked at by find_forged_marks
  }
  return 0;
}

// A text in base64 or Unicode tags that turns out to be an order was not written for people. Unusual letters
// happen in honest text, too.
double points_of_disguise(const scan::Instruction& found) {
  if (found.disguise.empty()) return 0;
  if (found.disguise == "unusual letters") return found.kind == scan::InstructionKind::Override ? 0.6 : 0;
  return 2;
}

// What is left of the points where the sentence is shown and not said.
double share_of(const Passage& passage, std::uint64_t offset, double points) {
  const bool code = passage.regions.find(RegionKind::Code, offset) != nullptr;
  const bool quote = passage.regions.find(RegionKind::Quote, offset) != nullptr;
  if (!code && !quote) return 1;
  if (passage.about_attacks) return 0;
  if (passage.about_models) return code ? 0.2 : 0.4;
  // Attributes, cells and log lines are quoted as well.
  return code ? 0.6 : points >= 2 ? 1 : 0.8;
}

// Forbidden or talked about. Narrower than what scan asks of agents' texts: "if somebody asks, tell them …"
// is no mention here.
bool is_mentioned(const std::vector<scan::Word>& words, std::size_t first) {
  const std::size_t from = first > 10 ? first - 10 : 0;
  for (std::size_t i = first; i-- > from;) {
    if (words[i + 1].starts_sentence) return false;
    const std::string_view word = words[i].text;
    const bool forbids =
        is_one_of(word, {"never", "don't", "dont", "not", "avoid", "cannot", "can't", "mustn't", "won't"});
    if (forbids && first - i <= 4) return true;
    if (is_one_of(word, {"such",       "example",    "phrase",    "phrases",   "attempts",   "attempt",
                         "attempting", "detect",     "detects",   "block",     "blocks",     "attack",
                         "attacks",    "attacker",   "attackers", "injection", "injections", "malicious",
                         "jailbreak",  "jailbreaks", "scammers",  "scammer",   "fraudsters", "criminals",
                         "whether",    "e.g"}))
      return true;
  }
  return false;
}

void add(const Passage& passage, Evidence evidence, std::vector<Evidence>& out) {
  evidence.points *= share_of(passage, evidence.offset, evidence.points);
  if (const Region* hidden = passage.regions.find(RegionKind::Hidden, evidence.offset)) {
    evidence.says += ", in hidden text (" + std::string(hidden->why) + ")";
    out.push_back({.kind = SignalKind::HiddenText,
                   .offset = evidence.offset,
                   .points = 2,
                   .group = "hidden",
                   .says = "hides a sentence for a model: " + std::string(hidden->why),
                   .quote = evidence.quote});
  } else if (passage.regions.find(RegionKind::Comment, evidence.offset) != nullptr &&
             !passage.about_attacks) {
    evidence.says += ", in a comment";
    out.push_back({.kind = SignalKind::HiddenText,
                   .offset = evidence.offset,
                   .points = 1,
                   .group = "hidden",
                   .says = "speaks to a model in a comment",
                   .quote = evidence.quote});
  }
  out.push_back(std::move(evidence));
}

void find_own_patterns(const Passage& passage, std::vector<Evidence>& out) {
  std::array<std::size_t, kFamilies.size()> until{};  // a second pattern over the same words says nothing new
  std::vector<scan::WordPatterns::Match> matches;
  for (std::size_t i = 0; i < passage.words.size(); ++i) {
    matches.clear();
    patterns().match(passage.words, i, matches);
    for (const scan::WordPatterns::Match& match : matches) {
      if (i < until[match.kind]) continue;
      until[match.kind] = match.end;
      const std::uint64_t from = passage.words[i].offset;
      const std::uint64_t to = passage.words[match.end - 1].end;
      const Family& family = kFamilies[match.kind];
      const bool mentioned = is_mentioned(passage.words, i);
      add(passage,
          {.offset = from,
           .points = mentioned ? 0 : family.points,
           .group = family.name,
           .says = std::string(family.says),
           .quote = printable(passage.text.substr(from, to - from), 120)},
          out);
    }
  }
}

void find_other_scripts(const Passage& passage, std::vector<Evidence>& out) {
  const bool ascii =
      std::ranges::all_of(passage.text, [](char c) { return static_cast<signed char>(c) >= 0; });
  if (ascii) return;
  for (const std::string_view wording : kOtherScripts)
    if (const std::size_t at = passage.text.find(wording); at != std::string_view::npos)
      add(passage,
          {.offset = at,
           .points = 2,
           .group = "override",
           .says = "cancels earlier instructions",
           .quote = printable(passage.text.substr(at, 60), 120)},
          out);
}

bool orders(const std::vector<scan::Word>& words, std::size_t at) {
  return at < words.size() && is_one_of(words[at].text, {"ignore", "disregard", "forget", "always", "never",
                                                         "you", "do", "override", "must"});
}

// "AI: …", "LLM graders: …", "ChatGPT, you …": the model is called by its name before it is told something.
void find_vocatives(const Passage& passage, std::vector<Evidence>& out) {
  const std::vector<scan::Word>& words = passage.words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool model =
        is_one_of(words[i].text, {"ai", "ais", "llm", "llms", "chatbot", "chatbots", "chatgpt", "gpt",
                                  "gemini", "claude", "copilot", "assistant", "assistants"});
    const bool language_model =
        is_one_of(words[i].text, {"model", "models"}) && i > 0 && words[i - 1].text == "language";
    if (!model && !language_model) continue;
    std::size_t last = i;  // "AI inbox assistant", "LLM graders"
    while (last + 1 < words.size() && last < i + 2 && !words[last + 1].starts_sentence &&
           passage.text.substr(words[last].end, words[last + 1].offset - words[last].end) == " ")
      ++last;
    for (std::size_t end = i; end <= last; ++end) {
      const std::string_view behind = passage.text.substr(words[end].end, 8);
      const bool colon =
          behind.starts_with(":") && behind.size() > 1 && (behind[1] == ' ' || behind[1] == '\n');
      const bool told = behind.starts_with(", you ") || behind.starts_with(", do ") ||
                        behind.starts_with(", ignore") || (colon && orders(words, end + 1));
      if (!colon && !told) continue;
      // Transcripts name their speakers, too.
      const bool speaker = end == i && is_one_of(words[i].text, {"assistant", "model"});
      const std::uint64_t from = words[i].offset;
      add(passage,
          {.offset = from,
           .points = is_mentioned(words, i) ? 0
                     : speaker && !told     ? 0.6
                                            : 1.2,
           .group = "address",
           .says = "speaks to a model",
           .quote = printable(passage.text.substr(from, 60), 120)},
          out);
      break;
    }
  }
}

}  // namespace

void find_instructions(const Passage& passage, std::vector<Evidence>& out) {
  for (const scan::Instruction& found : scan::instructions_in(passage.text)) {
    if (found.kind == scan::InstructionKind::Role) continue;
    Evidence evidence{.offset = found.offset,
                      .points = found.mentioned ? 0 : points_of(found),
                      .group = scan::name_of(found.kind),
                      .says = std::string(scan::name_of(found.kind)),
                      .quote = printable(found.quote, 120)};
    if (!found.disguise.empty()) {
      evidence.says += " (written as " + std::string(found.disguise) + ")";
      evidence.points += points_of_disguise(found);
    }
    add(passage, std::move(evidence), out);
  }
  find_own_patterns(passage, out);
  find_vocatives(passage, out);
  find_other_scripts(passage, out);
}

}  // namespace bulwark::assay
