#include "scan/inspectors/install_line.h"

#include <algorithm>
#include <array>
#include <vector>

#include "scan/formats/shell_line.h"

namespace bulwark::scan::inspectors {
namespace {

template <class List>
bool contains(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

std::string_view base_name(std::string_view word) {
  return word.substr(word.rfind('/') + 1);
}

bool is_address(std::string_view word) {
  return word.starts_with("http://") || word.starts_with("https://") || word.starts_with("ftp://") ||
         word.starts_with("git+") || word.starts_with("git://") ||
         word.find("@git+") != std::string_view::npos || word.find("@ http") != std::string_view::npos ||
         word.find("@http") != std::string_view::npos;
}

// …@<40 hex digits> or …#sha256=…: always the same bytes.
bool is_pinned(std::string_view address) {
  if (address.find("#sha256=") != std::string_view::npos) return true;
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string_view commit = address.substr(at + 1, address.find('#', at) - at - 1);
  return commit.size() == 40 && commit.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

constexpr std::array<std::string_view, 12> kRunners = {"sh",      "bash", "zsh",  "dash", "ksh",    "python",
                                                       "python3", "perl", "ruby", "node", "source", "sudo"};
constexpr std::array<std::string_view, 3> kFetchers = {"curl", "wget", "fetch"};

// Words from the command's name on: "sudo -H pip install" -> "pip install".
std::vector<std::string_view> command_of(const ShellCommand& command) {
  std::vector<std::string_view> words(command.words.begin(), command.words.end());
  std::size_t at = 0;
  while (at < words.size() &&
         (base_name(words[at]) == "sudo" || words[at] == "env" || words[at] == "exec" ||
          words[at] == "nohup" || words[at] == "time" || words[at] == "&&" ||
          (at > 0 && words[at].starts_with('-')) ||
          (words[at].find('=') != std::string_view::npos && !words[at].starts_with('-'))))
    ++at;
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at));
  return words;
}

// What follows "pip install", "uv pip install", "python -m pip install", "conda install"; empty if it is
// none.
std::vector<std::string_view> installed(const std::vector<std::string_view>& words) {
  constexpr std::array<std::string_view, 7> kInstallers = {"pip", "pip3",         "conda", "mamba",
                                                           "uv",  "easy_install", "poetry"};
  for (std::size_t i = 0; i + 1 < words.size() && i < 6; ++i) {
    const std::string_view name = base_name(words[i]);
    const bool installer = contains(kInstallers, name) || name.starts_with("pip3.");
    if (!installer) continue;
    for (std::size_t k = i + 1; k < words.size() && k < i + 4; ++k)
      if (words[k] == "install" || words[k] == "add" || name == "easy_install")
        return {words.begin() + static_cast<std::ptrdiff_t>(k + 1), words.end()};
  }
  return {};
}

std::optional<InstallLine> judge_packages(const std::vector<std::string_view>& packages) {
  if (packages.empty()) return std::nullopt;
  std::string_view unpinned;
  bool named = false;
  for (std::size_t i = 0; i < packages.size(); ++i) {
    const std::string_view word = packages[i];
    const std::string_view value = word.find('=') == std::string_view::npos
                                       ? (i + 1 < packages.size() ? packages[i + 1] : std::string_view())
                                       : word.substr(word.find('=') + 1);
    if (word.starts_with("--trusted-host"))
      return InstallLine{"pip takes packages from " + std::string(value) +
                         " without checking its certificate"};
    if (word.starts_with("--index-url") || word.starts_with("--extra-index-url") || word == "-i" ||
        word.starts_with("--find-links") || word == "-f") {
      if (value.starts_with("http://"))
        return InstallLine{"pip takes packages from " + std::string(value) + " over http"};
      if (word.find('=') == std::string_view::npos) ++i;
      continue;
    }
    if (word == "-r" || word == "--requirement" || word == "-c" || word == "-e" || word == "--editable" ||
        word == "-t" || word == "--target") {
      if (is_address(value) && !is_pinned(value))
        return InstallLine{"installs what " + std::string(value) + " holds at that moment"};
      ++i;
      continue;
    }
    if (is_address(word) && !is_pinned(word))
      return InstallLine{"installs from " + std::string(word) +
                         " whatever is there; pin it: `@<40 hex digits>` or `#sha256=…`"};
    if (!word.starts_with('-') && !is_address(word) && word != "." &&
        word.find('/') == std::string_view::npos) {
      named = true;
      if (word.find("==") == std::string_view::npos && unpinned.empty()) unpinned = word;
    }
  }
  if (!named || unpinned.empty()) return std::nullopt;
  return InstallLine{"installs " + std::string(unpinned) +
                         " in whatever version is current; declare it with version and hash",
                     Severity::Low};
}

}  // namespace

std::optional<InstallLine> judge_install(std::string_view line) {
  std::optional<InstallLine> found;
  const auto keep = [&](std::optional<InstallLine> each) {
    if (each && (!found || each->severity > found->severity)) found = std::move(each);
  };
  bool fetched = false;
  std::string address;
  std::vector<std::string> files;  // written by curl and wget
  for (const ShellCommand& command : split_commands(line)) {
    const std::vector<std::string_view> words = command_of(command);
    if (words.empty()) continue;
    const std::string_view name = base_name(words[0]);
    if (fetched && contains(kRunners, name))
      keep(InstallLine{"pipes " + address + " into " + std::string(name), Severity::High});
    fetched = false;
    if (contains(kFetchers, name)) {
      for (std::size_t i = 1; i < words.size(); ++i) {
        const bool plain = is_address(words[i]) || (words[i].find("://") != std::string_view::npos);
        if (plain) {
          address = words[i];
          files.emplace_back(base_name(words[i]));
        }
        if ((words[i] == "-o" || words[i] == "-O" || words[i] == "--output") && i + 1 < words.size() &&
            !is_address(words[i + 1]))
          files.emplace_back(base_name(words[i + 1]));
      }
      fetched = command.piped_into_next && !address.empty();
      continue;
    }
    for (const std::string_view word : words) {
      if (word.starts_with("<(curl") || word.starts_with("$(curl") || word.starts_with("$(wget") ||
          word.starts_with("`curl"))
        keep(InstallLine{"runs what a download delivers", Severity::High});
      const bool run = contains(kRunners, name) || name == "chmod" || words[0].starts_with("./");
      if (run && !word.empty() && contains(files, base_name(word)))
        keep(InstallLine{"downloads " + std::string(base_name(word)) + " and runs it", Severity::High});
    }
    keep(judge_packages(installed(words)));
  }
  return found;
}

}  // namespace bulwark::scan::inspectors
