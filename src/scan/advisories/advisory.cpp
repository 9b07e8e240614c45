#include "scan/advisories/advisory.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/text.h"
#include "scan/formats/versions/order.h"

namespace bulwark::scan {
namespace {

constexpr std::size_t kSummaryBytes = 160;

const Document kNothing;

const Document& at(const Document& map, std::string_view key) {
  const Document* value = map.find(key);
  return value == nullptr ? kNothing : *value;
}

// YAML reads 1.10 as a number; its text is kept.
std::string text_of_scalar(const Document& value) {
  if (value.is_string() || value.line > 0) return value.string;
  if (value.kind == Document::Kind::Integer) return std::to_string(value.integer);
  return {};
}

std::vector<std::string> texts_of(const Document& list) {
  std::vector<std::string> texts;
  for (const Document& item : list.list)
    if (std::string text = text_of_scalar(item); !text.empty()) texts.push_back(std::move(text));
  return texts;
}

AdvisoryRange range_from(const Document& document) {
  struct Kind {
    std::string_view key;
    AdvisoryEvent::Kind kind;
  };
  constexpr Kind kKinds[] = {{"introduced", AdvisoryEvent::Kind::Introduced},
                             {"fixed", AdvisoryEvent::Kind::Fixed},
                             {"last_affected", AdvisoryEvent::Kind::LastAffected},
                             {"limit", AdvisoryEvent::Kind::Limit}};
  AdvisoryRange range;
  const std::string_view type = document.text("type");
  range.type = type == "GIT"      ? AdvisoryRange::Type::Git
               : type == "SEMVER" ? AdvisoryRange::Type::Semver
                                  : AdvisoryRange::Type::Ecosystem;
  for (const Document& event : at(document, "events").list)
    for (const Kind& known : kKinds)
      if (const Document* version = event.find(known.key))
        range.events.push_back({known.kind, text_of_scalar(*version)});
  return range;
}

Severity severity_of_score(double score) {
  if (score >= 9.0) return Severity::Critical;
  if (score >= 7.0) return Severity::High;
  return score >= 4.0 ? Severity::Medium : Severity::Low;
}

std::optional<Severity> severity_of_word(std::string_view word) {
  const std::string small = lower(word);
  if (small == "moderate") return Severity::Medium;
  if (small == "important") return Severity::High;
  return severity_from(small);
}

std::optional<Severity> severity_of(const Document& advisory) {
  std::optional<Severity> worst;
  const auto take = [&](const Document& entries) {
    for (const Document& each : entries.list)
      if (const auto score = cvss_score(each.text("score")))
        worst = std::max(worst.value_or(Severity::Info), severity_of_score(*score));
  };
  take(at(advisory, "severity"));
  for (const Document& package : at(advisory, "affected").list) take(at(package, "severity"));
  if (!worst) worst = severity_of_word(at(advisory, "database_specific").text("severity"));
  return worst;
}

std::string summary_of(const Document& advisory) {
  std::string_view text = advisory.text("summary");
  if (text.empty()) text = trim(advisory.text("details"));
  text = text.substr(0, text.find('\n'));
  if (text.size() <= kSummaryBytes) return std::string(text);
  const std::size_t blank = text.rfind(' ', kSummaryBytes);
  return std::string(text.substr(0, blank == std::string_view::npos ? kSummaryBytes : blank)) + " …";
}

// Order of a range's versions; "0" of `introduced` comes before everything.
VersionOrder order_in(const AffectedPackage& package, const AdvisoryRange& range) {
  return range.type == AdvisoryRange::Type::Semver ? VersionOrder::Semver : order_of(package.ecosystem);
}

class RangeCheck {
 public:
  RangeCheck(const AdvisoryRange& range, VersionOrder order, std::string_view version)
      : range_(range), order_(order), version_(version) {}

  bool includes() const {
    if (!before_limits()) return false;
    std::vector<const AdvisoryEvent*> sorted;
    for (const AdvisoryEvent& event : range_.events)
      if (event.kind != AdvisoryEvent::Kind::Limit) sorted.push_back(&event);
    std::ranges::stable_sort(sorted, [&](const AdvisoryEvent* a, const AdvisoryEvent* b) {
      if (is_start(*a) || is_start(*b)) return is_start(*a) && !is_start(*b);
      return before(a->version, b->version);
    });
    bool vulnerable = false;
    for (const AdvisoryEvent* event : sorted) {
      switch (event->kind) {
        case AdvisoryEvent::Kind::Introduced:
          if (is_start(*event) || !before(version_, event->version)) vulnerable = true;
          break;
        case AdvisoryEvent::Kind::Fixed:
          if (!before(version_, event->version)) vulnerable = false;
          break;
        case AdvisoryEvent::Kind::LastAffected:
          if (before(event->version, version_)) vulnerable = false;
          break;
        case AdvisoryEvent::Kind::Limit: break;
      }
    }
    return vulnerable;
  }

 private:
  static bool is_start(const AdvisoryEvent& event) {
    return event.kind == AdvisoryEvent::Kind::Introduced && event.version == "0";
  }
  bool before(std::string_view a, std::string_view b) const {
    const auto order = compare_versions(order_, a, b);
    return order && *order < 0;
  }
  bool before_limits() const {
    bool limited = false;
    for (const AdvisoryEvent& event : range_.events) {
      if (event.kind != AdvisoryEvent::Kind::Limit) continue;
      limited = true;
      if (event.version == "*" || before(version_, event.version)) return true;
    }
    return !limited;
  }

  const AdvisoryRange& range_;
  VersionOrder order_;
  std::string_view version_;
};

std::int64_t number_in(std::string_view text, std::size_t from, std::size_t count) {
  std::int64_t value = -1;
  if (from + count <= text.size()) std::from_chars(text.data() + from, text.data() + from + count, value);
  return value;
}

}  // namespace

std::int64_t seconds_of(std::string_view text) {
  using namespace std::chrono;
  const year_month_day day{year(static_cast<int>(number_in(text, 0, 4))),
                           month(static_cast<unsigned>(number_in(text, 5, 2))),
                           std::chrono::day(static_cast<unsigned>(number_in(text, 8, 2)))};
  if (text.size() < 10 || !day.ok()) return 0;
  const std::int64_t midnight = sys_days(day).time_since_epoch().count() * 86400;
  const std::int64_t hours = number_in(text, 11, 2);
  const std::int64_t minutes = number_in(text, 14, 2);
  const std::int64_t rest = number_in(text, 17, 2);
  if (hours < 0 || minutes < 0 || rest < 0) return midnight;
  return midnight + hours * 3600 + minutes * 60 + rest;
}

std::string date_of(std::int64_t seconds) {
  using namespace std::chrono;
  // Years of four digits only: a broken file may name any number.
  constexpr std::int64_t kLast = 253402300799;
  if (seconds <= 0 || seconds > kLast) return "unknown date";
  const year_month_day day{sys_days(days(seconds / 86400))};
  const auto two = [](unsigned value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  return std::to_string(static_cast<int>(day.year())) + "-" + two(static_cast<unsigned>(day.month())) + "-" +
         two(static_cast<unsigned>(day.day()));
}

Result<Advisory> advisory_from(const Document& document) {
  Advisory advisory;
  advisory.id = document.text("id");
  if (advisory.id.empty()) return fail(Code::InvalidInput, "no advisory: it has no id");
  advisory.aliases = texts_of(at(document, "aliases"));
  advisory.summary = summary_of(document);
  advisory.modified = seconds_of(document.text("modified"));
  advisory.withdrawn = !document.text("withdrawn").empty();
  advisory.severity = severity_of(document);
  for (const Document& each : at(document, "affected").list) {
    const Document& package = at(each, "package");
    AffectedPackage affected;
    affected.ecosystem = package.text("ecosystem");
    affected.name = normalised_name(affected.ecosystem, package.text("name"));
    if (affected.name.empty()) continue;
    affected.versions = texts_of(at(each, "versions"));
    for (const Document& range : at(each, "ranges").list) affected.ranges.push_back(range_from(range));
    advisory.affected.push_back(std::move(affected));
  }
  return advisory;
}

Result<Advisory> read_advisory(std::string_view text, const Limits& limits) {
  if (trim(text).starts_with('{')) {
    const ParsedDocument parsed = TRY(parse_json(text, limits));
    return advisory_from(parsed.root);
  }
  const std::vector<Document> documents = TRY(parse_yaml(text, limits));
  if (documents.empty()) return fail(Code::InvalidInput, "no advisory: the text is empty");
  return advisory_from(documents.front());
}

Affects in_ranges(const AffectedPackage& package, std::string_view version) {
  Affects answer = Affects::No;
  for (const AdvisoryRange& range : package.ranges) {
    const VersionOrder order = order_in(package, range);
    if (range.type == AdvisoryRange::Type::Git || order == VersionOrder::Unknown) {
      answer = Affects::Unknown;
    } else if (RangeCheck(range, order, version).includes()) {
      return Affects::Yes;
    }
  }
  return answer;
}

Affects affects(const AffectedPackage& package, std::string_view version) {
  const std::string wanted = comparable_version(package.ecosystem, version);
  for (const std::string& each : package.versions)
    if (each == wanted || each == version || comparable_version(package.ecosystem, each) == wanted)
      return Affects::Yes;
  const Affects answer = in_ranges(package, version);
  // A GIT range beside versions or another range only repeats what they say.
  const bool told =
      !package.versions.empty() || std::ranges::any_of(package.ranges, [&](const AdvisoryRange& range) {
        return range.type != AdvisoryRange::Type::Git && order_in(package, range) != VersionOrder::Unknown;
      });
  return answer == Affects::Unknown && told ? Affects::No : answer;
}

bool affects_every_version(const AffectedPackage& package) {
  return std::ranges::any_of(package.ranges, [](const AdvisoryRange& range) {
    return range.type != AdvisoryRange::Type::Git && range.events.size() == 1 &&
           range.events[0].kind == AdvisoryEvent::Kind::Introduced && range.events[0].version == "0";
  });
}

std::string fixed_after(const AffectedPackage& package, std::string_view version) {
  std::string lowest;
  for (const AdvisoryRange& range : package.ranges) {
    const VersionOrder order = order_in(package, range);
    if (range.type == AdvisoryRange::Type::Git || order == VersionOrder::Unknown) continue;
    for (const AdvisoryEvent& event : range.events) {
      if (event.kind != AdvisoryEvent::Kind::Fixed || *compare_versions(order, version, event.version) >= 0)
        continue;
      if (lowest.empty() || *compare_versions(order, event.version, lowest) < 0) lowest = event.version;
    }
  }
  return lowest;
}

}  // namespace bulwark::scan
