// Operators on numbers, dates and codes: bands, ages, postcodes, calendar units, groups, noise.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "assay/anonymise/dates.h"
#include "assay/anonymise/exact_noise.h"
#include "assay/anonymise/keyed.h"
#include "assay/anonymise/number_text.h"
#include "assay/anonymise/transform.h"
#include "base/text.h"
#include "tables/values.h"

namespace bulwark::assay::anonymise {
namespace {

constexpr double kMostAge = 150;
constexpr double kExactIntegers = 9'007'199'254'740'992;  // 2^53

// Areas of three digits with at most 20,000 people by the census of 2000, as the guidance of the Department
// of Health and Human Services on 45 CFR 164.514(b) lists them: their digits may not stand.
constexpr std::array<std::string_view, 17> kSmallAreas = {"036", "059", "063", "102", "203", "556",
                                                          "692", "790", "821", "823", "830", "831",
                                                          "878", "879", "884", "890", "893"};

class Generalisation : public Transform {
 public:
  explicit Generalisation(Generalise how) : how_(std::move(how)) {}
  bool apply(std::string_view cell, std::string_view, std::string& out) override {
    switch (how_.kind) {
      case Generalise::Kind::Band: return band(cell, out);
      case Generalise::Kind::Age: return age(cell, out);
      case Generalise::Kind::Zip: return zip(cell, out);
      case Generalise::Kind::Date: return date(cell, out);
      case Generalise::Kind::Map: return map(cell, out);
    }
    return false;
  }

 private:
  bool band(std::string_view cell, std::string& out) const {
    const auto number = tables::number_of(cell);
    if (!number) return false;
    if (how_.least && *number < *how_.least) {
      out += "<" + number_text(*how_.least);
      return true;
    }
    if (how_.most && *number >= *how_.most) {
      out += ">=" + number_text(*how_.most);
      return true;
    }
    const double origin = how_.least.value_or(0);
    const double from = origin + std::floor((*number - origin) / how_.width) * how_.width;
    const double to = how_.most ? std::min(from + how_.width, *how_.most) : from + how_.width;
    if (!std::isfinite(from) || !(from < to)) return false;
    out += "[" + number_text(from) + ".." + number_text(to) + ")";
    return true;
  }

  bool age(std::string_view cell, std::string& out) const {
    const auto years = tables::number_of(cell);
    if (!years || *years < 0 || *years > kMostAge) return false;
    const double top = how_.most.value_or(kMostAge);
    if (*years >= top) {
      out += number_text(top) + "+";
      return true;
    }
    const double from = std::floor(*years / how_.width) * how_.width;
    const double to = std::min(from + how_.width, top) - 1;
    out += number_text(from);
    if (to > from) out += "-" + number_text(to);
    return true;
  }

  bool zip(std::string_view cell, std::string& out) const {
    cell = trim(cell);
    std::string digits;
    while (!cell.empty() && cell.front() >= '0' && cell.front() <= '9') {
      digits += cell.front();
      cell.remove_prefix(1);
    }
    // Programs for tables take the zeros off New England's; "+4" may follow.
    const bool more = cell.size() == 5 && cell.front() == '-';
    if (digits.size() < 3 || digits.size() > 5 || (!cell.empty() && !more)) return false;
    digits.insert(0, 5 - digits.size(), '0');
    const bool small = how_.digits == 3 && std::ranges::binary_search(kSmallAreas, digits.substr(0, 3));
    out += small ? "000" : digits.substr(0, how_.digits);
    out.append(5 - how_.digits, '*');
    return true;
  }

  bool date(std::string_view cell, std::string& out) const {
    const auto form = read_date(trim(cell), how_.order);
    if (!form) return false;
    const int year = static_cast<int>(form->date.year());
    const auto month = static_cast<unsigned>(form->date.month());
    const std::string four = std::to_string(year + 10'000).substr(1);
    switch (how_.unit) {
      case Generalise::Unit::Month: out += four + (month < 10 ? "-0" : "-") + std::to_string(month); break;
      case Generalise::Unit::Quarter: out += four + "-Q" + std::to_string((month + 2) / 3); break;
      case Generalise::Unit::Year: out += four; break;
      case Generalise::Unit::Decade: out += four.substr(0, 3) + "0s"; break;
    }
    return true;
  }

  bool map(std::string_view cell, std::string& out) const {
    const auto found = how_.parents.find(trim(cell));
    out += found == how_.parents.end() ? how_.otherwise : found->second;
    return found != how_.parents.end() || !how_.otherwise.empty();
  }

  Generalise how_;
};

class Noising : public Transform {
 public:
  Noising(const Noise& how, Random& random) : how_(how), random_(random), noise_(random_) {
    const double grid = how.scale / how.step;
    const auto steps = [](double value) {
      return static_cast<std::uint64_t>(std::clamp(std::round(value * 1'024), 1.0, 0x1p40));
    };
    inverse_scale_ = {1'024, steps(grid)};
    variance_ = {steps(std::min(grid, kMostDeviation) * std::min(grid, kMostDeviation)), 1'024};
    decimals_ = decimals_of(how.step);
  }
  bool apply(std::string_view cell, std::string_view, std::string& out) override {
    const auto number = tables::number_of(cell);
    if (!number) return false;
    const double grid = std::round(*number / how_.step);
    if (!(std::abs(grid) < kExactIntegers)) return false;
    const std::int64_t drawn = how_.mechanism == Mechanism::DiscreteLaplace ? noise_.laplace(inverse_scale_)
                                                                            : noise_.gaussian(variance_);
    out += number_text((grid + static_cast<double>(drawn)) * how_.step, decimals_);
    return true;
  }

 private:
  Noise how_;
  ColumnRandom random_;
  ExactNoise noise_;
  Fraction inverse_scale_;
  Fraction variance_;
  int decimals_ = 0;
};

}  // namespace

std::unique_ptr<Transform> make_generalisation(const Generalise& how) {
  return std::make_unique<Generalisation>(how);
}

std::unique_ptr<Transform> make_noise(const Noise& how, Random& random) {
  return std::make_unique<Noising>(how, random);
}

}  // namespace bulwark::assay::anonymise
