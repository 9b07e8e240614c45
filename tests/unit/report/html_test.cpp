// Pages that need nothing but themselves.

#include "report/html.h"

#include <gtest/gtest.h>

#include <array>

#include "base/encoding.h"

namespace bulwark::test {
namespace {

using report::html;
using report::HtmlLink;
using report::HtmlPage;
using report::write_html;

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(Html, ShowsMarkupInsteadOfObeyingIt) {
  EXPECT_EQ(html("<img src=x onerror='a()'> & \"b\""),
            "&lt;img src=x onerror=&#39;a()&#39;&gt; &amp; &quot;b&quot;");
  EXPECT_EQ(html("naïve – ok"), "naïve – ok");
  EXPECT_EQ(html("a\u202Eb"), "a\\u{202e}b");
  EXPECT_EQ(html(std::string_view("\x1b[31m\xff", 6)), "\\x1b[31m\\xff");
}

TEST(Html, PageIsWhole) {
  const std::array links = {HtmlLink{"first", "First & last"}};
  const std::string page = write_html({.title = "A <title>",
                                       .lede = "<b>Short</b>",
                                       .contents = links,
                                       .body = "<h2 id=\"first\">First</h2>\n",
                                       .footer = "<p>end</p>\n"});
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  EXPECT_EQ(count(page, "<h1>"), 1U);
  EXPECT_EQ(count(page, "<h1>A &lt;title&gt;</h1>"), 1U);
  EXPECT_NE(page.find("<a href=\"#first\">First &amp; last</a>"), std::string::npos);
  for (const char* landmark : {"<header>", "<nav ", "<main ", "<footer>"})
    EXPECT_EQ(count(page, landmark), 1U) << landmark;
  EXPECT_NE(page.find("prefers-color-scheme: dark"), std::string::npos);
  EXPECT_NE(page.find("@media print"), std::string::npos);
}

TEST(Html, PageMayLoadAndRunNothingButItself) {
  const std::string without = write_html({.title = "t"});
  EXPECT_NE(without.find("default-src 'none'; style-src 'sha256-"), std::string::npos);
  EXPECT_NE(without.find("script-src 'none'; base-uri 'none'; form-action 'none'"), std::string::npos);
  for (const char* word : {"http:", "https:", "url(", "@import", "<link", "<script"})
    EXPECT_EQ(without.find(word), std::string::npos) << word;
  const std::string with = write_html({.title = "t", .script = "alert(1)"});
  // printf %s 'alert(1)' | openssl dgst -sha256 -binary | base64
  EXPECT_NE(with.find("script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"), std::string::npos);
}

TEST(Base64, EncodesEveryRemainder) {
  const auto encoded = [](std::string_view text) {
    return encode_base64(std::vector<std::uint8_t>(text.begin(), text.end()));
  };
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encode_base64(std::vector<std::uint8_t>{0xfb, 0xff}), "+/8=");
}

}  // namespace
}  // namespace bulwark::test
