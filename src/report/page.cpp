#include "report/page.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "report/html.h"

namespace bulwark::report {
namespace {

constexpr unsigned kWidest = 120;       // longer lines are hard to read
constexpr std::size_t kNarrowest = 12;  // of a column, when the line is too short for all
constexpr std::string_view kBold = "\x1b[1m", kFaint = "\x1b[2m", kEnd = "\x1b[0m";

std::string_view code_of(Tone tone) {
  constexpr std::array<std::string_view, 6> kCodes = {"",         "\x1b[2m",  "\x1b[32m",
                                                      "\x1b[36m", "\x1b[33m", "\x1b[1;31m"};
  return kCodes[std::to_underlying(tone)];
}

// Width on screen: continuation bytes of UTF-8 take no column.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::vector<std::string> wrapped(std::string_view text, std::size_t room) {
  std::vector<std::string> lines(1);
  for (const std::string_view word : words(text)) {
    if (!lines.back().empty() && width_of(lines.back()) + 1 + width_of(word) > room) lines.emplace_back();
    lines.back().append(lines.back().empty() ? "" : " ").append(word);
  }
  return lines;
}

class TextWriter {
 public:
  explicit TextWriter(const TextLook& look) : look_(look), columns_(std::min(look.columns, kWidest)) {}

  std::string write(const Page& page) {
    out_.clear();
    if (width_of(page.title) <= columns_) {
      out_ += painted(page.title, kBold) + "\n";  // its blanks as they are
    } else {
      prose(page.title, 0, kBold);
    }
    if (!page.subtitle.empty()) prose(page.subtitle, 0, kFaint);
    for (const Section& section : page.sections)
      if (!section.empty()) write(section);
    return std::move(out_);
  }

 private:
  std::string painted(std::string_view text, std::string_view code) const {
    if (!look_.colour || code.empty() || text.empty()) return std::string(text);
    return std::string(code) + std::string(text) + std::string(kEnd);
  }

  void write(const Section& section) {
    out_ += "\n";
    if (!section.title.empty()) out_ += painted(section.title, kBold) + "\n";
    const std::size_t indent = section.title.empty() ? 0 : 2;
    for (const std::string& paragraph : section.paragraphs) prose(paragraph, indent, "");
    facts(section, indent);
    table(section, indent);
    for (const std::string& note : section.notes) prose(note, indent, kFaint);
  }

  void prose(std::string_view text, std::size_t indent, std::string_view code) {
    for (const std::string& line : wrapped(text, columns_ - indent))
      out_ += std::string(indent, ' ') + painted(line, code) + "\n";
  }

  void facts(const Section& section, std::size_t indent) {
    std::size_t label = 0;
    for (const auto& [name, value] : section.facts) label = std::max(label, width_of(name));
    for (const auto& [name, value] : section.facts) {
      bool first = true;
      for (const std::string& line : wrapped(value.text, columns_ - indent - label - 2)) {
        out_ += std::string(indent, ' ') + (first ? painted(name, kFaint) : "") +
                std::string(label + 2 - (first ? width_of(name) : 0), ' ') +
                painted(line, code_of(value.tone)) + "\n";
        first = false;
      }
    }
  }

  std::vector<std::size_t> widths(const Section& section, std::size_t room) const {
    std::vector<std::size_t> widths(section.header.size());
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = width_of(section.header[i]);
      for (const Row& row : section.rows) widths[i] = std::max(widths[i], width_of(row[i].text));
    }
    std::size_t total = 2 * (widths.size() - 1);
    for (const std::size_t width : widths) total += width;
    while (total > room) {
      const auto widest = std::ranges::max_element(widths);
      if (*widest <= kNarrowest) break;
      --*widest;
      --total;
    }
    return widths;
  }

  void table(const Section& section, std::size_t indent) {
    if (section.rows.empty()) return;
    const std::vector<std::size_t> room = widths(section, columns_ - indent);
    Row head;
    for (const std::string& title : section.header) head.emplace_back(title, Tone::Faint);
    if (std::ranges::any_of(section.header, [](const std::string& title) { return !title.empty(); }))
      row(head, room, indent);
    for (const Row& cells : section.rows) row(cells, room, indent);
  }

  void row(const Row& cells, const std::vector<std::size_t>& room, std::size_t indent) {
    std::vector<std::vector<std::string>> lines;
    std::size_t height = 1;
    for (std::size_t i = 0; i < room.size(); ++i) {
      lines.push_back(wrapped(cells[i].text, room[i]));
      height = std::max(height, lines.back().size());
    }
    for (std::size_t y = 0; y < height; ++y) {
      std::string line(indent, ' ');
      std::size_t owed = 0;  // blanks that only count if something follows
      for (std::size_t x = 0; x < room.size(); ++x) {
        const std::string text = y < lines[x].size() ? lines[x][y] : "";
        if (!text.empty()) {
          line += std::string(owed, ' ') + painted(text, code_of(cells[x].tone));
          owed = 0;
        }
        owed += 2 + room[x] - std::min(room[x], width_of(text));
      }
      out_ += line + "\n";
    }
  }

  const TextLook& look_;
  const std::size_t columns_;
  std::string out_;
};

std::string in_markdown(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '|' || letter == '*' || letter == '_' || letter == '<' || letter == '[' || letter == '`')
      out += '\\';
    out += letter;
  }
  return out;
}

std::string_view badge_of(Tone tone) {
  constexpr std::array<std::string_view, 6> kClasses = {"", "none", "good", "note", "warn", "bad"};
  return kClasses[std::to_underlying(tone)];
}

std::string html_cell(const Cell& cell) {
  if (cell.tone == Tone::Plain || cell.text.empty()) return html(cell.text);
  return "<span class=\"badge " + std::string(badge_of(cell.tone)) + "\">" + html(cell.text) + "</span>";
}

}  // namespace

std::string page_text(const Page& page, const TextLook& look) {
  return TextWriter(look).write(page);
}

std::string page_markdown(const Page& page) {
  std::string out = "# " + in_markdown(page.title) + "\n";
  if (!page.subtitle.empty()) out += "\n*" + in_markdown(page.subtitle) + "*\n";
  for (const Section& section : page.sections) {
    if (section.empty()) continue;
    if (!section.title.empty()) out += "\n## " + in_markdown(section.title) + "\n";
    for (const std::string& paragraph : section.paragraphs) out += "\n" + in_markdown(paragraph) + "\n";
    if (!section.facts.empty()) out += "\n";
    for (const auto& [label, value] : section.facts)
      out += "- **" + in_markdown(label) + ":** " + in_markdown(value.text) + "\n";
    if (!section.rows.empty()) {
      out += "\n|";
      for (const std::string& title : section.header) out += " " + in_markdown(title) + " |";
      out += "\n|";
      for (std::size_t i = 0; i < section.header.size(); ++i) out += "---|";
      out += "\n";
      for (const Row& row : section.rows) {
        out += "|";
        for (const Cell& cell : row) out += " " + in_markdown(cell.text) + " |";
        out += "\n";
      }
    }
    for (const std::string& note : section.notes) out += "\n" + in_markdown(note) + "\n";
  }
  return out;
}

std::string page_html(const Page& page) {
  std::string body;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < page.sections.size(); ++i) ids.push_back("s" + std::to_string(i + 1));
  std::vector<HtmlLink> contents;
  for (std::size_t i = 0; i < page.sections.size(); ++i) {
    const Section& section = page.sections[i];
    if (section.empty()) continue;
    if (!section.title.empty()) {
      contents.push_back({ids[i], section.title});
      body += "<h2 id=\"" + ids[i] + "\">" + html(section.title) + "</h2>\n";
    }
    for (const std::string& paragraph : section.paragraphs) body += "<p>" + html(paragraph) + "</p>\n";
    if (!section.facts.empty()) {
      body += "<table><tbody>\n";
      for (const auto& [label, value] : section.facts)
        body += "<tr><th scope=\"row\">" + html(label) + "</th><td>" + html_cell(value) + "</td></tr>\n";
      body += "</tbody></table>\n";
    }
    if (!section.rows.empty()) {
      body += "<div class=\"scrolls\" role=\"region\" tabindex=\"0\" aria-label=\"" + html(section.title) +
              "\">\n<table><thead><tr>";
      // A header without text says nothing to who hears it.
      for (const std::string& title : section.header)
        body += title.empty() ? "<td></td>" : "<th scope=\"col\">" + html(title) + "</th>";
      body += "</tr></thead><tbody>\n";
      for (const Row& row : section.rows) {
        body += "<tr>";
        for (const Cell& cell : row) body += "<td>" + html_cell(cell) + "</td>";
        body += "</tr>\n";
      }
      body += "</tbody></table>\n</div>\n";
    }
    for (const std::string& note : section.notes) body += "<p class=\"muted\">" + html(note) + "</p>\n";
  }
  const std::string lede = html(page.subtitle);
  return write_html(
      {.title = page.title,
       .lede = lede,
       .contents = contents.size() > 2 ? std::span<const HtmlLink>(contents) : std::span<const HtmlLink>(),
       .body = body,
       .footer = {},
       .style = {},
       .script = {}});
}

}  // namespace bulwark::report
