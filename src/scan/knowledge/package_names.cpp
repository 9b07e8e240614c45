#include "scan/knowledge/package_names.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "scan/formats/versions/order.h"

// Compiled in from data/knowledge (cmake/Embed.cmake).
extern "C" {
extern const char bw_packages[], bw_packages_end[];
}

namespace bulwark::scan {
namespace {

constexpr std::size_t kShortest = 5;
// Index rules cap names far below; a longer one imitates nothing.
constexpr std::size_t kLongest = 80;

struct Known {
  std::string_view name;
  std::string_view kind;   // "popular", "known", "invented"
  std::string_view meant;  // of an invented one
  std::string_view why;
};

std::string without_separators(std::string_view name) {
  std::string text;
  for (const char c : name)
    if (c != '-' && c != '_' && c != '.') text += c;
  return text;
}

// One spelling for letters that are hard to tell apart.
std::string as_seen(std::string_view name) {
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const std::string_view rest = name.substr(i);
    if (rest.starts_with("rn") || rest.starts_with("vv")) {
      text += rest.front() == 'r' ? 'm' : 'w';
      ++i;
      continue;
    }
    const char c = name[i];
    text += c == '0' ? 'o' : c == '1' || c == 'i' ? 'l' : c == '5' ? 's' : c;
  }
  return text;
}

std::string in_order(std::string_view name) {
  auto words = split(name, '-');
  std::ranges::sort(words);
  std::string text;
  for (const std::string_view word : words) text.append(word) += '-';
  return text;
}

// All names of one ecosystem, by every form under which an imitation is looked up. Built once, then only
// read.
struct Names {
  std::unordered_map<std::string, Known> exact;
  std::unordered_map<std::string, std::string_view> joined, seen, ordered;  // of popular ones
  std::unordered_map<std::string, std::string_view> deletions;  // popular names with one letter left out
};

void add_popular(Names& names, std::string_view name) {
  if (name.size() < kShortest) return;
  names.joined.emplace(without_separators(name), name);
  names.seen.emplace(as_seen(name), name);
  if (name.contains('-')) names.ordered.emplace(in_order(name), name);
  names.deletions.emplace(name, name);
  for (std::size_t i = 0; i < name.size(); ++i) {
    std::string shorter(name);
    shorter.erase(i, 1);
    names.deletions.emplace(std::move(shorter), name);
  }
}

const Names& names_of(std::string_view ecosystem) {
  struct Table {
    Names python, npm, none;
    Table() {
      const std::string_view text{bw_packages, static_cast<std::size_t>(bw_packages_end - bw_packages)};
      for (const std::string_view line : split(text, '\n')) {
        if (line.empty() || line.front() == '#') continue;
        const auto cells = split(line, '\t');
        if (cells.size() != 5) continue;
        Names& names = cells[0] == "npm" ? npm : python;
        names.exact.emplace(std::string(cells[1]), Known{cells[1], cells[2], cells[3], cells[4]});
        if (cells[2] == "popular") add_popular(names, cells[1]);
      }
    }
  };
  static const Table kTable;
  return ecosystem == "PyPI" ? kTable.python : ecosystem == "npm" ? kTable.npm : kTable.none;
}

const Known* find_known(std::string_view ecosystem, std::string_view name) {
  const Names& names = names_of(ecosystem);
  const auto found = names.exact.find(std::string(name));
  return found == names.exact.end() ? nullptr : &found->second;
}

// Two names within one edit share a form with at most one letter left out of each.
std::string_view one_edit_away(const Names& names, std::string_view name) {
  const auto look = [&](const std::string& form) -> std::string_view {
    const auto found = names.deletions.find(form);
    return found != names.deletions.end() && within_one_edit(name, found->second) ? found->second
                                                                                  : std::string_view();
  };
  if (const auto found = look(std::string(name)); !found.empty()) return found;
  for (std::size_t i = 0; i < name.size(); ++i) {
    std::string shorter(name);
    shorter.erase(i, 1);
    if (const auto found = look(shorter); !found.empty()) return found;
  }
  return {};
}

std::string_view without_affix(const Names& names, std::string_view name) {
  constexpr std::array<std::string_view, 4> kBefore = {"python-", "python3-", "py-", "the-"};
  constexpr std::array<std::string_view, 9> kBehind = {"-python", "-python3",  "-py",     "-cpu", "-gpu",
                                                       "-cuda",   "-official", "-latest", "-lib"};
  const auto popular = [&](std::string_view bare) {
    const auto found = names.exact.find(std::string(bare));
    return bare.size() >= kShortest && found != names.exact.end() && found->second.kind == "popular"
               ? found->second.name
               : std::string_view();
  };
  for (const std::string_view affix : kBefore)
    if (name.starts_with(affix))
      if (const auto found = popular(name.substr(affix.size())); !found.empty()) return found;
  for (const std::string_view affix : kBehind)
    if (name.ends_with(affix))
      if (const auto found = popular(name.substr(0, name.size() - affix.size())); !found.empty())
        return found;
  return {};
}

std::optional<NameDoubt> found_in(const std::unordered_map<std::string, std::string_view>& forms,
                                  const std::string& form, NameDoubt::Kind kind, std::string why) {
  const auto found = forms.find(form);
  if (found == forms.end()) return std::nullopt;
  return NameDoubt{kind, std::string(found->second), std::move(why)};
}

}  // namespace

bool within_one_edit(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  std::size_t same = 0;
  while (same < a.size() && a[same] == b[same]) ++same;
  if (same == a.size()) return true;
  const std::string_view rest_a = a.substr(same);
  const std::string_view rest_b = b.substr(same);
  if (rest_a.size() < rest_b.size()) return rest_a == rest_b.substr(1);
  if (rest_a.substr(1) == rest_b.substr(1)) return true;
  return rest_a.size() > 1 && rest_a[0] == rest_b[1] && rest_a[1] == rest_b[0] &&
         rest_a.substr(2) == rest_b.substr(2);
}

bool is_known_package(std::string_view ecosystem, std::string_view name) {
  const Known* known = find_known(ecosystem, normalised_name(ecosystem, name));
  return known != nullptr && known->kind != "invented";
}

std::optional<NameDoubt> doubt_name(std::string_view ecosystem, std::string_view written) {
  if (written.size() > kLongest) return std::nullopt;
  const std::string name = normalised_name(ecosystem, written);
  if (const Known* known = find_known(ecosystem, name)) {
    if (known->kind != "invented") return std::nullopt;
    return NameDoubt{NameDoubt::Kind::Invented, std::string(known->meant), std::string(known->why)};
  }
  // A scope of npm belongs to one owner: only names without one can be taken by anybody.
  if (name.size() < kShortest || name.starts_with('@')) return std::nullopt;
  const Names& names = names_of(ecosystem);
  using Kind = NameDoubt::Kind;
  if (auto doubt = found_in(names.seen, as_seen(name), Kind::Lookalike, "letters that look alike"))
    return doubt;
  if (auto doubt =
          found_in(names.joined, without_separators(name), Kind::Separators, "the separators differ"))
    return doubt;
  if (const auto meant = one_edit_away(names, name); !meant.empty())
    return NameDoubt{Kind::Typing, std::string(meant), "one letter differs"};
  if (name.contains('-'))
    if (auto doubt =
            found_in(names.ordered, in_order(name), Kind::WordOrder, "the words are in another order"))
      return doubt;
  if (const auto meant = without_affix(names, name); !meant.empty())
    return NameDoubt{Kind::Affix, std::string(meant), "a word was added"};
  return std::nullopt;
}

}  // namespace bulwark::scan
