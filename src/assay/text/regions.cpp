#include "assay/text/regions.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/one_of.h"
#include "base/text.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kTagBytes = 4'096;   // of one tag; longer ones are no markup that anybody wrote
constexpr std::size_t kDepth = 256;        // of open elements that are remembered
constexpr std::size_t kQuoteBytes = 600;   // of one quotation
constexpr std::size_t kHiddenNames = 200;  // classes and ids that a style sheet hides

// Text without blanks, in lower case: as styles are compared.
std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') out += c;
  return lower(out);
}

// Value of a property in a squeezed style: "font-size" in "color:red;font-size:0px" is "0px".
std::optional<std::string_view> property(std::string_view style, std::string_view name) {
  for (std::size_t at = 0; (at = style.find(name, at)) != std::string_view::npos; at += name.size()) {
    const bool starts = at == 0 || style[at - 1] == ';' || style[at - 1] == '{';
    if (!starts || style.substr(at + name.size(), 1) != ":") continue;
    const std::size_t from = at + name.size() + 1;
    std::string_view value =
        style.substr(from, std::min(style.find_first_of(";}", from), style.size()) - from);
    if (const std::size_t mark = value.find("!important"); mark != std::string_view::npos)
      value = value.substr(0, mark);
    return value;
  }
  return {};
}

// A length of almost nothing: "0", "0px", "0.1em", "1px".
bool is_tiny(std::string_view value) {
  std::size_t digits = 0;
  double number = 0;
  double scale = 1;
  bool point = false;
  for (; digits < value.size() && digits < 12; ++digits) {
    const char c = value[digits];
    if (c == '.' && !point) {
      point = true;
    } else if (c >= '0' && c <= '9') {
      if (point) scale /= 10;
      number = point ? number + scale * (c - '0') : number * 10 + (c - '0');
    } else {
      break;
    }
  }
  if (digits == 0) return false;
  const std::string_view unit = value.substr(digits);
  if (is_one_of(unit, {"px", "pt", ""})) return number <= 1;
  return is_one_of(unit, {"em", "rem", "%", "ex"}) && number <= 0.1;
}

bool is_white(std::string_view colour) {
  return is_one_of(colour, {"white", "#fff", "#ffffff", "#fefefe", "#fdfdfd", "rgb(255,255,255)", "snow",
                            "ivory", "#fffffe", "rgba(255,255,255,1)"});
}

bool is_far_away(std::string_view value) {
  return value.starts_with("-") && value.size() > 4 && value[1] >= '1' && value[1] <= '9' &&
         value[2] >= '0' && value[2] <= '9' && value[3] >= '0' && value[3] <= '9';
}

// Why a style hides its element, or empty.
std::string_view hiding(std::string_view style_text) {
  const std::string style = squeezed(style_text);
  const auto is = [&](std::string_view name, std::string_view value) {
    return property(style, name).value_or("") == value;
  };
  if (is("display", "none")) return "display:none";
  if (is("visibility", "hidden") || is("visibility", "collapse")) return "visibility:hidden";
  if (const auto opacity = property(style, "opacity"))
    if (*opacity == "0" || opacity->starts_with("0.0") || *opacity == "0%") return "opacity:0";
  if (const auto size = property(style, "font-size"); size && is_tiny(*size)) return "font size 0";
  if (is("color", "transparent") || property(style, "color").value_or("").ends_with(",0)"))
    return "transparent text";
  const auto colour = property(style, "color");
  const auto background =
      property(style, "background-color").value_or(property(style, "background").value_or(""));
  if (colour &&
      (*colour == background || (is_white(*colour) && (background.empty() || is_white(background)))))
    return "text in the colour of its background";
  for (const std::string_view side : {"left", "top", "right", "text-indent", "margin-left"})
    if (is_far_away(property(style, side).value_or(""))) return "off screen";
  if ((is("height", "0") || is("height", "0px") || is("max-height", "0") || is("max-height", "0px")) &&
      is("overflow", "hidden"))
    return "height 0";
  return {};
}

struct Tag {
  std::string name;  // lower case
  std::string_view attributes;
  bool closes = false;
  bool closed = false;  // "<br/>"
  std::size_t end = 0;  // behind ">"
};

std::optional<Tag> tag_at(std::string_view text, std::size_t at) {
  Tag tag;
  std::size_t i = at + 1;
  if (i < text.size() && text[i] == '/') {
    tag.closes = true;
    ++i;
  }
  while (i < text.size() && tag.name.size() < 20 &&
         ((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z') ||
          (!tag.name.empty() && text[i] >= '0' && text[i] <= '9')))
    tag.name += text[i++];
  if (tag.name.empty()) return {};
  const std::string_view rest = text.substr(i, kTagBytes);
  char quote = 0;
  for (std::size_t j = 0; j < rest.size(); ++j) {
    const char c = rest[j];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '<') {
      return {};
    } else if (c == '>') {
      tag.attributes = rest.substr(0, j);
      tag.closed = tag.attributes.ends_with('/');
      tag.end = i + j + 1;
      tag.name = lower(tag.name);
      return tag;
    }
  }
  return {};
}

// Value of an attribute; empty if it is not there. Present without a value: a blank.
std::string_view attribute(std::string_view attributes, std::string_view name) {
  const std::string folded = lower(attributes);
  for (std::size_t at = 0; (at = folded.find(name, at)) != std::string::npos; at += name.size()) {
    if (at > 0 && !is_one_of(std::string_view(folded).substr(at - 1, 1), {" ", "\n", "\t", "\r", "\"", "'"}))
      continue;
    std::size_t from = at + name.size();
    if (from == folded.size() || folded[from] == ' ' || folded[from] == '/') return " ";
    if (folded[from] != '=') continue;
    ++from;
    if (from < folded.size() && (folded[from] == '"' || folded[from] == '\'')) {
      const std::size_t end = folded.find(folded[from], from + 1);
      return attributes.substr(from + 1, (end == std::string::npos ? folded.size() : end) - from - 1);
    }
    const std::size_t end = folded.find_first_of(" \t\n/", from);
    return attributes.substr(from, (end == std::string::npos ? folded.size() : end) - from);
  }
  return {};
}

class Finder {
 public:
  explicit Finder(std::string_view text) : text_(text) {}

  std::vector<Region> find() {
    style_sheets();
    fences_and_lines();
    markup();
    latex();
    quotes();
    std::ranges::stable_sort(regions_, {}, &Region::begin);
    return std::move(regions_);
  }

 private:
  void add(RegionKind kind, std::size_t begin, std::size_t end, std::string_view why = {}) {
    if (begin < end && regions_.size() < kMostRegions)
      regions_.push_back({.kind = kind, .begin = begin, .end = end, .why = why});
  }

  // ".note { display: none }": names that hide what carries them.
  void style_sheets() {
    for (std::size_t at = 0; (at = text_.find("<style", at)) != std::string_view::npos;) {
      const std::size_t end = std::min(text_.find("</style", at), text_.size());
      const std::string_view sheet = text_.substr(at, end - at);
      for (std::size_t from = std::min(sheet.find('>'), sheet.size()); from < sheet.size();) {
        const std::size_t open = sheet.find('{', from);
        if (open == std::string_view::npos) break;
        const std::size_t close = std::min(sheet.find('}', open), sheet.size());
        if (const std::string_view why = hiding(sheet.substr(open + 1, close - open - 1)); !why.empty())
          hidden_selectors(sheet.substr(from, open - from), why);
        from = close + 1;
      }
      at = std::max(end, at + 1);
    }
  }

  void hidden_selectors(std::string_view selectors, std::string_view why) {
    for (std::size_t at = 0; (at = selectors.find_first_of(".#", at)) != std::string_view::npos; ++at) {
      const std::size_t end = std::min(selectors.find_first_of(" ,.#:{>+~[\n\r\t", at + 1), selectors.size());
      if (end > at + 1 && hidden_names_.size() < kHiddenNames)
        hidden_names_.emplace(std::string(selectors.substr(at, end - at)), why);
    }
  }

  void fences_and_lines() {
    std::size_t fence = std::string_view::npos;
    std::string_view mark;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      const std::string_view line = trim(text_.substr(at, end - at));
      if (fence != std::string_view::npos) {
        if (line.starts_with(mark) && line.find_first_not_of(mark[0]) == std::string_view::npos) {
          add(RegionKind::Code, fence, end);
          fence = std::string_view::npos;
        }
      } else if (line.starts_with("```") || line.starts_with("~~~")) {
        fence = at;
        mark = line.substr(0, 3);
      } else if (line.starts_with("[//]:") || line.starts_with("[comment]:")) {
        add(RegionKind::Comment, at, end);
      } else if (line.starts_with("> ") || line.starts_with("&gt;")) {
        add(RegionKind::Quote, at, end);
      } else {
        inline_code(at, end);
      }
      at = end + 1;
    }
    if (fence != std::string_view::npos) add(RegionKind::Code, fence, text_.size());
  }

  void inline_code(std::size_t at, std::size_t end) {
    const std::string_view line = text_.substr(at, end - at);
    for (std::size_t from = 0; (from = line.find('`', from)) != std::string_view::npos;) {
      const std::size_t close = line.find('`', from + 1);
      if (close == std::string_view::npos) return;
      add(RegionKind::Code, at + from, at + close + 1);
      from = close + 1;
    }
  }

  struct Open {
    std::string name;
    std::size_t begin = 0;
    std::string_view why;  // empty: shown
    bool code = false;
  };

  void markup() {
    std::vector<Open> open;
    for (std::size_t at = 0; (at = text_.find('<', at)) != std::string_view::npos;) {
      if (text_.substr(at).starts_with("<!--")) {
        const std::size_t end = std::min(text_.find("-->", at), text_.size());
        add(RegionKind::Comment, at, end);
        at = end;
        continue;
      }
      const std::optional<Tag> tag = tag_at(text_, at);
      if (!tag) {
        ++at;
        continue;
      }
      if (tag->closes) {
        close(open, tag->name, at);
      } else if (!tag->closed && !is_one_of(tag->name, {"br", "img", "hr", "input", "meta", "link", "area",
                                                        "base", "col", "embed", "source", "track", "wbr"})) {
        if (open.size() < kDepth)
          open.push_back({.name = tag->name,
                          .begin = tag->end,
                          .why = hides(*tag),
                          .code = is_one_of(tag->name, {"code", "pre", "script", "style", "kbd", "samp"})});
      }
      at = tag->end;
    }
    while (!open.empty()) close(open, open.back().name, text_.size());
  }

  void close(std::vector<Open>& open, std::string_view name, std::size_t at) {
    const auto found =
        std::find_if(open.rbegin(), open.rend(), [&](const Open& o) { return o.name == name; });
    if (found == open.rend()) return;
    const auto count = static_cast<std::size_t>(std::distance(open.rbegin(), found)) + 1;
    for (std::size_t i = 0; i < count; ++i) {
      const Open& last = open.back();
      if (!last.why.empty()) add(RegionKind::Hidden, last.begin, at, last.why);
      if (last.code) add(RegionKind::Code, last.begin, at);
      open.pop_back();
    }
  }

  std::string_view hides(const Tag& tag) const {
    if (tag.name == "template" || tag.name == "noscript") return {};
    if (!attribute(tag.attributes, "hidden").empty()) return "hidden";
    if (const std::string_view why = hiding(attribute(tag.attributes, "style")); !why.empty()) return why;
    if (tag.name == "font") {
      if (is_white(squeezed(attribute(tag.attributes, "color"))))
        return "text in the colour of its background";
      if (attribute(tag.attributes, "size") == "0") return "font size 0";
    }
    if (hidden_names_.empty()) return {};
    if (const auto id = hidden_names_.find("#" + std::string(attribute(tag.attributes, "id")));
        id != hidden_names_.end())
      return id->second;
    for (const std::string_view name : words(attribute(tag.attributes, "class")))
      if (const auto found = hidden_names_.find("." + std::string(name)); found != hidden_names_.end())
        return found->second;
    return {};
  }

  // \textcolor{white}{…}, {\color{white} …}: what papers hide from their readers.
  void latex() {
    for (const std::string_view start :
         {"\\textcolor{white}", "\\color{white}", "\\fontsize{0", "\\phantom{"})
      for (std::size_t at = 0; (at = text_.find(start, at)) != std::string_view::npos; at += start.size()) {
        const std::string_view rest = text_.substr(at + start.size(), kTagBytes);
        add(RegionKind::Hidden, at + start.size(), at + start.size() + std::min(rest.find('}'), rest.size()),
            "text in the colour of its background");
      }
  }

  // Marks that open and close on one line. An apostrophe is none.
  void quotes() {
    constexpr auto kMarks = std::to_array<std::pair<std::string_view, std::string_view>>(
        {{"\"", "\""}, {"“", "”"}, {"„", "“"}, {"«", "»"}, {"‘", "’"}, {"「", "」"}, {"『", "』"}});
    for (const auto& [open, shut] : kMarks)
      for (std::size_t at = 0; (at = text_.find(open, at)) != std::string_view::npos;) {
        const std::string_view rest = text_.substr(at + open.size(), kQuoteBytes);
        const std::size_t end = std::min(rest.find(shut), rest.find('\n'));
        if (end == std::string_view::npos || !rest.substr(end).starts_with(shut)) {
          at += open.size();
          continue;
        }
        add(RegionKind::Quote, at, at + open.size() + end);
        at += open.size() + end + shut.size();
      }
  }

  std::string_view text_;
  std::vector<Region> regions_;
  std::map<std::string, std::string_view, std::less<>> hidden_names_;
};

}  // namespace

std::vector<Region> regions_of(std::string_view text) {
  return Finder(text).find();
}

RegionIndex::RegionIndex(std::vector<Region> regions) : by_kind_(4) {
  for (const Region& region : regions) {
    std::vector<Region>& kind = by_kind_[static_cast<std::size_t>(region.kind)];
    if (!kind.empty() && region.begin < kind.back().end) {
      kind.back().end = std::max(kind.back().end, region.end);  // nested or repeated
    } else {
      kind.push_back(region);
    }
  }
}

const Region* RegionIndex::find(RegionKind kind, std::uint64_t offset) const {
  const std::vector<Region>& regions = of(kind);
  const auto after = std::ranges::upper_bound(regions, offset, {}, &Region::begin);
  if (after == regions.begin()) return nullptr;
  const Region& before = *std::prev(after);
  return offset < before.end ? &before : nullptr;
}

const std::vector<Region>& RegionIndex::of(RegionKind kind) const {
  return by_kind_[static_cast<std::size_t>(kind)];
}

}  // namespace bulwark::assay
