// Text that is made to be found: a retriever ranks by likeness to the question, so whoever repeats the
// question, or its words, is found first (AML.T0066).

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "assay/text/evidence.h"
#include "base/one_of.h"
#include "base/text.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kLeastWords = 40;
constexpr std::size_t kLeastQuestions = 5;
constexpr std::size_t kMostSentences = 5'000;

// Words that say nothing about the subject, in the languages where they are most frequent.
bool is_filler(std::string_view word) {
  return word.size() < 3 ||
         is_one_of(word, {"the",    "and",   "for",   "are",  "was",   "were",  "that",  "this",  "with",
                          "from",   "what",  "how",   "when", "where", "which", "who",   "why",   "can",
                          "does",   "did",   "has",   "have", "had",   "not",   "but",   "you",   "your",
                          "our",    "its",   "his",   "her",  "they",  "them",  "their", "will",  "would",
                          "should", "could", "there", "here", "than",  "then",  "into",  "about", "been",
                          "being",  "all",   "any",   "one",  "two",   "out",   "may",   "use",   "der",
                          "die",    "das",   "und",   "ist",  "von",   "den",   "les",   "des",   "une",
                          "est",    "que",   "los",   "las",  "del",   "por",   "con",   "para",  "una"});
}

struct Sentence {
  std::size_t first = 0;  // words
  std::size_t last = 0;   // behind the last
  bool question = false;
};

std::vector<Sentence> sentences_of(const Passage& passage) {
  std::vector<Sentence> out;
  const std::vector<scan::Word>& words = passage.words;
  std::size_t first = 0;
  for (std::size_t i = 1; i <= words.size() && out.size() < kMostSentences; ++i) {
    const bool ends =
        i == words.size() || words[i].starts_sentence ||
        passage.text.substr(words[i - 1].end, words[i].offset - words[i - 1].end).find_first_of("?\n") !=
            std::string_view::npos;
    if (!ends) continue;
    const std::size_t next = i == words.size() ? passage.text.size() : words[i].offset;
    out.push_back(
        {.first = first,
         .last = i,
         .question = passage.text.substr(words[i - 1].end, std::min<std::size_t>(next - words[i - 1].end, 8))
                         .find('?') != std::string_view::npos});
    first = i;
  }
  return out;
}

using Counts = std::unordered_map<std::string_view, std::size_t>;

void add(const Passage& passage, const Sentence& at, double points, std::string says,
         std::vector<Evidence>& out) {
  const std::uint64_t from = passage.words[at.first].offset;
  const std::uint64_t to = passage.words[at.last - 1].end;
  out.push_back({.kind = SignalKind::RetrievalBait,
                 .offset = from,
                 .points = points,
                 .group = "bait",
                 .says = std::move(says),
                 .quote = printable(passage.text.substr(from, to - from), 120),
                 .anywhere = true});
}

// Questions that ask the same in other words. The questions of a FAQ share few words.
void judge_questions(const Passage& passage, const std::vector<Sentence>& sentences,
                     std::vector<Evidence>& out) {
  std::vector<const Sentence*> questions;
  Counts in_questions;  // word -> questions with it
  for (const Sentence& sentence : sentences) {
    if (!sentence.question || sentence.last - sentence.first < 3) continue;
    questions.push_back(&sentence);
    std::vector<std::string_view> seen;
    for (std::size_t i = sentence.first; i < sentence.last; ++i) {
      const std::string_view word = passage.words[i].text;
      if (is_filler(word) || std::ranges::find(seen, word) != seen.end() || seen.size() >= 40) continue;
      seen.push_back(word);
      ++in_questions[word];
    }
  }
  if (questions.size() < kLeastQuestions) return;
  std::size_t shared = 0;  // words that most of the questions have
  for (const auto& [word, count] : in_questions) shared += count * 10 >= questions.size() * 7 ? 1U : 0U;
  if (shared >= 2)
    add(passage, *questions.front(), 2.2,
        std::to_string(questions.size()) + " questions ask the same in other words", out);
}

void judge_repetition(const Passage& passage, const std::vector<Sentence>& sentences,
                      std::vector<Evidence>& out) {
  std::unordered_map<std::string, std::size_t> seen;
  std::size_t counted = 0;
  const Sentence* most = nullptr;
  std::size_t times = 0;
  for (const Sentence& sentence : sentences) {
    if (sentence.last - sentence.first < 5) continue;
    if (passage.regions.find(RegionKind::Code, passage.words[sentence.first].offset) != nullptr) continue;
    std::string text;
    for (std::size_t i = sentence.first; i < std::min(sentence.last, sentence.first + 40); ++i)
      text.append(passage.words[i].text).append(" ");
    ++counted;
    if (const std::size_t count = ++seen[text]; count > times) {
      times = count;
      most = &sentence;
    }
  }
  if (most != nullptr && times >= 5 && times * 2 > counted)
    add(passage, *most, times >= 8 ? 2.2 : 1.6,
        "says one sentence " + std::to_string(times) + " times of " + std::to_string(counted), out);
}

// A few words of the subject make up most of the text.
void judge_keywords(const Passage& passage, const std::vector<Sentence>& sentences,
                    std::vector<Evidence>& out) {
  Counts counts;
  std::size_t all = 0;
  std::size_t words = 0;
  for (const scan::Word& word : passage.words) {
    if (passage.regions.find(RegionKind::Code, word.offset) != nullptr) continue;
    ++words;
    if (is_filler(word.text) || (word.text[0] >= '0' && word.text[0] <= '9')) continue;
    ++counts[word.text];
    ++all;
  }
  if (all < kLeastWords || words == 0) return;
  std::vector<std::pair<std::size_t, std::string_view>> order;
  for (const auto& [word, count] : counts) order.emplace_back(count, word);
  std::ranges::sort(order, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::size_t top = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, order.size()); ++i) top += order[i].first;
  // Prose has a filler for every two or three words of its subject; lists of keywords have hardly any.
  const double filler = 1 - static_cast<double>(all) / static_cast<double>(words);
  const double share = static_cast<double>(top) / static_cast<double>(all);
  const bool stuffed =
      (share > 0.45 && order[0].first >= 10) || (share > 0.3 && filler < 0.22 && order[0].first >= 8);
  if (stuffed)
    add(passage, sentences.front(), share > 0.5 ? 2.2 : 1.8,
        "three words (" + printable(order[0].second, 24) + " …) make up " +
            std::to_string(static_cast<int>(share * 100)) + " % of its subject",
        out);
}

}  // namespace

void find_bait(const Passage& passage, std::vector<Evidence>& out) {
  if (passage.words.size() < kLeastWords) return;
  const std::vector<Sentence> sentences = sentences_of(passage);
  if (sentences.empty()) return;
  judge_questions(passage, sentences, out);
  judge_repetition(passage, sentences, out);
  judge_keywords(passage, sentences, out);
}

}  // namespace bulwark::assay
