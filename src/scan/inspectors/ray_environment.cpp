#include "scan/inspectors/ray_environment.h"

#include <algorithm>

#include "base/text.h"

namespace bulwark::scan {
namespace {

// 40 hexadecimal digits in a row: a commit.
bool names_commit(std::string_view text) {
  std::size_t run = 0;
  for (const char c : text) {
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    run = digit ? run + 1 : 0;
    if (run >= 40) return true;
  }
  return false;
}

void judge_code(const Document* source, std::string_view key, std::vector<ChangingSource>& out) {
  if (source == nullptr) return;
  if (source->is_string() && is_changing_archive(source->string))
    out.push_back({std::string(key) + " comes from " + source->string + ", which can change", source});
  for (const Document& item : source->list)
    if (item.is_string() && is_changing_archive(item.string))
      out.push_back({std::string(key) + " comes from " + item.string + ", which can change", &item});
}

void judge_packages(const Document* pip, std::vector<ChangingSource>& out) {
  if (pip == nullptr) return;
  if (pip->is_map()) return judge_packages(pip->find("packages"), out);
  for (const Document& item : pip->list) {
    if (!item.is_string()) continue;
    const std::string_view package = trim(item.string);
    const bool pinned = package.find("==") != std::string_view::npos || names_commit(package) ||
                        package.find("--hash") != std::string_view::npos || package.starts_with('.') ||
                        package.starts_with('/') || package.starts_with('-');
    if (!pinned)
      out.push_back({"package " + std::string(package) + " is not pinned; write `" +
                         std::string(package.substr(0, package.find_first_of("<>=~! ["))) + "==VERSION`",
                     &item});
  }
}

}  // namespace

bool is_changing_archive(std::string_view source) {
  const bool remote = source.starts_with("http://") || source.starts_with("https://");
  return remote && !names_commit(source);
}

std::vector<ChangingSource> changing_sources(const Document& runtime_env) {
  std::vector<ChangingSource> out;
  judge_code(runtime_env.find("working_dir"), "working_dir", out);
  judge_code(runtime_env.find("py_modules"), "py_modules", out);
  judge_packages(runtime_env.find("pip"), out);
  judge_packages(runtime_env.find("uv"), out);
  return out;
}

std::vector<std::string> changing_sources(std::string_view json) {
  const Limits limits;
  const auto parsed = parse_json(json, limits);
  std::vector<std::string> out;
  if (!parsed) return out;
  for (ChangingSource& source : changing_sources(parsed->root)) out.push_back(std::move(source.message));
  return out;
}

}  // namespace bulwark::scan
