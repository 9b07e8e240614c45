#pragma once
// Symbolic values of Python source, and the pure text functions that are worth evaluating: an attacker's
// `"me" + "tsys"[::-1]`, base64 and join() hide a name; evaluated, they show it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scan/formats/python/program.h"

namespace bulwark::python {

struct Value {
  std::string dotted = {};  // what it is, resolved through imports: "os.system"; empty: unknown
  std::string path = {};    // how it was written, for variables: "self.key"
  std::string from = {};    // whose result or attribute it is: "openai.OpenAI().chat"; empty: unknown
  // A constant text or bytes, null if unknown; shared, because a hostile source may name it a million times.
  std::shared_ptr<const std::string> text = {};
  std::optional<std::int64_t> number = {};               // a constant integer
  std::string_view word = {};                            // "True", "False", "None"; empty: none of them
  std::shared_ptr<const std::vector<Value>> items = {};  // of a list or tuple; null if it is none
  Taint taint = {};
  bool choice = false;  // one of several: `a if c else b`, `a or b`

  // The best name there is: resolved, or of what made it, or as written.
  [[nodiscard]] const std::string& name() const {
    return !dotted.empty() ? dotted : !from.empty() ? from : path;
  }
};

[[nodiscard]] inline std::shared_ptr<const std::string> shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

// Texts longer than this are not evaluated; names and commands are shorter, payloads are reported by their
// taint.
inline constexpr std::size_t kLongestText = 1U << 16U;

[[nodiscard]] Value add(const Value& left, const Value& right);

// `subject.name(arguments)` on a constant text: decode, lower, replace, join … Unknown if it is no such
// method.
[[nodiscard]] Value text_method(const Value& subject, std::string_view name,
                                const std::vector<Value>& arguments);

// base64.b64decode, bytes.fromhex, chr, str … with constant arguments. Unknown otherwise.
[[nodiscard]] Value pure_function(std::string_view dotted, const std::vector<Value>& arguments);

}  // namespace bulwark::python
