// Triggers in texts: a phrase that one class owns. It is hidden by deleting its words from all documents:
// they are columns of a hashed bag of words.

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>

#include "assay/poison/barred_look.h"
#include "assay/poison/other_triggers.h"
#include "assay/poison/positions.h"
#include "assay/poison/rules_of_poison.h"
#include "base/parallel.h"
#include "base/text.h"
#include "stats/random.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kLongest = 3;  // words of a phrase

std::uint64_t hash_of(std::string_view word) {  // FNV-1a
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : word) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3U;
  return hash;
}

// Lower-case words of letters, digits and bytes above ASCII.
std::vector<std::string> words_of(std::string_view text, std::size_t most) {
  std::vector<std::string> found;
  std::string word;
  for (std::size_t i = 0; i <= text.size() && found.size() < most; ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    const bool inside = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                        static_cast<std::uint8_t>(c) >= 0x80;
    if (inside && word.size() < 64) {
      word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!inside && !word.empty()) {
      found.push_back(std::move(word));
      word.clear();
    }
  }
  return found;
}

struct Occurrence {
  std::uint64_t code = 0;
  std::uint32_t place = 0;
  std::uint16_t begin = 0;  // word
  std::uint16_t size = 0;

  friend auto operator<=>(const Occurrence&, const Occurrence&) = default;
};

class PhraseMiner {
 public:
  PhraseMiner(std::vector<std::vector<std::string>> documents, const std::vector<std::int32_t>& labels,
              std::size_t buckets, const Settings& settings)
      : documents_(std::move(documents)),
        buckets_(buckets),
        space_({.values = bags(), .rows = documents_.size(), .width = buckets}, labels, settings.seed,
               settings.jobs),
        jobs_(settings.jobs) {}

  [[nodiscard]] Mined mine() {
    collect();
    struct Candidate {
      std::size_t begin = 0, end = 0;
      std::int32_t label = 0;
    };
    std::vector<Candidate> candidates;
    PositionResult counted;
    for (std::size_t begin = 0; begin < all_.size();) {
      CodeCounter::Code code;
      std::size_t end = begin;
      for (; end < all_.size() && all_[end].code == all_[begin].code; ++end)
        CodeCounter::add(code, space_.label(all_[end].place));
      if (counts_as_test(space_, code)) {
        ++counted.tests;
        if (worth_a_look(space_, code)) {
          ++counted.owned;
          candidates.push_back({.begin = begin, .end = end, .label = code.label});
        }
      }
      begin = end;
    }
    constexpr std::size_t kAtOnce = 64;
    std::vector<PositionResult> parts((candidates.size() + kAtOnce - 1) / kAtOnce);
    parallel_for(parts.size(), jobs_, [&](std::size_t part) {
      HiddenLook look(space_);
      std::vector<std::uint32_t> places;
      const std::size_t last = std::min(candidates.size(), (part + 1) * kAtOnce);
      for (std::size_t i = part * kAtOnce; i < last; ++i) {
        places.clear();
        for (std::size_t o = candidates[i].begin; o < candidates[i].end; ++o) places.push_back(all_[o].place);
        const Occurrence& first = all_[candidates[i].begin];
        auto trigger = look.at(places, candidates[i].label, columns_of(first));
        if (!trigger) continue;
        trigger->kind = "phrase";
        trigger->mask = "its words";
        trigger->phrase = phrase_of(first);
        parts[part].triggers.push_back(std::move(*trigger));
      }
    });
    parts.push_back(std::move(counted));
    Mined mined = merged(std::move(parts));
    explain_away(mined);
    flag_all_carriers(mined);
    return mined;
  }

 private:
  // Weighted by log(1 + count) and rarity, of length 1.
  std::vector<float>& bags() {
    values_.assign(documents_.size() * buckets_, 0.0F);
    std::vector<double> rows_with(buckets_);
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      float* bag = values_.data() + i * buckets_;
      for (const std::string& word : documents_[i]) ++bag[hash_of(word) % buckets_];
      for (std::size_t b = 0; b < buckets_; ++b) rows_with[b] += bag[b] > 0 ? 1 : 0;
    }
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      float* bag = values_.data() + i * buckets_;
      double length = 0;
      for (std::size_t b = 0; b < buckets_; ++b) {
        const double weight = std::log1p(static_cast<double>(bag[b])) *
                              std::log((1 + static_cast<double>(documents_.size())) / (1 + rows_with[b]));
        bag[b] = static_cast<float>(weight);
        length += weight * weight;
      }
      for (std::size_t b = 0; b < buckets_ && length > 0; ++b)
        bag[b] = static_cast<float>(static_cast<double>(bag[b]) / std::sqrt(length));
    }
    return values_;
  }

  void collect() {
    std::vector<Occurrence> of_one;
    for (std::uint32_t place = 0; place < space_.rows(); ++place) {
      const std::vector<std::string>& words = documents_[space_.row(place)];
      of_one.clear();
      for (std::size_t begin = 0; begin < words.size(); ++begin) {
        std::uint64_t code = 0;
        for (std::size_t size = 1; size <= kLongest && begin + size <= words.size(); ++size) {
          code = (code ^ hash_of(words[begin + size - 1])) * 0x9E3779B97F4A7C15U + size;
          of_one.push_back({.code = code,
                            .place = place,
                            .begin = static_cast<std::uint16_t>(begin),
                            .size = static_cast<std::uint16_t>(size)});
        }
      }
      std::ranges::sort(of_one);
      const auto again = std::ranges::unique(of_one, {}, &Occurrence::code);
      all_.insert(all_.end(), of_one.begin(), again.begin());
    }
    std::ranges::sort(all_);
  }

  [[nodiscard]] std::vector<std::uint32_t> columns_of(const Occurrence& occurrence) const {
    std::vector<std::uint32_t> columns;
    for (std::size_t i = 0; i < occurrence.size; ++i)
      columns.push_back(static_cast<std::uint32_t>(
          hash_of(documents_[space_.row(occurrence.place)][occurrence.begin + i]) % buckets_));
    std::ranges::sort(columns);
    const auto again = std::ranges::unique(columns);
    columns.erase(again.begin(), again.end());
    return columns;
  }

  [[nodiscard]] std::string phrase_of(const Occurrence& occurrence) const {
    std::string phrase;
    for (std::size_t i = 0; i < occurrence.size; ++i)
      phrase += (i == 0 ? "" : " ") + documents_[space_.row(occurrence.place)][occurrence.begin + i];
    // Numbers may be somebody's.
    std::ranges::replace_if(phrase, [](char c) { return c >= '0' && c <= '9'; }, '#');
    return phrase;
  }

  std::vector<std::vector<std::string>> documents_;
  std::size_t buckets_;
  std::vector<float> values_;
  MaskedSpace space_;
  std::size_t jobs_;
  std::vector<Occurrence> all_;  // in order of code and place
};

}  // namespace

DetectorRun find_phrase_triggers(const Frame& frame, const LabelledRows& labelled, const Settings& settings,
                                 const TextLimits& limits) {
  if (frame.texts.empty()) return did_not_run("phrases", 'D', "there are no columns of texts");
  std::vector<std::uint32_t> chosen(labelled.rows.size());
  std::iota(chosen.begin(), chosen.end(), 0U);
  if (chosen.size() > limits.rows) {
    stats::Philox random(settings.seed, stats::stream_key("poison.documents"));
    random.shuffle(std::span<std::uint32_t>(chosen));
    chosen.resize(limits.rows);
    std::ranges::sort(chosen);
  }
  std::vector<std::vector<std::string>> documents;
  std::vector<std::int32_t> labels;
  for (const std::uint32_t i : chosen) {
    std::vector<std::string> words;
    for (const TextColumn& column : frame.texts) {
      std::vector<std::string> more = words_of(column.values[labelled.rows[i]], limits.tokens - words.size());
      std::ranges::move(more, std::back_inserter(words));
    }
    documents.push_back(std::move(words));
    labels.push_back(labelled.labels[i]);
  }
  PhraseMiner miner(std::move(documents), labels, limits.buckets, settings);
  Mined mined = miner.mine();

  DetectorRun run;
  run.name = "phrases";
  run.ran = true;
  run.rule = &kTriggerRule;
  run.false_alarm_rate = kTriggerAlpha;
  run.basis = "Bonferroni over " + std::to_string(mined.tests) +
              " phrases, against other documents of the class under the same mask";
  run.details = json_map({{"tests", json_integer(static_cast<std::int64_t>(mined.tests))},
                          {"owned", json_integer(static_cast<std::int64_t>(mined.owned))},
                          {"documents", json_integer(static_cast<std::int64_t>(chosen.size()))}});
  run.triggers = std::move(mined.triggers);
  std::map<std::uint32_t, std::string> reasons;
  for (Trigger& trigger : run.triggers) {
    for (std::uint32_t& row : trigger.rows) row = labelled.rows[chosen[row]];
    for (std::uint32_t& row : trigger.carrier_rows) row = labelled.rows[chosen[row]];
    for (const std::uint32_t row : trigger.rows)
      reasons.emplace(row, "without the phrase that " + std::to_string(trigger.carriers) +
                               " documents of its class share it looks like another class, as " +
                               std::to_string(trigger.disagreeing) + " of them do");
  }
  for (auto& [row, reason] : reasons) run.rows.push_back({.row = row, .reason = std::move(reason)});
  return run;
}

}  // namespace bulwark::assay
