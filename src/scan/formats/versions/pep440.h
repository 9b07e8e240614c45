#pragma once
// Versions of Python packages: PEP 440 exactly (parsing, normal form, order, specifiers), and the order that
// older tools gave to strings that are no PEP 440 version.

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::scan {

// One version, taken apart. Every part is a view into the text it was parsed from, which must outlive it.
struct Pep440Version {
  std::string_view epoch;    // digits; empty: 0
  std::string_view release;  // "1.2.3"
  char pre = 0;              // 'a', 'b', 'r' (rc); 0: none
  std::string_view pre_number;
  bool has_post = false;
  std::string_view post_number;
  bool has_dev = false;
  std::string_view dev_number;
  std::string_view local;  // without the '+', as written; empty: none

  [[nodiscard]] bool is_prerelease() const { return pre != 0 || has_dev; }
  // Without the local part.
  [[nodiscard]] Pep440Version without_local() const;
  // Epoch and release alone.
  [[nodiscard]] Pep440Version base() const;
  // "1!2.0rc1.post2.dev3+ubuntu.1"
  [[nodiscard]] std::string normalised() const;
};

// Nothing if `text` (blanks around it aside) is no PEP 440 version.
[[nodiscard]] std::optional<Pep440Version> parse_pep440(std::string_view text);
[[nodiscard]] std::strong_ordering compare(const Pep440Version& left, const Pep440Version& right);

// The order of two version strings of the index. What is no PEP 440 version sorts before everything that is,
// among itself as setuptools used to do.
[[nodiscard]] std::strong_ordering compare_python(std::string_view left, std::string_view right);

// One clause: ">=1.0", "==1.*", "===anything".
struct Pep440Clause {
  std::string_view op;       // "~=", "==", "!=", "<=", ">=", "<", ">", "==="
  std::string_view version;  // without the ".*"
  bool prefix = false;       // "==1.*", "!=1.*"
};

// Clauses separated by commas, as views into `text`; empty text: no clause. Nothing if one is not valid.
[[nodiscard]] std::optional<std::vector<Pep440Clause>> parse_specifiers(std::string_view text);
// Whether the candidate fulfils the clause; pre-releases count like any other version.
[[nodiscard]] bool matches(const Pep440Clause& clause, std::string_view candidate);
[[nodiscard]] bool matches(const std::vector<Pep440Clause>& clauses, std::string_view candidate);

}  // namespace bulwark::scan
