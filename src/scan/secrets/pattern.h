#pragma once
// A regular expression that is matched in linear time (RE2), over bytes.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bulwark::scan::secrets {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;

  [[nodiscard]] std::size_t size() const { return end - begin; }
};

class Pattern {
 public:
  // An expression of ours; `{{end}}` in it stands for what may follow a value. One that does not compile
  // matches nothing (a test compiles them all: see `valid`).
  explicit Pattern(std::string_view expression);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  [[nodiscard]] bool valid() const;
  // The first match in `window` at or after `from` (exactly there if `anchored`): its first group that took
  // part, or all of it.
  [[nodiscard]] std::optional<Span> find(std::string_view window, std::size_t from, bool anchored) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace bulwark::scan::secrets
