#include "report/html.h"

#include <cstdint>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/digest.h"

extern "C" const char bw_page_css[], bw_page_css_end[];

namespace bulwark::report {
namespace {

std::string_view common_style() {
  return {bw_page_css, static_cast<std::size_t>(bw_page_css_end - bw_page_css)};
}

int value_of(char digit) {
  return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

// "'sha256-…'" of what stands between the tags; 'none' if there is nothing, or no digest of it.
std::string source_of(std::string_view text) {
  if (text.empty()) return "'none'";
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  const auto digest = crypto::sha256(bytes);
  if (!digest) return "'none'";
  std::vector<std::uint8_t> raw;
  for (std::size_t i = 0; i + 1 < digest->size(); i += 2)
    raw.push_back(static_cast<std::uint8_t>(value_of((*digest)[i]) * 16 + value_of((*digest)[i + 1])));
  return "'sha256-" + encode_base64(raw) + "'";
}

std::string contents_of(std::span<const HtmlLink> links) {
  if (links.empty()) return {};
  std::string out = "<nav class=\"contents\" aria-label=\"On this page\">\n<ul>\n";
  for (const HtmlLink& link : links)
    out += "<li><a href=\"#" + html(link.id) + "\">" + html(link.text) + "</a></li>\n";
  return out + "</ul>\n</nav>\n";
}

}  // namespace

std::string html(std::string_view text) {
  std::string out;
  for (const char letter : printable(text, text.size())) {
    switch (letter) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += letter;
    }
  }
  return out;
}

std::string write_html(const HtmlPage& page) {
  const std::string style = std::string(common_style()) + std::string(page.style);
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src " +
      source_of(style) + "; script-src " + source_of(page.script) +
      "; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
      html(page.title) + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n";
  out += "<a class=\"skip\" href=\"#content\">Skip to the content</a>\n<header>\n<h1>" + html(page.title) +
         "</h1>\n";
  if (!page.lede.empty()) out += "<p class=\"lede\">" + std::string(page.lede) + "</p>\n";
  out += "</header>\n" + contents_of(page.contents) + "<main id=\"content\" tabindex=\"-1\">\n" +
         std::string(page.body) + "</main>\n<footer>\n" + std::string(page.footer) + "</footer>\n";
  if (!page.script.empty()) out += "<script>" + std::string(page.script) + "</script>\n";
  return out + "</body>\n</html>\n";
}

}  // namespace bulwark::report
