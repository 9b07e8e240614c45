#pragma once
// Pages that need nothing but themselves: one file, no network, light and dark, readable by keyboard, by
// screen reader, on paper and with scripts off.
//
// The page forbids itself everything but its own style and script (a Content-Security-Policy with their
// digests), so text that slips through as markup loads nothing, runs nothing and sends nothing. For the same
// reason `style=""` and `onclick=""` have no effect: use classes and ids. Classes that every page has are in
// data/html/page.css.

#include <span>
#include <string>
#include <string_view>

namespace bulwark::report {

// One entry of a page's table of contents: `id` of a heading in the body.
struct HtmlLink {
  std::string_view id;
  std::string_view text;  // plain
};

struct HtmlPage {
  std::string_view title;  // plain text: the page's <title> and only <h1>
  std::string_view lede;   // HTML of the paragraph below the heading
  std::span<const HtmlLink> contents;
  std::string_view body;    // HTML of <main>; headings from <h2> on
  std::string_view footer;  // HTML
  std::string_view style;   // further CSS, appended to the common sheet
  std::string_view script;  // runs at the end of <body>; the page must be whole without it
};

[[nodiscard]] std::string write_html(const HtmlPage& page);

// Text as HTML, in elements and in double-quoted attributes: markup, control, invisible and bidi characters
// show instead of acting.
[[nodiscard]] std::string html(std::string_view text);

}  // namespace bulwark::report
