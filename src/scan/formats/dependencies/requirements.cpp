#include "scan/formats/dependencies/requirements.h"

#include <algorithm>

#include "base/text.h"
#include "scan/formats/versions/digits.h"
#include "scan/formats/versions/pep440.h"

namespace bulwark::scan {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

std::string_view without_comment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1))
    if (at == 0 || is_blank(line[at - 1])) return line.substr(0, at);
  return line;
}

bool is_comment(std::string_view line) {
  return trim(line).starts_with('#');
}

// A line with its continuations, comments taken out.
struct LogicalLine {
  std::string text;
  std::uint64_t offset = 0;
  std::uint32_t line = 0;
};

// Calls `each` for every logical line. A comment ends a continuation, as in pip.
template <class Each>
void for_each_line(std::string_view text, Each each) {
  LogicalLine gathered;
  bool open = false;
  std::uint32_t number = 0;
  std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (at <= text.size()) {
    ++number;
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!open) gathered = {.text = {}, .offset = at, .line = number};
    const bool comment = is_comment(line);
    open = !comment && line.ends_with('\\');
    if (open) line.remove_suffix(1);
    if (!comment) gathered.text += line;
    if (!open) {
      std::string whole(trim(without_comment(gathered.text)));
      if (!whole.empty()) each(LogicalLine{std::move(whole), gathered.offset, gathered.line});
    }
    at = end + 1;
  }
  if (open) {
    std::string whole(trim(without_comment(gathered.text)));
    if (!whole.empty()) each(LogicalLine{std::move(whole), gathered.offset, gathered.line});
  }
}

Place place_of_line(const LogicalLine& line, std::string_view text) {
  std::uint64_t offset = line.offset;
  while (offset < text.size() && is_blank(text[offset])) ++offset;
  return {
      .offset = offset, .line = line.line, .column = static_cast<std::uint32_t>(offset - line.offset + 1)};
}

bool is_name_char(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
}

bool is_url(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon != std::string_view::npos && colon > 0 &&
      std::ranges::all_of(text.substr(0, colon), [](char c) { return is_name_char(c) || c == '+'; }))
    return true;
  return text.starts_with("file:");
}

bool is_path(std::string_view text) {
  return text.starts_with("./") || text.starts_with("../") || text.starts_with('/') || text == "." ||
         text.starts_with(".\\");
}

bool ends_like_archive(std::string_view text) {
  text = text.substr(0, text.find('#'));
  return text.ends_with(".whl") || text.ends_with(".tar.gz") || text.ends_with(".zip");
}

// The options of pip's own grammar that may follow a requirement start with a dash behind a blank.
std::string_view take_options(std::string_view& text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] != '-' || !is_blank(text[at - 1])) continue;
    const std::string_view options = text.substr(at);
    if (options.size() < 2 || is_digit(options[1])) continue;
    text = trim(text.substr(0, at));
    return options;
  }
  return {};
}

void read_fragment(std::string_view url, Dependency& found) {
  const std::size_t hash = url.find('#');
  if (hash == std::string_view::npos) return;
  for (const std::string_view piece : split(url.substr(hash + 1), '&')) {
    if (piece.starts_with("egg=") && found.name.empty()) {
      const std::string_view egg = piece.substr(4);
      found.name = egg.substr(0, egg.find_first_of("[=<>"));
    }
    if (piece.starts_with("sha256=") || piece.starts_with("sha384=") || piece.starts_with("sha512=")) {
      found.hashed = true;
      add_digest(found, piece);
    }
  }
}

Dependency from_source(std::string name, std::string_view source) {
  Dependency found;
  found.ecosystem = "PyPI";
  found.name = std::move(name);
  found.source = source;
  const std::string_view address = source.substr(0, source.find('#'));
  if (source.starts_with("git+") || source.starts_with("hg+") || source.starts_with("svn+") ||
      source.starts_with("bzr+"))
    found.commit = commit_in(address);
  read_fragment(source, found);
  if (found.name.empty()) found.name = name_from_url(address);
  return found;
}

// The version that "==1.0" leaves, and whether the clause text is one at all.
bool read_constraint(std::string_view text, Dependency& found) {
  if (text.starts_with('(') && text.ends_with(')')) text = trim(text.substr(1, text.size() - 2));
  found.wanted = text;
  if (text.empty()) return true;
  // pip refuses blanks inside; other tools cut there, and so the pin still says what is meant.
  const std::size_t operators = text.find_first_not_of("=<>!~ ");
  if (operators == std::string_view::npos) return false;
  const std::size_t blank = text.find_first_of(" \t", operators);
  auto clauses = parse_specifiers(text);
  if (!clauses && blank != std::string_view::npos) clauses = parse_specifiers(text.substr(0, blank));
  if (!clauses) return text.find("==") != std::string_view::npos && text.find('$') == std::string_view::npos;
  for (const Pep440Clause& clause : *clauses)
    if ((clause.op == "==" || clause.op == "===") && !clause.prefix) found.version = clause.version;
  return true;
}

// pip's file options: "-r x", "-rx", "--requirement=x".
std::optional<std::string_view> option_value(std::string_view line, std::string_view name) {
  if (!line.starts_with(name)) return std::nullopt;
  std::string_view rest = line.substr(name.size());
  const bool is_long = name.starts_with("--");
  if (rest.empty()) return std::string_view();
  if (is_long && rest.front() != '=' && !is_blank(rest.front())) return std::nullopt;
  rest = trim(rest);
  if (rest.starts_with('=')) rest = trim(rest.substr(1));
  if (rest.size() > 1 && (rest.front() == '"' || rest.front() == '\'') && rest.back() == rest.front())
    rest = rest.substr(1, rest.size() - 2);
  return rest;
}

struct IndexOption {
  std::string_view name;
  PackageIndex::Kind kind;
};
constexpr IndexOption kIndexOptions[] = {
    {"--index-url", PackageIndex::Kind::Main},
    {"--pypi-url", PackageIndex::Kind::Main},
    {"-i", PackageIndex::Kind::Main},
    {"--extra-index-url", PackageIndex::Kind::Extra},
    {"--find-links", PackageIndex::Kind::FindLinks},
    {"-f", PackageIndex::Kind::FindLinks},
    {"--trusted-host", PackageIndex::Kind::TrustedHost},
};

void read_option(const LogicalLine& line, Place place, DependencyList& list) {
  for (const std::string_view name : {"--requirement", "-r"})
    if (const auto value = option_value(line.text, name))
      return list.included.push_back({std::string(*value), false, place});
  for (const std::string_view name : {"--constraint", "-c"})
    if (const auto value = option_value(line.text, name))
      return list.included.push_back({std::string(*value), true, place});
  for (const std::string_view name : {"--editable", "-e"}) {
    const auto value = option_value(line.text, name);
    if (!value) continue;
    Dependency editable = from_source({}, *value);
    editable.place = place;
    return list.dependencies.push_back(std::move(editable));
  }
  for (const IndexOption& option : kIndexOptions) {
    const auto value = option_value(line.text, option.name);
    if (!value || value->empty()) continue;
    // "-foo==1.0" is `-f oo==1.0` to pip: no address, and nobody meant it.
    if (option.name.size() == 2 && !is_blank(line.text[2]) && !is_url(*value) && !is_path(*value)) break;
    return list.indexes.push_back(
        {.kind = option.kind, .url = std::string(*value), .name = {}, .scope = {}, .place = place});
  }
  if (line.text.starts_with("--require-hashes")) {
    list.requires_hashes = true;
    return;
  }
  constexpr std::string_view kHarmless[] = {"--no-index",  "--pre",         "--prefer-binary",
                                            "--no-binary", "--only-binary", "--use-feature",
                                            "--use-pep517"};
  if (std::ranges::any_of(kHarmless, [&](std::string_view each) { return line.text.starts_with(each); }))
    return;
  list.unread.push_back({"is no option of a requirements file", line.text, place});
}

}  // namespace

std::string name_from_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  std::string_view last = url.substr(url.rfind('/') + 1);
  if (!ends_like_archive(last)) {
    if (!url.starts_with("git+") && !url.ends_with(".git")) return {};
    last = last.substr(0, last.find('@'));
    return std::string(last.ends_with(".git") ? last.substr(0, last.size() - 4) : last);
  }
  std::size_t dash = last.find('-');
  while (dash != std::string_view::npos && dash + 1 < last.size() && !is_digit(last[dash + 1]))
    dash = last.find('-', dash + 1);
  return dash == std::string_view::npos ? std::string() : std::string(last.substr(0, dash));
}

std::optional<Dependency> parse_requirement(std::string_view text) {
  text = trim(text);
  const std::string_view options = take_options(text);
  const bool hashed = options.find("--hash") != std::string_view::npos;
  const auto with_digests = [&](Dependency found) {
    found.hashed = found.hashed || hashed;
    for (const std::string_view word : words(options)) {
      const std::size_t digest = word.starts_with("--hash=") ? 7 : 0;
      if (hashed && word != "--hash") add_digest(found, word.substr(digest));
    }
    return found;
  };
  if (is_url(text) || is_path(text)) {
    return with_digests(from_source({}, trim(text.substr(0, text.find(" ;")))));
  }
  std::size_t end = 0;
  while (end < text.size() && is_name_char(text[end])) ++end;
  const std::string_view name = text.substr(0, end);
  if (name.empty() || !(is_letter(name.front()) || is_digit(name.front()))) return std::nullopt;
  std::string_view rest = trim(text.substr(end));
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    rest = trim(rest.substr(close + 1));
  }
  if (rest.starts_with('@')) {
    rest = trim(rest.substr(1));
    const std::size_t marker = std::min(rest.find(" ;"), rest.find("; "));
    Dependency found = with_digests(from_source(std::string(name), trim(rest.substr(0, marker))));
    return found.source.empty() ? std::nullopt : std::optional(found);
  }
  if (rest.empty() && ends_like_archive(text)) return from_source(name_from_url(text), text);
  rest = trim(rest.substr(0, rest.find(';')));
  if (!rest.empty() && !std::string_view("=<>!~(").contains(rest.front())) return std::nullopt;
  Dependency found;
  found.ecosystem = "PyPI";
  found.name = name;
  if (!read_constraint(rest, found)) return std::nullopt;
  return with_digests(std::move(found));
}

DependencyList read_requirements(std::string_view text) {
  DependencyList list;
  for_each_line(text, [&](const LogicalLine& line) {
    const Place place = place_of_line(line, text);
    if (line.text.starts_with('-')) return read_option(line, place, list);
    auto found = parse_requirement(line.text);
    if (!found) return list.unread.push_back({"is no requirement", line.text, place});
    found->place = place;
    list.dependencies.push_back(std::move(*found));
  });
  return list;
}

}  // namespace bulwark::scan
