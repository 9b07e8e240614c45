#include "store/xml.h"

#include <gtest/gtest.h>

namespace bulwark::store {
namespace {

Code code_of(std::string_view text, const XmlLimits& limits = {}) {
  const auto parsed = parse_xml(text, limits);
  return parsed ? Code{0xff} : parsed.error().code;
}

TEST(Xml, ReadsAListing) {
  const auto root = parse_xml(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n"
      "  <IsTruncated>false</IsTruncated><Empty/><Spaced  a='1' b = \"2\" />\n"
      "  <Contents><Key>a&amp;b &lt;&#x41;&#66;&gt;</Key><Size> 5 </Size></Contents>\n"
      "</ListBucketResult>\n");
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->name, "ListBucketResult");
  EXPECT_EQ(root->text_in("IsTruncated"), "false");
  ASSERT_NE(root->find("Contents"), nullptr);
  EXPECT_EQ(root->find("Contents")->text_in("Key"), "a&b <AB>");
  EXPECT_EQ(root->find("Contents")->text_in("Size"), " 5 ");
  EXPECT_NE(root->find("Empty"), nullptr);
  EXPECT_NE(root->find("Spaced"), nullptr);
  EXPECT_EQ(root->find("None"), nullptr);
  EXPECT_EQ(root->text_in("None"), "");
}

TEST(Xml, PrefixesOfNamespacesAreLeftOut) {
  const auto root = parse_xml("<s3:Error xmlns:s3='x'><s3:Code>No</s3:Code></s3:Error>");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->name, "Error");
  EXPECT_EQ(root->text_in("Code"), "No");
}

TEST(Xml, RefusesWhatS3DoesNotSend) {
  for (const char* text : {"",
                           "text",
                           "<",
                           "<a",
                           "<a>",
                           "<a></b>",
                           "<a></a></a>",
                           "<a/><b/>",
                           "<a/>x",
                           "</a>",
                           "<a b></a>",
                           "<a b=c/>",
                           "<a b='c/>",
                           "<a b='<'/>",
                           "<a b='1'c='2'/>",
                           "<a>&none;</a>",
                           "<a>&#0;</a>",
                           "<a>&#xd800;</a>",
                           "<a>&#x110000;</a>",
                           "<a>&amp</a>",
                           "<a>&</a>",
                           "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
                           "<a><!-- --></a>",
                           "<a><![CDATA[x]]></a>",
                           "<a><?php?></a>",
                           "<?xml version='1.0'",
                           "<a>\x01</a>",
                           "<a>\xff</a>",
                           "<a >< /a>",
                           "<a></a",
                           "<a/ >"})
    EXPECT_EQ(code_of(text), Code::InvalidInput) << text;
}

TEST(Xml, IsCutAtEveryLengthWithoutHarm) {
  constexpr std::string_view kText = "<?xml version='1.0'?><a b='c'><d>&lt;</d><e/></a>";
  ASSERT_TRUE(parse_xml(kText));
  for (std::size_t size = 0; size < kText.size(); ++size)
    EXPECT_EQ(code_of(kText.substr(0, size)), Code::InvalidInput) << size;
}

TEST(Xml, HasLimits) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_EQ(code_of(deep), Code::LimitReached);
  std::string many = "<a>";
  for (int i = 0; i < 50'000; ++i) many += "<b/>";
  EXPECT_EQ(code_of(many + "</a>"), Code::LimitReached);
  EXPECT_EQ(code_of("<a>12345</a>", {.bytes = 5}), Code::LimitReached);
}

}  // namespace
}  // namespace bulwark::store
