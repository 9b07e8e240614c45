#include "assay/text/document.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>

#include "assay/text/evidence.h"
#include "assay/text/regions.h"
#include "base/text.h"
#include "scan/formats/hidden_text.h"
#include "scan/secrets/search.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kMostSignals = 100;
// Looks at words read so much at once; the overlap is more than any sentence.
constexpr std::size_t kWindow = std::size_t{1} << 20;
constexpr std::size_t kOverlap = 4'096;
// Evidence no further apart than a long paragraph stands together.
constexpr std::uint64_t kTogether = 900;

constexpr double kHold = 2;
constexpr double kRefuse = 3;

// How many of the prefixes occur.
std::size_t subjects(const std::vector<scan::Word>& words, std::span<const std::string_view> prefixes) {
  std::vector<bool> seen(prefixes.size());
  for (const scan::Word& word : words)
    for (std::size_t i = 0; i < prefixes.size(); ++i)
      if (!seen[i] && word.text.starts_with(prefixes[i])) seen[i] = true;
  return static_cast<std::size_t>(std::ranges::count(seen, true));
}

constexpr auto kAttackWords =
    std::to_array<std::string_view>({"injection", "jailbreak", "adversar", "attack", "malicious", "vulnerab",
                                     "exploit", "owasp", "mitre", "guardrail", "mitigat", "threat", "payload",
                                     "untrusted", "redteam", "red-team", "defen", "phishing", "poison"});
constexpr auto kModelWords = std::to_array<std::string_view>(
    {"prompt", "llm", "chatbot", "token", "template", "fine-tun", "finetun", "completion", "transformer",
     "inference", "dataset", "api", "tokenizer", "checkpoint"});

void read_window(std::string_view window, std::uint64_t offset, std::vector<Evidence>& all) {
  const std::vector<scan::Word> words = scan::folded_words(window);
  const RegionIndex regions(regions_of(window));
  const Passage passage{.text = window,
                        .words = words,
                        .regions = regions,
                        .about_attacks = subjects(words, kAttackWords) >= 3,
                        .about_models = subjects(words, kModelWords) >= 3};
  std::vector<Evidence> found;
  find_instructions(passage, found);
  find_hidden(passage, found);
  find_forged_marks(passage, found);
  find_bait(passage, found);
  find_exfiltration(passage, found);
  for (Evidence& evidence : found) {
    evidence.offset += offset;
    all.push_back(std::move(evidence));
  }
}

void find_secrets(std::string_view text, const DocumentContext& context, std::vector<Evidence>& all) {
  const auto found = scan::secrets::find_secrets(text, context.path);
  if (!found) return;  // this processor cannot search for them; `bulwark scan` says so
  for (const scan::secrets::Hit& hit : found->hits) {
    if (hit.severity < Severity::Medium) continue;
    all.push_back({.kind = SignalKind::Secret,
                   .offset = hit.secret.begin,
                   .points = kHold,
                   .group = "secret",
                   .says = "holds a credential: " + std::string(hit.detector->rule->title),
                   .quote = scan::secrets::shown_part(text.substr(hit.secret.begin, hit.secret.size())),
                   .anywhere = true});
  }
}

// The most that stands together: of every group the strongest, wherever the window lies.
double strongest_place(const std::vector<Evidence>& all) {
  std::map<std::string_view, double> anywhere;
  for (const Evidence& evidence : all)
    if (evidence.anywhere) {
      double& best = anywhere[evidence.group];
      best = std::max(best, evidence.points);
    }
  double most = 0;
  double elsewhere = 0;
  for (const auto& [group, points] : anywhere) elsewhere = std::max(elsewhere, points);
  for (std::size_t first = 0; first < all.size(); ++first) {
    if (all[first].points <= 0) continue;
    std::map<std::string_view, double> groups;
    // At most 100 pieces of evidence a window: a text full of them is long past every threshold.
    for (std::size_t i = first; i < std::min(all.size(), first + 100); ++i) {
      if (all[i].offset > all[first].offset + kTogether) break;
      double& best = groups[all[i].group];
      best = std::max(best, all[i].points);
    }
    double sum = 0;
    for (const auto& [group, points] : groups) sum += points;
    most = std::max(most, sum);
  }
  return std::max(most, elsewhere);
}

constexpr std::array<std::string_view, 3> kTierNames = {"untrusted", "standard", "trusted"};
constexpr std::array<std::string_view, 7> kKindNames = {
    "instruction",  "hidden text", "hidden characters", "forged delimiter", "retrieval bait",
    "exfiltration", "secret"};
constexpr std::array<std::string_view, 3> kVerdictNames = {"accept", "hold", "refuse"};

}  // namespace

std::string_view name_of(Tier tier) {
  return kTierNames[std::to_underlying(tier)];
}
std::string_view name_of(SignalKind kind) {
  return kKindNames[std::to_underlying(kind)];
}
std::string_view name_of(DocumentVerdict verdict) {
  return kVerdictNames[std::to_underlying(verdict)];
}

DocumentVerdict verdict_of(double points, Tier tier) {
  // Sums of tenths: a hair below a threshold is on it.
  points += 1e-9;
  switch (tier) {
    case Tier::Untrusted:
      return points >= kHold ? DocumentVerdict::Refuse
             : points >= 1.5 ? DocumentVerdict::Hold
                             : DocumentVerdict::Accept;
    case Tier::Standard:
      return points >= kRefuse ? DocumentVerdict::Refuse
             : points >= kHold ? DocumentVerdict::Hold
                               : DocumentVerdict::Accept;
    case Tier::Trusted: return points >= kRefuse ? DocumentVerdict::Hold : DocumentVerdict::Accept;
  }
  return DocumentVerdict::Refuse;
}

DocumentJudgement judge_document(std::string_view text, const DocumentContext& context) {
  DocumentJudgement out{.complete = text.size() <= kDocumentBytes};
  text = text.substr(0, kDocumentBytes);
  std::vector<Evidence> all;
  for (std::size_t at = 0; at < text.size() || at == 0; at += kWindow - kOverlap) {
    read_window(text.substr(at, kWindow), at, all);
    if (at + kWindow >= text.size()) break;
  }
  if (context.secrets) find_secrets(text, context, all);
  std::ranges::stable_sort(all, {}, &Evidence::offset);
  out.points = strongest_place(all);
  out.verdict = verdict_of(out.points, context.tier);
  std::string_view group;
  std::uint64_t last = 0;
  for (Evidence& evidence : all) {
    const bool repeated = !out.signals.empty() && evidence.group == group && evidence.offset == last;
    if (repeated || out.signals.size() >= kMostSignals) continue;
    group = evidence.group;
    last = evidence.offset;
    out.signals.push_back({.kind = evidence.kind,
                           .offset = evidence.offset,
                           .points = evidence.points,
                           .says = std::move(evidence.says),
                           .evidence = std::move(evidence.quote)});
  }
  return out;
}

std::string as_one_chunk(std::string_view text) {
  const RegionIndex regions(regions_of(text));
  static const std::vector<std::string_view> marks = forged_marks();
  const std::string folded = lower(text);
  std::string out;
  out.reserve(text.size());
  bool after_invisible = false;
  for (std::size_t at = 0; at < text.size();) {
    const Region* unseen = regions.find(RegionKind::Hidden, at);
    if (unseen == nullptr) unseen = regions.find(RegionKind::Comment, at);
    if (unseen != nullptr && regions.find(RegionKind::Code, at) == nullptr) {
      at = std::max<std::size_t>(unseen->end, at + 1);
      continue;
    }
    const char c = text[at];
    if (c == '<' || c == '[') {
      const auto mark = std::ranges::find_if(marks, [&](std::string_view known) {
        return std::string_view(folded).substr(at).starts_with(known);
      });
      if (mark != marks.end()) {
        out += c;
        out += ' ';
        out.append(text.substr(at + 1, mark->size() - 1));
        at += mark->size();
        continue;
      }
    }
    if (static_cast<unsigned char>(c) >= 0x80) {
      const scan::Character character = scan::character_at(text, at);
      // A joiner belongs to Indic and Arabic words, a selector to emoji; several in a row spell something.
      const bool invisible = scan::is_invisible(character.code);
      const bool needed = !after_invisible &&
                          (character.code == 0x200C || character.code == 0x200D || character.code == 0xFE0F);
      if (!invisible || needed) out.append(text.substr(at, character.size));
      after_invisible = invisible;
      at += character.size;
      continue;
    }
    out += c;
    after_invisible = false;
    ++at;
  }
  return out;
}

}  // namespace bulwark::assay
