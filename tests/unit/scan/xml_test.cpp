#include "scan/formats/xml.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "scan/formats/reference.h"
#include "support/support.h"

namespace bulwark::scan {
namespace {

std::string tokens_of(std::string_view text) {
  XmlReader reader(text);
  XmlToken token;
  std::string out;
  for (;;) {
    const auto more = reader.next(token);
    if (!more) return out + "error: " + more.error().message;
    if (!*more) return out;
    switch (token.kind) {
      case XmlToken::Kind::Start: out += "<" + std::string(token.name) + (token.empty ? "/>" : ">"); break;
      case XmlToken::Kind::End: out += "</" + std::string(token.name) + ">"; break;
      case XmlToken::Kind::Text: out += "[" + std::string(token.text) + "]"; break;
      case XmlToken::Kind::CData: out += "{" + std::string(token.text) + "}"; break;
      case XmlToken::Kind::Comment: out += "#"; break;
      case XmlToken::Kind::Instruction: out += "?" + std::string(token.name); break;
      case XmlToken::Kind::Doctype: out += "!" + std::string(token.doctype.name); break;
    }
  }
}

TEST(Xml, TokensComeInOrder) {
  EXPECT_EQ(tokens_of("<?xml version='1.0'?><!DOCTYPE a><a x='1'><b/>t<![CDATA[<c>]]><!-- <d> --></a>"),
            "?xml!a<a><b/>[t]{<c>}#</a>");
}

TEST(Xml, WhatIsNotWellFormedIsAnError) {
  for (const std::string_view text : {"<a><b></a></b>", "<a></a><b></b>", "text", "<a x=1/>", "<a x='1/>",
                                      "<a>", "<>", "<a><!-- </a>", "", "<a", "</a>"})
    EXPECT_NE(tokens_of(text).find("error"), std::string::npos) << text;
}

TEST(Xml, EntitiesAreReadNotExpanded) {
  XmlReader reader(
      "<!DOCTYPE r PUBLIC 'p' 's' [ <!-- > --> <!ENTITY a 'x>y'> <!ENTITY % b SYSTEM \"file:///c\"> %b; "
      "<!ELEMENT r ANY> ] ><r/>");
  XmlToken token;
  ASSERT_TRUE(reader.next(token));
  EXPECT_TRUE(token.doctype.external);
  EXPECT_TRUE(token.doctype.declares_public);
  ASSERT_EQ(token.doctype.entities.size(), 2U);
  EXPECT_EQ(token.doctype.entities[0].value, "x>y");
  EXPECT_TRUE(token.doctype.entities[1].parameter);
  EXPECT_EQ(token.doctype.entities[1].system, "file:///c");
}

TEST(Xml, ReferencesThatNeedNoDtdAreResolved) {
  EXPECT_EQ(unescape_xml("&lt;&#104;&#x74;&amp;&x;&#xFFFFFFF;"), "<ht&&x;&#xFFFFFFF;");
}

TEST(Xml, ExpansionIsComputedWithoutExpanding) {
  std::vector<XmlEntity> entities;
  std::vector<std::string> texts;
  texts.reserve(64);
  std::vector<std::string> names;
  for (int i = 0; i < 64; ++i) names.push_back("e" + std::to_string(i));
  for (int i = 0; i < 64; ++i) {
    texts.push_back(i == 0 ? "aaaaaaaaaa"
                           : "&" + names[static_cast<std::size_t>(i) - 1] + ";&" +
                                 names[static_cast<std::size_t>(i) - 1] + ";");
    entities.push_back({.name = names[static_cast<std::size_t>(i)], .value = texts.back()});
  }
  const XmlExpansion expansion = xml_expansion(entities);
  EXPECT_FALSE(expansion.circular);
  EXPECT_EQ(expansion.bytes, std::uint64_t{1} << 62);
  entities[0].value = "&e63;";
  EXPECT_TRUE(xml_expansion(entities).circular);
}

TEST(Xml, DeepNestingIsReadWithoutRecursion) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "<a>";
  for (int i = 0; i < 200'000; ++i) text += "</a>";
  EXPECT_EQ(tokens_of(text).find("error"), std::string::npos);
}

TEST(Xml, ManyFindingsInALongDocumentStayLinear) {
  std::string text = "<PMML version='4.4'>";
  for (int i = 0; i < 20'000; ++i) text += "<Extension value='http://evil.example/x'/>\n";
  text += "</PMML>";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(test::has_rule(test::scan(text), "BW-XML-002"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(Reference, LeadsInsideOrOutside) {
  EXPECT_EQ(judge_reference("weights/model.bin").reach, Reach::Inside);
  EXPECT_EQ(judge_reference("a/../b").reach, Reach::Detour);
  for (const std::string_view path : {"../b", "a/../../b", "/etc/passwd", "C:\\x", "\\\\host\\share", "~/x",
                                      "https://example.com/x", "file:///x", "a\\..\\..\\b"})
    EXPECT_EQ(judge_reference(path).reach, Reach::Outside) << path;
}

}  // namespace
}  // namespace bulwark::scan
