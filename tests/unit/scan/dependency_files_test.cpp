#include <gtest/gtest.h>

#include "scan/formats/dependencies/kinds.h"
#include "scan/formats/dependencies/manifests.h"
#include "scan/formats/dependencies/python_locks.h"
#include "scan/formats/dependencies/requirements.h"

namespace bulwark::scan {
namespace {

std::vector<std::string> shown(const DependencyList& list) {
  std::vector<std::string> texts;
  for (const Dependency& each : list.dependencies)
    texts.push_back(each.name + "|" + each.version + "|" + each.source + (each.hashed ? "|hashed" : "") +
                    (each.commit.empty() ? "" : "|" + each.commit.substr(0, 6)));
  return texts;
}

TEST(Requirements, ReadsEveryFormOfALine) {
  const std::string commit(40, 'a');
  const DependencyList list = read_requirements(
      "torch==2.1.0 \\\n    --hash=sha256:00\n"
      "numpy >= 1.0, < 2 ; python_version < '3.12'\n"
      "pkg[extra] @ https://files.example/pkg-1.0-py3-none-any.whl#sha256=00\n"
      "git+https://git.example/org/tool.git@" +
      commit +
      "#egg=tool\n"
      "-e ./local\n"
      "./wheels/own-1.0.tar.gz\n");
  EXPECT_EQ(shown(list), (std::vector<std::string>{
                             "torch|2.1.0||hashed", "numpy||",
                             "pkg||https://files.example/pkg-1.0-py3-none-any.whl#sha256=00|hashed",
                             "tool||git+https://git.example/org/tool.git@" + commit + "#egg=tool|aaaaaa",
                             "||./local", "own||./wheels/own-1.0.tar.gz"}));
  EXPECT_EQ(list.dependencies[1].place.line, 3U);
  EXPECT_EQ(list.dependencies[1].wanted, ">= 1.0, < 2");
}

TEST(Requirements, ReadsOptionsOfTheFile) {
  const DependencyList list = read_requirements(
      "-r base.txt\n-cconstraints.txt\n--extra-index-url=https://a.example/simple\n-i https://b.example\n"
      "--find-links ./wheels\n--trusted-host c.example\n--require-hashes\n--pre\n--nonsense\n");
  ASSERT_EQ(list.included.size(), 2U);
  EXPECT_EQ(list.included[0].path, "base.txt");
  EXPECT_TRUE(list.included[1].constraint);
  ASSERT_EQ(list.indexes.size(), 4U);
  EXPECT_EQ(list.indexes[0].kind, PackageIndex::Kind::Extra);
  EXPECT_EQ(list.indexes[0].url, "https://a.example/simple");
  EXPECT_EQ(list.indexes[0].place.line, 3U);
  EXPECT_TRUE(list.requires_hashes);
  ASSERT_EQ(list.unread.size(), 1U);
  EXPECT_EQ(list.unread[0].place.line, 9U);
}

TEST(Requirements, TextThatIsNoRequirementIsListed) {
  const DependencyList list =
      read_requirements("asdf==\n==1.0\nasdf 1.0\n-foo==1.0\nqwert==${VERSION}\n\xff\xfe\n");
  EXPECT_TRUE(list.dependencies.empty());
  EXPECT_EQ(list.unread.size(), 6U);
}

TEST(Requirements, ContinuationsEndAtACommentAndAtTheEnd) {
  EXPECT_EQ(shown(read_requirements("a \\\n# no\n==1\nb==2\\")), (std::vector<std::string>{"a||", "b|2|"}));
}

TEST(Manifests, PyprojectOfEveryTool) {
  const auto list = read_pyproject(R"([project]
dependencies = ["numpy>=1.0", "own @ git+https://git.example/own"]
[project.optional-dependencies]
gpu = ["torch==2.1"]
[dependency-groups]
test = ["pytest", {include-group = "gpu"}]
[tool.poetry.dependencies]
python = "^3.10"
requests = "^2"
tool = {git = "https://git.example/tool", branch = "main"}
[[tool.poetry.source]]
name = "inner"
url = "https://index.example/simple"
[[tool.uv.index]]
url = "https://uv.example/simple"
explicit = true
)",
                                   Limits{});
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(shown(*list),
            (std::vector<std::string>{"numpy||", "own||git+https://git.example/own", "torch|2.1|", "pytest||",
                                      "requests||", "tool||git+https://git.example/tool"}));
  EXPECT_EQ(list->dependencies[0].place.line, 2U);
  EXPECT_EQ(list->dependencies[0].place.column, 17U);
  ASSERT_EQ(list->indexes.size(), 2U);
  EXPECT_FALSE(list->indexes[0].explicit_only);
  EXPECT_TRUE(list->indexes[1].explicit_only);
}

TEST(Manifests, SetupPyIsReadWithoutRunningIt) {
  const DependencyList list = read_setup_py(
      "from setuptools import setup\nsetup(name='x', install_requires=['a>=1', \"b==2\",  # c\n 'd'],\n"
      " extras_require={'gpu': ['e']})\n");
  EXPECT_EQ(shown(list), (std::vector<std::string>{"a||", "b|2|", "d||", "e||"}));
}

TEST(Manifests, SetupCfgAndPipConfGoOnInIndentedLines) {
  EXPECT_EQ(shown(read_setup_cfg("[options]\ninstall_requires =\n    a>=1\n    b==2\n[other]\nx = c\n")),
            (std::vector<std::string>{"a||", "b|2|"}));
  const DependencyList conf =
      read_pip_conf("[global]\nextra-index-url =\n    https://a.example\n    https://b.example\n");
  ASSERT_EQ(conf.indexes.size(), 2U);
  EXPECT_EQ(conf.indexes[1].place.line, 4U);
}

TEST(Manifests, NpmrcKnowsScopes) {
  const DependencyList list = read_npmrc(
      "@org:registry=https://npm.example/\n//npm.example/:_authToken=${TOKEN}\nregistry=https://r.example/"
      "\n");
  ASSERT_EQ(list.indexes.size(), 3U);
  EXPECT_EQ(list.indexes[0].scope, "@org");
  EXPECT_EQ(list.indexes[1].kind, PackageIndex::Kind::Main);
  EXPECT_EQ(list.indexes[2].url, "//npm.example/");
}

TEST(Manifests, PackageJsonTellsScriptsAndSources) {
  const auto list = read_package_json(
      R"({"dependencies": {"a": "1.2.3", "b": "^1", "c": "github:org/c", "d": "npm:real@1.0.0"}, "scripts": {"postinstall": "node x.js", "test": "t"}})",
      Limits{});
  ASSERT_TRUE(list);
  EXPECT_EQ(shown(*list), (std::vector<std::string>{"a|1.2.3|", "b||", "c||github:org/c", "real|1.0.0|"}));
  ASSERT_EQ(list->scripts.size(), 1U);
}

TEST(DependencyFiles, AreFoundByTheNamesThatToolsLookFor) {
  struct Row {
    std::string_view path, format;
  };
  constexpr Row kRows[] = {{"a/requirements.txt", "requirements.txt"},
                           {"requirements-dev.txt", "requirements.txt"},
                           {"requirements/gpu.txt", "requirements.txt"},
                           {"x/dev_requirements.in", "requirements.in"},
                           {"npm-shrinkwrap.json", "package-lock.json"},
                           {"pylock.dev.toml", "pylock.toml"},
                           {"conda.yaml", "conda environment.yml"},
                           {"env/conda-meta/a-1-0.json", "conda-meta"},
                           {"constraints.txt", "requirements.in"},
                           {".npmrc", ".npmrc"},
                           {"Pipfile", "Pipfile"}};
  for (const Row& row : kRows) {
    const DependencyFile* file = dependency_file(row.path);
    ASSERT_NE(file, nullptr) << row.path;
    EXPECT_EQ(file->format, row.format) << row.path;
  }
  for (const std::string_view other :
       {"README.md", "config.json", "model.yaml", "notes.txt", "a/requirements"})
    EXPECT_EQ(dependency_file(other), nullptr) << other;
}

TEST(DependencyFiles, DeepDocumentsAreALimitNotACrash) {
  const std::string deep = "a = " + std::string(100'000, '[');
  EXPECT_FALSE(read_uv_lock(deep, Limits{}));
  EXPECT_FALSE(read_pyproject(deep, Limits{}));
  std::string dotted = "[a";
  for (int i = 0; i < 50'000; ++i) dotted += ".a";
  EXPECT_FALSE(read_uv_lock(dotted + "]\nb = 1\n", Limits{}));
  std::string inner = "1";
  for (int i = 0; i < 100; ++i) inner = "{a" + dotted.substr(2, 200) + " = " + inner + "}";
  EXPECT_FALSE(read_uv_lock("a = " + inner + "\n", Limits{}));
}

TEST(DependencyFiles, LettersBeyondAsciiStandInStringsOnly) {
  EXPECT_FALSE(read_pyproject("ipf\xD2\x8C = 1\n", Limits{}));  // toml++ calls this unreachable
  EXPECT_TRUE(
      read_pyproject("\xEF\xBB\xBF# \xC3\xA9\n[project]\nname = \"\xC3\xA9\"\n"
                     "description = \"\"\"a\"\"\"\"\"\nversion = '1'\n",
                     Limits{}));
}

}  // namespace
}  // namespace bulwark::scan
