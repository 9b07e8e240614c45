#include "scan/formats/settings_text.h"

#include <gtest/gtest.h>

#include <string>

#include "scan/formats/compose.h"
#include "scan/formats/dockerfile.h"

namespace bulwark::scan {
namespace {

std::string flat(const std::vector<TextSetting>& settings) {
  std::string all;
  for (const TextSetting& one : settings)
    all += "[" + one.section + "]" + one.key + "=" + one.value + "@" + std::to_string(one.offset) + ";";
  return all;
}

TEST(SettingsText, IniOfPythonGoesOnInIndentedLines) {
  EXPECT_EQ(flat(read_ini("[A]\nKey = 1\n# c\nlist = a\n  b\nempty =\n", IniDialect::Python)),
            "[A]key=1@4;[A]list=a\nb@16;[A]empty=@29;");
}

TEST(SettingsText, UnitsGoOnAfterBackslashes) {
  EXPECT_EQ(flat(read_ini("[Service]\nExecStart=a \\\n  b\nX=1", IniDialect::Systemd)),
            "[Service]ExecStart=a \\\n  b@10;[Service]X=1@28;");
}

TEST(SettingsText, PropertiesAndEnvironmentFiles) {
  EXPECT_EQ(flat(read_properties("! c\na=1\\\n  2\nb : c\\:d")), "[]a=12@4;[]b=c:d@13;");
  EXPECT_EQ(flat(read_environment_file("# c\nexport A='1 # 2'\nB=x # y\nno\n")), "[]A=1 # 2@11;[]B=x@21;");
}

TEST(SettingsText, PythonBindsNamesToLiterals) {
  EXPECT_EQ(flat(read_python_settings("c.A.b = ''\nif x:\n    D = True\nf(e=1)\n# g = 1\n")),
            "[]c.A.b=@0;[]D=True@21;");
}

TEST(SettingsText, PrototextKnowsWhereAFieldStands) {
  EXPECT_EQ(flat(read_prototext("a: \"b\" c { d: 1 } # e: 2\nf: 'g'")), "[]a=b@0;[c]d=1@11;[]f=g@25;");
}

TEST(DockerfileReader, ContinuationsCommentsAndHeredocsKeepTheirPlaces) {
  const std::string text =
      "ARG V=1\nFROM a:${V} AS b\nRUN x \\\n# c\n  y\nRUN <<EOF\nz\nEOF\nFROM b\nENV K=$V\\ w\n";
  const auto file = parse_dockerfile(text, Limits{});
  ASSERT_TRUE(file);
  ASSERT_EQ(file->stages.size(), 2U);
  EXPECT_EQ(file->stages[0].image, "a:1");
  EXPECT_EQ(file->stages[1].parent, 0U);
  ASSERT_EQ(file->instructions.size(), 6U);
  const DockerInstruction& run = file->instructions[2];
  const auto script = parse_shell(run.arguments);
  ASSERT_EQ(script.commands.size(), 1U);
  ASSERT_EQ(script.commands[0].words.size(), 2U);
  EXPECT_EQ(text[run.arguments_offset + script.commands[0].words[1].offset], 'y');
  ASSERT_EQ(file->instructions[3].heredocs.size(), 1U);
  EXPECT_EQ(text.substr(file->instructions[3].heredocs[0].offset, file->instructions[3].heredocs[0].length),
            "z\n");
}

TEST(DockerfileReader, ExpansionIsBounded) {
  std::string text = "FROM a\nENV A=aaaaaaaa\n";
  for (int i = 0; i < 2000; ++i) text += "ENV A=$A$A\n";
  const auto file = parse_dockerfile(text, Limits{});
  ASSERT_TRUE(file);
  EXPECT_LE(file->stages[0].variables.back().value.size(), 4096U);
}

TEST(ComposeReader, PortsAndVolumesInTheirShortForms) {
  EXPECT_EQ(parse_compose_port("127.0.0.1:80:8080/tcp").host_ip, "127.0.0.1");
  EXPECT_EQ(parse_compose_port("[::1]:80:8080").host_ip, "[::1]");
  EXPECT_EQ(parse_compose_port("${B:-127.0.0.1}:80:8080").host_ip, "${B:-127.0.0.1}");
  EXPECT_EQ(parse_compose_port("80:8080").published, "80");
  EXPECT_EQ(parse_compose_port("8080").target, "8080");
  EXPECT_TRUE(parse_compose_volume("./a:/b:ro,z").read_only);
  EXPECT_EQ(parse_compose_volume("C:\\m:/models").target, "/models");
  EXPECT_EQ(compose_value("${B:-x}y"), "xy");
  EXPECT_FALSE(compose_value("${B:?no}"));
  EXPECT_EQ(compose_value("$$a"), "$a");
}

}  // namespace
}  // namespace bulwark::scan
