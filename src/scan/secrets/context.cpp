#include <algorithm>
#include <array>

#include "base/one_of.h"
#include "base/text.h"
#include "scan/secrets/special.h"

namespace bulwark::scan::secrets {
namespace {

bool is_lock_file(std::string_view name) {
  return is_one_of(name, {"package-lock.json",
                          "npm-shrinkwrap.json",
                          "yarn.lock",
                          "pnpm-lock.yaml",
                          "poetry.lock",
                          "pipfile.lock",
                          "uv.lock",
                          "pdm.lock",
                          "cargo.lock",
                          "go.sum",
                          "go.mod",
                          "composer.lock",
                          "gemfile.lock",
                          "deno.lock",
                          "gradle.lockfile",
                          "conda-lock.yml",
                          "bun.lock",
                          "verification-metadata.xml",
                          "flake.lock",
                          "packages.lock.json",
                          "model.safetensors.index.json"});
}

bool is_test_word(std::string_view word) {
  return is_one_of(word,
                   {"test",      "tests",      "testing",    "testdata", "test_data",   "spec",      "specs",
                    "fixture",   "fixtures",   "mock",       "mocks",    "example",     "examples",  "sample",
                    "samples",   "demo",       "demos",      "doc",      "docs",        "__tests__", "e2e",
                    "readme.md", "readme.rst", "readme.txt", "readme",   "changelog.md"});
}

bool is_program(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return false;
  return is_one_of(name.substr(dot + 1),
                   {"py",     "pyi",   "ipynb", "js",   "mjs", "cjs",  "jsx",   "ts",  "tsx",  "java",
                    "kt",     "scala", "go",    "rs",   "c",   "cc",   "cpp",   "cxx", "h",    "hpp",
                    "cs",     "swift", "m",     "mm",   "rb",  "php",  "lua",   "pl",  "dart", "vue",
                    "svelte", "css",   "scss",  "html", "htm", "json", "proto", "sql", "r",    "jl"});
}

}  // namespace

Context::Context(std::string_view path) {
  const std::string text = lower(path);
  const auto parts = split(text, '/');
  const std::string_view name = parts.back();
  lock_file = is_lock_file(name);
  program = is_program(name);
  terraform = name.ends_with(".tf") || name.ends_with(".hcl") || name.ends_with(".tfvars");
  test = std::ranges::any_of(parts, is_test_word) || name.starts_with("test_") || name.contains("_test.") ||
         name.starts_with("readme") || name.starts_with("changelog") || name == "pkg-info" ||
         name == "metadata" || name == "copyright" || name.contains(".test.") || name.contains(".spec.") ||
         name.contains("example") || name.contains(".sample");
  agent =
      is_one_of(name, {"mcp.json", ".mcp.json", "mcp.yaml", "mcp_settings.json", "claude_desktop_config.json",
                       "agent.yaml", "agents.yaml", "agent.json", "agents.json", "agents.md", "claude.md",
                       "settings.local.json", "mcp_config.json", ".cursorrules"}) ||
      text.contains(".cursor/") || text.contains(".claude/") || text.contains("/agents/");
}

}  // namespace bulwark::scan::secrets
