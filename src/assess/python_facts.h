#pragma once
// What a Python source imports, names and says: enough to tell which libraries it uses, and how.
//
// Names are followed through imports and nothing else; judging what code does is the work of `scan`.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::assess {

struct PythonName {
  std::string dotted;      // "mlflow.set_tracking_uri"; an attribute of something unnamed: ".fit"
  std::uint32_t line = 0;  // from 1
  bool called = false;
  bool imported = false;  // an import statement names it
};

struct PythonText {
  std::string text;
  std::uint32_t line = 0;
  std::string callee;   // the innermost call that it is an argument of; empty: none
  std::string keyword;  // `host` of host="…"
  bool first = false;   // the first thing in that call's brackets
};

struct PythonFacts {
  std::vector<PythonName> names;
  std::vector<PythonText> texts;
};

// `first_line`: number of the source's first line. Docstrings are no texts. Stops after `kPythonTokens`
// tokens.
inline constexpr std::size_t kPythonTokens = 200'000;
[[nodiscard]] PythonFacts python_facts(std::string_view source, std::uint32_t first_line = 1);

}  // namespace bulwark::assess
