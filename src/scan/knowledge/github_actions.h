#pragma once
// Public actions of GitHub: names worth imitating, and which of them restore caches, publish or run code
// given to them.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bulwark::scan {

// The popular action that `name` ("owner/repository") looks like without being it: one edit away, two letters
// or both halves swapped; empty if none. Other repositories of a popular owner are no imitation.
[[nodiscard]] std::string_view imitated_action(std::string_view name);

enum class CacheUse : std::uint8_t {
  Always,   // restoring a cache is what the action does
  Default,  // on unless `input` says false
  OptIn,    // on if `input` says so
  OptOut,   // on unless `input` says true
};
struct CachingAction {
  std::string_view name;  // owner/repository[/path], lower case
  std::string_view input;
  CacheUse use;
  std::string_view needs = {};  // an input without which nothing is cached
};
[[nodiscard]] std::span<const CachingAction> caching_actions();

// Uploads what the job built: releases, packages, images, pages. `name` in lower case.
[[nodiscard]] bool is_publishing_action(std::string_view name);
// Signs or attests what the job built.
[[nodiscard]] bool is_signing_action(std::string_view name);
// Inputs that the action hands to an interpreter: "script" of actions/github-script. Both in lower case.
[[nodiscard]] bool runs_input(std::string_view name, std::string_view input);
// Only reads metadata, whatever triggers it.
[[nodiscard]] bool is_harmless_action(std::string_view name);

}  // namespace bulwark::scan
