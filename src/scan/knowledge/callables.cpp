#include "scan/knowledge/callables.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/byte_reader.h"

// Compiled in from data/knowledge (cmake/Embed.cmake); both are sorted bytewise.
extern "C" {
extern const char bw_callables[], bw_callables_end[];
extern const char bw_stdlib_names[], bw_stdlib_names_end[];
}

namespace bulwark::scan {
namespace {

constexpr std::array<std::string_view, 14> kEffects = {
    "none",   "execute",   "evaluate", "native-load", "network",  "file-write", "file-read",
    "import", "attribute", "unpickle", "environment", "deferred", "tamper",     "unlisted",
};

// Columns: module, name, class, effect or contract, flags, provenance.
constexpr std::size_t kColumns = 6;
// A pickle may name anything; no row is longer, and longer names need no search.
constexpr std::size_t kLongestName = 512;

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

// Three-way comparison of a row with "module\tname\t", without building that string.
int compare(std::string_view row, std::string_view module, std::string_view name) {
  const auto part = [&row](std::string_view wanted) {
    const std::size_t both = std::min(row.size(), wanted.size());
    const int order = row.substr(0, both).compare(wanted.substr(0, both));
    if (order != 0) return order;
    if (row.size() <= wanted.size()) return -1;
    const int after = static_cast<unsigned char>(row[wanted.size()]) - '\t';
    row.remove_prefix(wanted.size() + 1);
    return after;
  };
  if (const int order = part(module); order != 0) return order;
  return part(name);
}

// Binary search over lines of text; `order(line)` says where the line stands seen from what is wanted.
template <class Order>
std::string_view find_line(std::string_view text, Order order) {
  std::size_t low = 0;
  std::size_t high = text.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const std::size_t before = text.substr(low, middle - low).rfind('\n');
    const std::size_t begin = before == std::string_view::npos ? low : low + before + 1;
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    const int place = order(line);
    if (place == 0) return line;
    if (place < 0) {
      low = std::min(end + 1, high);
    } else {
      high = begin;
    }
  }
  return {};
}

Effect effect_named(std::string_view name) {
  const auto found = std::ranges::find(kEffects, name);
  // A row that cannot be read must not become harmless.
  return found == kEffects.end() ? Effect::Unlisted : static_cast<Effect>(found - kEffects.begin());
}

Callable parse(std::string_view row) {
  std::array<std::string_view, kColumns> columns;
  for (std::string_view& column : columns) {
    const std::size_t end = std::min(row.find('\t'), row.size());
    column = row.substr(0, end);
    row.remove_prefix(std::min(end + 1, row.size()));
  }
  Callable found;
  found.provenance = columns[5];
  if (columns[2] != "safe") {
    found.trust = Trust::Dangerous;
    found.effect = effect_named(columns[3]);
    return found;
  }
  const auto allows = [&columns](std::string_view word) {
    return columns[3].find(word) != std::string_view::npos;
  };
  found.trust = Trust::Safe;
  found.contract = {.call = allows("call"), .make = allows("make"), .build = allows("build")};
  found.weights_only = columns[4].find('w') != std::string_view::npos;
  return found;
}

std::string_view row_of(std::string_view module, std::string_view name) {
  return find_line(between(bw_callables, bw_callables_end),
                   [&](std::string_view row) { return compare(row, module, name); });
}

// Functions begin in lower case; classes, which models are full of, do not, private ones included.
bool looks_like_function(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot != std::string_view::npos) name.remove_prefix(dot + 1);
  const std::size_t first = name.find_first_not_of('_');
  return !name.empty() && (first == std::string_view::npos || (name[first] >= 'a' && name[first] <= 'z'));
}

// What the innermost package says that speaks for all its names.
std::optional<Callable> package_of(std::string_view module, std::string_view name) {
  for (;;) {
    if (const auto row = row_of(module, "*"); !row.empty()) return parse(row);
    if (looks_like_function(name)) {
      if (const auto row = row_of(module, "*()"); !row.empty()) {
        Callable found = parse(row);
        found.assumed = true;
        return found;
      }
    }
    const std::size_t dot = module.rfind('.');
    if (dot == std::string_view::npos) return {};
    module = module.substr(0, dot);
  }
}

}  // namespace

std::string_view name_of(Effect effect) {
  return kEffects[std::to_underlying(effect)];
}

Callable look_up(std::string_view module, std::string_view name) {
  // A separator inside a hostile name must not reach into the columns of a row.
  const bool searchable = module.size() <= kLongestName && name.size() <= kLongestName &&
                          module.find_first_of("\t\n") == std::string_view::npos &&
                          name.find_first_of("\t\n") == std::string_view::npos;
  if (searchable) {
    if (const auto row = row_of(module, name); !row.empty()) return parse(row);
    if (const auto found = package_of(module, name)) return *found;
  }
  if (!is_standard_library(module)) return {};
  return {.trust = Trust::Dangerous,
          .effect = Effect::Unlisted,
          .contract = {},
          .weights_only = false,
          .assumed = false,
          .provenance = "default deny: standard library"};
}

bool is_standard_library(std::string_view module) {
  const std::string_view top = module.substr(0, module.find('.'));
  if (top.empty()) return false;
  return !find_line(between(bw_stdlib_names, bw_stdlib_names_end), [top](std::string_view line) {
            return line.compare(top);
          }).empty();
}

}  // namespace bulwark::scan
