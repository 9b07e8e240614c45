#pragma once
// Pages for people, made once and written as text, markdown or HTML.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulwark::report {

enum class Tone : std::uint8_t { Plain, Faint, Good, Note, Warn, Bad };

struct Cell {
  std::string text;  // safe to print
  Tone tone = Tone::Plain;

  // Not explicit: tables are written as lists of texts.
  Cell(std::string words, Tone colour = Tone::Plain) : text(std::move(words)), tone(colour) {}
  Cell(std::string_view words, Tone colour = Tone::Plain) : text(words), tone(colour) {}
  Cell(const char* words, Tone colour = Tone::Plain) : text(words), tone(colour) {}
};

using Row = std::vector<Cell>;

// Parts that are empty are not written.
struct Section {
  std::string title;
  std::vector<std::string> paragraphs;
  std::vector<std::pair<std::string, Cell>> facts;  // label, value
  std::vector<std::string> header;                  // of the table; empty: none
  std::vector<Row> rows;
  std::vector<std::string> notes;  // below the table

  [[nodiscard]] bool empty() const {
    return paragraphs.empty() && facts.empty() && rows.empty() && notes.empty();
  }
};

struct Page {
  std::string title;
  std::string subtitle;
  std::vector<Section> sections;  // empty ones are left out
};

struct TextLook {
  bool colour = false;
  unsigned columns = 100;
};

[[nodiscard]] std::string page_text(const Page& page, const TextLook& look);
[[nodiscard]] std::string page_markdown(const Page& page);
// One file, by report/html.h.
[[nodiscard]] std::string page_html(const Page& page);

}  // namespace bulwark::report
