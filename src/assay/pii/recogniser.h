#pragma once
// One kind of personal or regulated data: how it is written, which check it passes, how sure that makes us.
//
// To add one: a descriptor in the group's file below recognisers/, its words in data/pii/context.tsv, its
// place in the tables of regimes.cpp. A new group is one file and one line in list.h.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace bulwark::assay::pii {

// What an algorithm says of a value: Shape is well-formed, but its check digit or date is wrong.
enum class Verdict : std::uint8_t { No, Shape, Match };

// A code without its separators, letters in upper case.
struct Code {
  static constexpr std::size_t kMost = 48;  // the longest is a 44-character line of a travel document

  std::array<char, kMost> c{};
  std::array<std::int16_t, kMost> v{};  // 0-9; letters 10-35; 0 behind the end
  std::uint32_t size = 0;
  std::uint64_t letters = 0;  // bit i: c[i] is a letter
  [[nodiscard]] std::string_view text() const { return {c.data(), size}; }
  [[nodiscard]] bool all_digits() const { return letters == 0; }
};
// Keeps letters and digits; others are dropped. Too long a text gives an empty code.
[[nodiscard]] Code code_of(std::string_view text);

// How much a kind weighs in findings and tables.
enum class Family : std::uint8_t {
  Payment,
  Authentication,  // sensitive authentication data of PCI DSS: never to be kept
  NationalId,
  Health,
  Contact,
  Online,
  Device,
  Vehicle,
  Person,
  Place,
  Time,
  Special,  // special categories of GDPR art. 9
};

struct Recogniser {
  std::string_view id;     // "us_ssn"; stable
  std::string_view title;  // for people
  Family family = Family::NationalId;
  std::string_view country = {};  // ISO 3166-1 alpha-2 in lower case; empty: anywhere
  // Ways to write it, separated by '|': 9 a digit, A a letter, x either, else literal blanks, '-', '.', '/'.
  // Empty: it is found by a parser of its own (free.h).
  std::string_view layouts = {};
  Verdict (*check)(const Code&) = nullptr;   // of a text that fits a layout; null: any is a Match
  bool (*plausible)(const Code&) = nullptr;  // finer rules that lower the score but refuse nothing
  // Scores of a value that passes the check: without separators, in a written form of its own, and with a
  // context word or column name that names the kind.
  float bare = 0.2F;
  float written = 0.5F;
  float named = 0.9F;
  // Share of random values of its layout that are a Match (null hit rate r0; measured, seeded), and among
  // those of the right structure the share that pass the check digit by chance (0: there is none).
  double null_rate = 1;
  double check_rate = 0;
  std::string_view tags = {};  // classes of context words that speak for it, besides its own id
  // Only beside a context word or in a column of that name: by itself the layout is everyday text.
  bool only_named = false;
};

}  // namespace bulwark::assay::pii
