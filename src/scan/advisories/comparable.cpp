// comparable_version and cvss_score: small, and asked for every version and advisory that is imported.

#include <array>
#include <cmath>
#include <map>
#include <span>

#include "base/text.h"
#include "scan/advisories/advisory.h"
#include "scan/formats/versions/order.h"
#include "scan/formats/versions/pep440.h"

namespace bulwark::scan {
namespace {

using Metrics = std::map<std::string_view, std::string_view>;

std::optional<Metrics> metrics_of(std::string_view vector) {
  Metrics metrics;
  for (const std::string_view piece : split(vector, '/')) {
    const std::size_t colon = piece.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    metrics[piece.substr(0, colon)] = piece.substr(colon + 1);
  }
  return metrics;
}

struct Weight {
  std::string_view value;
  double weight;
};

// The weight of a metric's value, or nothing.
std::optional<double> weight_of(const Metrics& metrics, std::string_view metric,
                                std::span<const Weight> weights) {
  const auto found = metrics.find(metric);
  if (found == metrics.end()) return std::nullopt;
  for (const Weight& each : weights)
    if (each.value == found->second) return each.weight;
  return std::nullopt;
}

// CVSS 3.1, appendix A: one decimal, rounded up, safe against binary fractions.
double round_up(double value) {
  const auto scaled = static_cast<long>(std::lround(value * 100000));
  return scaled % 10000 == 0 ? static_cast<double>(scaled) / 100000.0
                             : static_cast<double>(scaled / 10000 + 1) / 10.0;
}

// CVSS 3.0 and 3.1, section 7.1.
std::optional<double> score_3(const Metrics& metrics) {
  constexpr std::array<Weight, 4> kVector = {{{"N", 0.85}, {"A", 0.62}, {"L", 0.55}, {"P", 0.2}}};
  constexpr std::array<Weight, 2> kComplexity = {{{"L", 0.77}, {"H", 0.44}}};
  constexpr std::array<Weight, 3> kPrivileges = {{{"N", 0.85}, {"L", 0.62}, {"H", 0.27}}};
  constexpr std::array<Weight, 3> kPrivilegesChanged = {{{"N", 0.85}, {"L", 0.68}, {"H", 0.5}}};
  constexpr std::array<Weight, 2> kInteraction = {{{"N", 0.85}, {"R", 0.62}}};
  constexpr std::array<Weight, 2> kScope = {{{"U", 0}, {"C", 1}}};
  constexpr std::array<Weight, 3> kImpact = {{{"H", 0.56}, {"L", 0.22}, {"N", 0}}};
  const auto scope = weight_of(metrics, "S", kScope);
  if (!scope) return std::nullopt;
  const bool changed = *scope > 0;
  const auto av = weight_of(metrics, "AV", kVector);
  const auto ac = weight_of(metrics, "AC", kComplexity);
  const auto pr =
      changed ? weight_of(metrics, "PR", kPrivilegesChanged) : weight_of(metrics, "PR", kPrivileges);
  const auto ui = weight_of(metrics, "UI", kInteraction);
  const auto c = weight_of(metrics, "C", kImpact);
  const auto i = weight_of(metrics, "I", kImpact);
  const auto a = weight_of(metrics, "A", kImpact);
  if (!av || !ac || !pr || !ui || !c || !i || !a) return std::nullopt;
  const double base = 1 - (1 - *c) * (1 - *i) * (1 - *a);
  const double impact = changed ? 7.52 * (base - 0.029) - 3.25 * std::pow(base - 0.02, 15) : 6.42 * base;
  if (impact <= 0) return 0.0;
  const double exploitability = 8.22 * *av * *ac * *pr * *ui;
  return round_up(std::min(changed ? 1.08 * (impact + exploitability) : impact + exploitability, 10.0));
}

// CVSS 2, section 3.2.1.
std::optional<double> score_2(const Metrics& metrics) {
  constexpr std::array<Weight, 3> kVector = {{{"L", 0.395}, {"A", 0.646}, {"N", 1.0}}};
  constexpr std::array<Weight, 3> kComplexity = {{{"H", 0.35}, {"M", 0.61}, {"L", 0.71}}};
  constexpr std::array<Weight, 3> kAuthentication = {{{"M", 0.45}, {"S", 0.56}, {"N", 0.704}}};
  constexpr std::array<Weight, 3> kImpact = {{{"N", 0}, {"P", 0.275}, {"C", 0.66}}};
  const auto av = weight_of(metrics, "AV", kVector);
  const auto ac = weight_of(metrics, "AC", kComplexity);
  const auto au = weight_of(metrics, "Au", kAuthentication);
  const auto c = weight_of(metrics, "C", kImpact);
  const auto i = weight_of(metrics, "I", kImpact);
  const auto a = weight_of(metrics, "A", kImpact);
  if (!av || !ac || !au || !c || !i || !a) return std::nullopt;
  const double impact = 10.41 * (1 - (1 - *c) * (1 - *i) * (1 - *a));
  const double exploitability = 20 * *av * *ac * *au;
  const double factor = impact == 0 ? 0 : 1.176;
  return std::round((0.6 * impact + 0.4 * exploitability - 1.5) * factor * 10) / 10;
}

}  // namespace

std::optional<double> cvss_score(std::string_view vector) {
  const bool third = vector.starts_with("CVSS:3.");
  if (!third && !vector.starts_with("AV:")) return std::nullopt;
  const auto metrics = metrics_of(vector);
  if (!metrics) return std::nullopt;
  return third ? score_3(*metrics) : score_2(*metrics);
}

std::string comparable_version(std::string_view ecosystem, std::string_view version) {
  if (order_of(ecosystem) != VersionOrder::Python) return std::string(version);
  auto parsed = parse_pep440(version);
  if (!parsed) return std::string(version);
  while (parsed->release.ends_with(".0")) parsed->release.remove_suffix(2);
  return parsed->normalised();
}

}  // namespace bulwark::scan
