// Text and retrieval corpora: every document is judged, by itself, by its source, and for copies.

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "assay/near_text.h"
#include "assay/parts.h"
#include "assay/text/document.h"
#include "assay/text/rules.h"
#include "assay/words.h"
#include "base/parallel.h"
#include "base/text.h"
#include "tables/values.h"

namespace bulwark::assay {
namespace {

// A cell with so many bytes and words can hold a sentence; shorter ones are names and codes.
constexpr std::size_t kLeastBytes = 24;
constexpr std::size_t kLeastBlanks = 2;
constexpr std::size_t kAtOnce = 32;          // documents judged by a thread before it asks for more
constexpr std::size_t kMostListed = 50'000;  // documents with signals in the json
// Sketches kept to find copies: 130 bytes each.
constexpr std::size_t kMostSketches = 4'000'000;
constexpr std::size_t kMostSources = 100'000;
constexpr std::size_t kFlood = 5;  // near copies by one source …
// … so near that no template explains them, …
constexpr double kCopy = 0.85;
// … and so many of all documents that they fill the places of a retrieval.
constexpr std::uint64_t kFloodShare = 100;

struct Judged {
  std::uint64_t row = 0;
  std::uint32_t column = 0;
  std::uint32_t source = 0;
  DocumentJudgement judgement;
};

struct SourceCount {
  std::uint64_t documents = 0;
  std::uint64_t held = 0;
  std::uint64_t refused = 0;
  std::uint64_t copies = 0;  // in groups of near copies, the first not counted
  Tier tier = Tier::Standard;
};

struct Group {
  std::uint32_t source = 0;
  std::vector<std::uint64_t> rows;
};

std::optional<Tier> tier_from(std::string_view name) {
  for (const Tier tier : {Tier::Untrusted, Tier::Standard, Tier::Trusted})
    if (name == name_of(tier)) return tier;
  return {};
}

const Rule& rule_of(SignalKind kind) {
  constexpr std::array<const Rule*, 7> kRules = {
      &kDocumentInstructions, &kDocumentHiddenText, &kDocumentHiddenCharacters,
      &kDocumentForgedMarks,  &kRetrievalBait,      &kDocumentExfiltration,
      &kDocumentSecret};
  return *kRules[std::to_underlying(kind)];
}

bool could_be_document(std::string_view cell) {
  if (cell.size() < kLeastBytes) return false;
  // Scripts without blanks, and what hides, are beyond ASCII.
  std::size_t blanks = 0;
  for (const char c : cell.substr(0, 4'096)) {
    if (static_cast<signed char>(c) < 0) return true;
    blanks += c == ' ' || c == '\n' ? 1U : 0U;
  }
  return blanks >= kLeastBlanks;
}

class TextPart : public StreamingPart {
 public:
  TextPart(std::span<const tables::Column> columns, const Settings& settings) : settings_(settings) {
    const Roles& roles = settings.roles;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      names_.push_back(columns[i].name);
      const bool named = std::ranges::find(roles.texts, columns[i].name) != roles.texts.end();
      const bool ignored = std::ranges::find(roles.ignored, columns[i].name) != roles.ignored.end();
      if (columns[i].kind == tables::Kind::Text && (named || (roles.texts.empty() && !ignored)))
        columns_.push_back(i);
      if (!roles.source.empty() && columns[i].name == roles.source) source_column_ = i;
    }
    source_number(roles.source.empty() ? "" : "(none)");
  }

  void take(const tables::Block& block) override {
    std::vector<Judged> documents;
    std::vector<std::string_view> texts;
    std::string scratch;
    for (std::size_t row = 0; row < block.rows; ++row) {
      std::uint32_t source = 0;
      if (source_column_ && tables::null_of(block.columns[*source_column_], row) == tables::Null::None)
        source = source_number(tables::text_of(block.columns[*source_column_], row, scratch));
      for (const std::size_t column : columns_) {
        const tables::Cells& cells = block.columns[column];
        if (!cells.present(row) || !could_be_document(cells.texts[row])) continue;
        documents.push_back({.row = block.first_row + row,
                             .column = static_cast<std::uint32_t>(column),
                             .source = source,
                             .judgement = {}});
        texts.push_back(cells.texts[row]);
      }
    }
    judge(documents, texts);
  }

  PartResult finish() override;

 private:
  std::uint32_t source_number(std::string_view name) {
    const auto found = numbers_.find(name);
    if (found != numbers_.end()) return found->second;
    if (sources_.size() >= kMostSources) return 0;
    const auto number = static_cast<std::uint32_t>(sources_.size());
    numbers_.emplace(name, number);
    source_names_.emplace_back(name);
    sources_.push_back({.tier = tier_of(name)});
    return number;
  }

  [[nodiscard]] Tier tier_of(std::string_view source) const {
    Tier tier = Tier::Standard;
    for (const auto& [name, told] : settings_.roles.tiers) {
      if (name == source) return tier_from(told).value_or(Tier::Untrusted);
      if (name == "*") tier = tier_from(told).value_or(Tier::Untrusted);
    }
    return tier;
  }

  void judge(std::vector<Judged>& documents, const std::vector<std::string_view>& texts) {
    std::vector<TextSketch> sketches(documents.size());
    parallel_for((documents.size() + kAtOnce - 1) / kAtOnce, settings_.jobs, [&](std::size_t part) {
      for (std::size_t i = part * kAtOnce; i < std::min((part + 1) * kAtOnce, documents.size()); ++i) {
        documents[i].judgement = judge_document(
            texts[i], {.tier = sources_[documents[i].source].tier, .secrets = true, .path = {}});
        sketches[i] = sketch_of(texts[i]);
      }
    });
    for (std::size_t i = 0; i < documents.size(); ++i) count(documents[i], sketches[i]);
  }

  void count(Judged& document, const TextSketch& sketch) {
    SourceCount& source = sources_[document.source];
    ++source.documents;
    ++documents_;
    cut_ += document.judgement.complete ? 0U : 1U;
    if (sketches_.size() < kMostSketches) {
      sketches_.push_back(sketch);
      sketched_.push_back({.row = document.row, .source = document.source});
    } else {
      ++not_compared_;
    }
    if (document.judgement.verdict == DocumentVerdict::Accept) return;
    ++(document.judgement.verdict == DocumentVerdict::Refuse ? source.refused : source.held);
    rows_.push_back(document.row);
    std::set<SignalKind> kinds;
    for (const Signal& signal : document.judgement.signals)
      if (signal.points > 0) kinds.insert(signal.kind);
    for (const SignalKind kind : kinds) by_kind_[{document.column, kind}].push_back(document.row);
    if (document.judgement.verdict == DocumentVerdict::Refuse)
      for (const SignalKind kind : kinds) refused_kinds_.insert({document.column, kind});
    if (listed_.size() < kMostListed) {
      listed_.push_back(std::move(document));
    } else {
      ++not_listed_;
    }
  }

  [[nodiscard]] std::vector<Group> floods();
  void add_findings(const std::vector<Group>& groups, PartResult& out) const;
  void add_details(const std::vector<Group>& groups, PartResult& out) const;
  void add_listings(PartResult& out) const;
  [[nodiscard]] Document document_json(const Judged& document) const;

  struct Sketched {
    std::uint64_t row = 0;
    std::uint32_t source = 0;
  };

  Settings settings_;
  std::vector<std::string> names_;
  std::vector<std::size_t> columns_;
  std::optional<std::size_t> source_column_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::vector<std::string> source_names_;
  std::vector<SourceCount> sources_;
  std::vector<Judged> listed_;  // not accepted
  std::vector<std::uint64_t> rows_;
  std::map<std::pair<std::uint32_t, SignalKind>, std::vector<std::uint64_t>> by_kind_;
  std::set<std::pair<std::uint32_t, SignalKind>> refused_kinds_;
  std::vector<TextSketch> sketches_;
  std::vector<Sketched> sketched_;
  std::uint64_t documents_ = 0;
  std::uint64_t cut_ = 0;
  std::uint64_t not_listed_ = 0;
  std::uint64_t not_compared_ = 0;
};

// Near copies by one source, the largest group first.
std::vector<Group> TextPart::floods() {
  const std::vector<std::uint32_t> groups = near_groups(sketches_, kCopy);
  std::map<std::pair<std::uint32_t, std::uint32_t>, Group> by_group;  // group and source
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (sketches_[i].empty) continue;
    Group& group = by_group[{groups[i], sketched_[i].source}];
    group.source = sketched_[i].source;
    group.rows.push_back(sketched_[i].row);
  }
  std::vector<Group> out;
  for (auto& [key, group] : by_group) {
    if (group.rows.size() < kFlood) continue;
    sources_[group.source].copies += group.rows.size() - 1;
    out.push_back(std::move(group));
  }
  std::ranges::stable_sort(out, [](const Group& a, const Group& b) { return a.rows.size() > b.rows.size(); });
  return out;
}

Document TextPart::document_json(const Judged& document) const {
  Document signals = json_list();
  for (const Signal& signal : document.judgement.signals)
    signals.list.push_back(json_map({{"kind", json_string(std::string(name_of(signal.kind)))},
                                     {"offset", json_integer(static_cast<std::int64_t>(signal.offset))},
                                     {"points", json_finite(signal.points)},
                                     {"says", json_string(signal.says)},
                                     {"evidence", json_string(signal.evidence)}}));
  return json_map({{"row", json_integer(static_cast<std::int64_t>(document.row))},
                   {"column", json_string(printable(names_[document.column]))},
                   {"source", json_string(printable(source_names_[document.source]))},
                   {"tier", json_string(std::string(name_of(sources_[document.source].tier)))},
                   {"verdict", json_string(std::string(name_of(document.judgement.verdict)))},
                   {"points", json_finite(document.judgement.points)},
                   {"signals", std::move(signals)}});
}

void TextPart::add_details(const std::vector<Group>& groups, PartResult& out) const {
  const auto number = [](std::uint64_t value) { return json_integer(static_cast<std::int64_t>(value)); };
  Document documents = json_list();
  for (const Judged& document : listed_) documents.list.push_back(document_json(document));
  Document sources = json_list();
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i].documents == 0) continue;
    sources.list.push_back(json_map({{"source", json_string(printable(source_names_[i]))},
                                     {"tier", json_string(std::string(name_of(sources_[i].tier)))},
                                     {"documents", number(sources_[i].documents)},
                                     {"held", number(sources_[i].held)},
                                     {"refused", number(sources_[i].refused)},
                                     {"near_copies", number(sources_[i].copies)}}));
  }
  Document floods = json_list();
  for (const Group& group : groups)
    floods.list.push_back(json_map(
        {{"source", json_string(printable(source_names_[group.source]))}, {"rows", json_rows(group.rows)}}));
  out.details = json_map({{"judged", number(documents_)},
                          {"documents", std::move(documents)},
                          {"documents_not_listed", number(not_listed_)},
                          {"sources", std::move(sources)},
                          {"near_copies", std::move(floods)}});
}

void TextPart::add_findings(const std::vector<Group>& groups, PartResult& out) const {
  for (const auto& [key, rows] : by_kind_) {
    const auto& [column, kind] = key;
    const Rule& rule = rule_of(kind);
    const stats::Interval share = stats::wilson(rows.size(), std::max<std::uint64_t>(1, documents_));
    std::string evidence;
    for (const Judged& document : listed_) {
      if (document.column != column || !evidence.empty()) continue;
      for (const Signal& signal : document.judgement.signals)
        if (signal.kind == kind && signal.points > 0 && evidence.empty())
          evidence = "row " + std::to_string(document.row) + ": " + signal.evidence;
    }
    Finding finding =
        finding_of(rule,
                   std::to_string(rows.size()) + " documents in column `" + printable(names_[column], 60) +
                       "` (" + interval_text(share) + " of all): " + rows_text(rows),
                   evidence, names_[column]);
    if (!refused_kinds_.contains(key)) finding.severity = std::min(finding.severity, Severity::Medium);
    out.findings.push_back(std::move(finding));
  }
  if (groups.empty()) return;
  std::uint64_t copies = 0;
  for (const Group& group : groups) copies += group.rows.size() - 1;
  out.findings.push_back(
      finding_of(kDocumentFlood,
                 std::to_string(copies) + " near copies in " + std::to_string(groups.size()) +
                     " groups; the largest: " + rows_text(groups.front().rows),
                 "source " + printable(source_names_[groups.front().source], 60), names_[columns_.front()]));
}

void TextPart::add_listings(PartResult& out) const {
  Listing listing{.title = "Documents that were not accepted",
                  .header = {"row", "column", "source", "verdict", "points", "what", "evidence"},
                  .rows = {},
                  .note = {}};
  std::vector<const Judged*> order;
  for (const Judged& document : listed_) order.push_back(&document);
  std::ranges::stable_sort(order, [](const Judged* a, const Judged* b) {
    return std::pair(a->judgement.verdict, a->judgement.points) >
           std::pair(b->judgement.verdict, b->judgement.points);
  });
  for (const Judged* document : order) {
    if (listing.rows.size() >= settings_.listed) {
      listing.note = std::to_string(order.size() - listing.rows.size() + not_listed_) + " more";
      break;
    }
    const auto worst = std::ranges::max_element(document->judgement.signals, {}, &Signal::points);
    const bool any = worst != document->judgement.signals.end();
    listing.rows.push_back(
        {std::to_string(document->row), printable(names_[document->column], 40),
         printable(source_names_[document->source], 40), std::string(name_of(document->judgement.verdict)),
         number_text(document->judgement.points), any ? worst->says : "", any ? worst->evidence : ""});
  }
  if (!listing.rows.empty()) out.listings.push_back(std::move(listing));
  if (sources_.size() < 2) return;
  Listing by_source{.title = "Sources",
                    .header = {"source", "tier", "documents", "held", "refused", "near copies"},
                    .rows = {},
                    .note = {}};
  for (std::size_t i = 0; i < sources_.size() && by_source.rows.size() < settings_.listed; ++i)
    if (sources_[i].documents > 0)
      by_source.rows.push_back({printable(source_names_[i], 60), std::string(name_of(sources_[i].tier)),
                                std::to_string(sources_[i].documents), std::to_string(sources_[i].held),
                                std::to_string(sources_[i].refused), std::to_string(sources_[i].copies)});
  out.listings.push_back(std::move(by_source));
}

PartResult TextPart::finish() {
  PartResult out{.part = "text", .why = {}};
  if (documents_ == 0) {
    out.why = "no column holds documents";
    return out;
  }
  const std::vector<Group> groups = floods();
  std::uint64_t held = 0;
  std::uint64_t refused = 0;
  for (const SourceCount& source : sources_) {
    held += source.held;
    refused += source.refused;
  }
  const bool flooded = !groups.empty() && groups.front().rows.size() * kFloodShare >= documents_;
  out.outcome = refused > 0 ? Outcome::Failed : held > 0 || flooded ? Outcome::Undecided : Outcome::Passed;
  out.why = std::to_string(refused) + " of " + std::to_string(documents_) + " documents are refused, " +
            std::to_string(held) + " are held for a person";
  if (!groups.empty())
    out.why += "; " + std::to_string(groups.size()) + " groups of near copies by one source";
  out.measures.push_back({.name = "share of documents that are refused or held",
                          .interval = stats::wilson(held + refused, documents_),
                          .threshold = 0});
  std::ranges::sort(rows_);
  const auto repeated = std::ranges::unique(rows_);
  rows_.erase(repeated.begin(), repeated.end());
  out.rows = rows_;
  add_findings(groups, out);
  add_listings(out);
  if (settings_.details) add_details(groups, out);
  if (cut_ > 0)
    out.gaps.push_back(
        {.reason = GapReason::Limit,
         .path = {},
         .origin = {},
         .place = {},
         .why = std::to_string(cut_) + " documents are longer than 16 MiB: only their start was judged"});
  if (not_compared_ > 0)
    out.gaps.push_back({.reason = GapReason::Limit,
                        .path = {},
                        .origin = {},
                        .place = {},
                        .why = std::to_string(not_compared_) + " documents were not compared for copies"});
  out.blind = {"false statements without an order, such as a planted answer in plain prose",
               "orders in wordings that no pattern has, above all in languages other than English",
               "documents split over several rows, and text inside pictures"};
  return out;
}

}  // namespace

std::unique_ptr<StreamingPart> text_part(std::span<const tables::Column> columns, const Settings& settings) {
  return std::make_unique<TextPart>(columns, settings);
}

}  // namespace bulwark::assay
