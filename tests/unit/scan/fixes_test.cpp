// Safe mechanical fixes: what they change, and that they do away with what they were made for.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "scan/mend.h"
#include "support/recipe.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

// As `--fix` does it. Fails the test where an edit is not what stands there.
std::string applied(std::string text, const Report& report) {
  std::vector<Edit> edits;
  for (const Finding& finding : report.findings)
    if (finding.origin.empty()) edits.insert(edits.end(), finding.edits.begin(), finding.edits.end());
  std::ranges::stable_sort(edits, [](const Edit& a, const Edit& b) { return a.offset > b.offset; });
  std::uint64_t done = text.size() + 1;
  for (const Edit& edit : edits) {
    const bool repeated = edit.offset == done;
    if (repeated) continue;
    EXPECT_LE(edit.offset + edit.before.size(), std::min<std::uint64_t>(done, text.size()))
        << "edits overlap";
    EXPECT_EQ(text.substr(edit.offset, edit.before.size()), edit.before);
    text.replace(edit.offset, edit.before.size(), edit.after);
    done = edit.offset;
  }
  return text;
}

std::string fixed(const std::string& name, std::string_view text) {
  return applied(std::string(text), scan_named(name, bytes_of(text)));
}

using Counts = std::map<std::string, int>;
Counts counts_of(const Report& report, bool unfixed_only) {
  Counts counts;
  for (const Finding& finding : report.findings)
    if (!unfixed_only || finding.edits.empty()) ++counts[std::string(finding.rule->id)];
  return counts;
}

TEST(Fixes, OfEverySampleRemoveWhatTheyAreForAndAddNothing) {
  std::size_t fixes = 0;
  for (const std::string& path : recipe_paths("tests/fixtures")) {
    const auto recipe = load_recipe(path);
    ASSERT_TRUE(recipe) << recipe.error().message;
    const Report before = scan_named(recipe->name, Bytes(recipe->bytes));
    const auto has_fix = [](const Finding& finding) {
      return !finding.edits.empty() && finding.origin.empty();
    };
    if (std::ranges::none_of(before.findings, has_fix)) continue;
    SCOPED_TRACE(path);
    const std::string text = applied(std::string(text_of(Bytes(recipe->bytes))), before);
    const Report after = scan_named(recipe->name, bytes_of(text));
    const Counts left = counts_of(before, true);
    for (const auto& [rule, count] : counts_of(after, false)) {
      const auto known = left.find(rule);
      EXPECT_LE(count, known == left.end() ? 0 : known->second) << rule << " in:\n" << text;
    }
    EXPECT_EQ(after.gaps.size(), before.gaps.size());
    ++fixes;
  }
  EXPECT_GE(fixes, 15U) << "few samples are fixed";
}

TEST(Fixes, OfPythonKeepTheRestOfTheCall) {
  const std::string head = "import torch, yaml, numpy as np, requests, keras\n";
  const auto fixed_python = [&](std::string_view line) {
    return fixed("a.py", head + std::string(line) + "\n").substr(head.size());
  };
  EXPECT_EQ(fixed_python("m = torch.load(path, map_location='cpu')  # here"),
            "m = torch.load(path, map_location='cpu', weights_only=True)  # here\n");
  EXPECT_EQ(fixed_python("m = torch.load(\n    path,\n)"),
            "m = torch.load(\n    path, weights_only=True\n)\n");
  EXPECT_EQ(fixed_python("m = torch.load(path, weights_only = False)"),
            "m = torch.load(path, weights_only = True)\n");
  EXPECT_EQ(fixed_python("m = torch.load((path))"), "m = torch.load((path), weights_only=True)\n");
  EXPECT_EQ(fixed_python("c = yaml.load(f)"), "c = yaml.safe_load(f)\n");
  EXPECT_EQ(fixed_python("c = yaml.load(f, Loader=yaml.Loader)"),
            "c = yaml.load(f, Loader=yaml.SafeLoader)\n");
  EXPECT_EQ(fixed_python("c = yaml.unsafe_load(f)"), "c = yaml.safe_load(f)\n");
  EXPECT_EQ(fixed_python("a = np.load(f, allow_pickle=True)"), "a = np.load(f, allow_pickle=False)\n");
  EXPECT_EQ(fixed_python("r = requests.get(u, verify=False, timeout=3)"),
            "r = requests.get(u, verify=True, timeout=3)\n");
  EXPECT_EQ(fixed_python("m = keras.models.load_model(p, safe_mode=False)"),
            "m = keras.models.load_model(p, safe_mode=True)\n");
}

// What is decided elsewhere, or runs inside a text, has no place to be mended.
TEST(Fixes, OfPythonLeaveAloneWhatIsNotThere) {
  for (const std::string_view line :
       {"from yaml import load\nc = load(f)\n", "import torch\nm = torch.load(f, weights_only=flag)\n",
        "import torch\nm = torch.load(f, **options)\n",
        "import torch\nm = torch.load(f, pickle_module=mine)\n",
        "exec(\"import torch\\nm = torch.load('x.pt')\")\n"})
    EXPECT_EQ(fixed("a.py", line), line);
}

TEST(Fixes, OfNotebooksAreNone) {
  const std::string text =
      R"({"cells": [{"cell_type": "code", "source": ["import torch\n", "m = torch.load(f)\n"], "metadata": {},)"
      R"( "outputs": [], "execution_count": null}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})";
  const Report report = scan_named("a.ipynb", bytes_of(text));
  EXPECT_FALSE(report.findings.empty());
  EXPECT_EQ(applied(text, report), text);
}

TEST(Fixes, OfDockerfilesDropTheSwitch) {
  EXPECT_EQ(
      fixed("Dockerfile", "FROM a\nRUN curl -k -o x https://a.example/x && wget --no-check-certificate u\n"),
      "FROM a\nRUN curl -o x https://a.example/x && wget u\n");
  EXPECT_EQ(fixed("Dockerfile", "FROM a\nRUN curl -fkSL https://a.example/x -o x\n"),
            "FROM a\nRUN curl -fSL https://a.example/x -o x\n");
  EXPECT_EQ(fixed("Dockerfile", "FROM a\nRUN pip install --trusted-host pypi.org --trusted-host=b a==1\n"),
            "FROM a\nRUN pip install a==1\n");
}

TEST(Fixes, OfRulesFilesTakeOutWhatNobodySees) {
  EXPECT_EQ(fixed("AGENTS.md", "Write tests.\xF3\xA0\x81\xA9\xF3\xA0\x81\xA7\nAnd docs.\n"),
            "Write tests.\nAnd docs.\n");
  EXPECT_EQ(fixed("AGENTS.md",
                  "Never \xE2\x80\xAE"
                  "push\xE2\x80\xAC to main.\n"),
            "Never push to main.\n");
}

TEST(Fixes, OfManifestsTurnTheSwitchAndNothingElse) {
  const std::string pod =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: a\n"
      "    securityContext:\n      privileged: PRIVILEGED  # why\n      allowPrivilegeEscalation: ESCALATES\n"
      "      readOnlyRootFilesystem: READONLY\n";
  const auto with = [&](std::string_view privileged, std::string_view escalates, std::string_view read_only) {
    std::string text = pod;
    text.replace(text.find("PRIVILEGED"), 10, privileged);
    text.replace(text.find("ESCALATES"), 9, escalates);
    return text.replace(text.find("READONLY"), 8, read_only);
  };
  EXPECT_EQ(fixed("pod.yaml", with("true", "true", "false")), with("false", "false", "true"));
  EXPECT_EQ(fixed("pod.yaml", with("yes", "True", "no")), with("no", "False", "yes"));
  const std::string quoted = with("\"true\"", "\"true\"", "\"false\"");
  EXPECT_EQ(fixed("pod.yaml", quoted), quoted);
  EXPECT_EQ(fixed("compose.yaml", "services:\n  a:\n    image: a:1.0.0\n    privileged: true\n"),
            "services:\n  a:\n    image: a:1.0.0\n    privileged: false\n");
}

TEST(Fixes, OfSettingsTurnTheSwitchAndNothingElse) {
  EXPECT_EQ(fixed("airflow.cfg",
                  "[core]\ndags_folder = /d\nload_examples = True\n[webserver]\nexpose_config=true\n"),
            "[core]\ndags_folder = /d\nload_examples = False\n[webserver]\nexpose_config=false\n");
  EXPECT_EQ(
      fixed("config.properties",
            "allowed_urls=https://m.example/.*\nenable_model_api=true\ndisable_token_authorization = true\n"),
      "allowed_urls=https://m.example/.*\nenable_model_api=false\ndisable_token_authorization = false\n");
  EXPECT_EQ(fixed("jupyter_server_config.py", "c.ServerApp.disable_check_xsrf = True\n"),
            "c.ServerApp.disable_check_xsrf = False\n");
  EXPECT_EQ(fixed(".mcp.json", R"({"mcpServers": {"a": {"command": "/opt/a", "trust": true}}})"),
            R"({"mcpServers": {"a": {"command": "/opt/a", "trust": false}}})");
}

TEST(Mend, TurnsAPlainSwitchAroundAsItIsWritten) {
  const auto mended = [](std::string_view text, std::uint64_t offset, bool on) {
    const std::vector<Edit> edits = scan::mend_switch(text, offset, on);
    return edits.empty() ? std::string() : edits[0].after;
  };
  EXPECT_EQ(mended("a: true", 3, false), "false");
  EXPECT_EQ(mended("a: Yes\n", 3, false), "No");
  EXPECT_EQ(mended("a: FALSE", 3, true), "TRUE");
  EXPECT_EQ(mended("a: off", 3, true), "on");
  EXPECT_EQ(mended("a: true", 3, true), "");
  EXPECT_EQ(mended("a: trueish", 3, false), "");
  EXPECT_EQ(mended("a: \"true\"", 4, false), "");
  EXPECT_EQ(mended("a: true", 7, false), "");
  EXPECT_EQ(mended("", kNoOffset, false), "");
}

TEST(Mend, DropsAWordBetweenBlanks) {
  EXPECT_EQ(scan::drop_word("curl -k x", 5, "-k").size(), 1U);
  EXPECT_TRUE(scan::drop_word("[\"-k\"]", 2, "-k").empty());
  EXPECT_TRUE(scan::drop_word("a -kx", 2, "-k").empty());
  EXPECT_TRUE(scan::drop_word("-k", 0, "-k").empty());
  EXPECT_TRUE(scan::mend_word("ab", kNoOffset, "a", "b").empty());
}

}  // namespace
}  // namespace bulwark::test
