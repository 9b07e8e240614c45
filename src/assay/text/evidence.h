#pragma once
// What single looks at a document find, before it is weighed together.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "assay/text/document.h"
#include "assay/text/regions.h"
#include "scan/knowledge/folded_words.h"

namespace bulwark::assay {

struct Evidence {
  SignalKind kind = SignalKind::Instruction;
  std::uint64_t offset = 0;
  double points = 0;
  // Evidence of one group says the same: only the strongest of a place counts.
  std::string_view group;
  std::string says;
  std::string quote;
  bool anywhere = false;  // counts for the whole document, wherever it stands
};

// A window of a document with what all looks need.
struct Passage {
  std::string_view text;
  const std::vector<scan::Word>& words;
  const RegionIndex& regions;
  bool about_attacks = false;  // it speaks of injections and attackers
  bool about_models = false;   // it speaks of prompts, templates, tokens
};

void find_instructions(const Passage& passage, std::vector<Evidence>& out);
void find_hidden(const Passage& passage, std::vector<Evidence>& out);
void find_forged_marks(const Passage& passage, std::vector<Evidence>& out);
void find_bait(const Passage& passage, std::vector<Evidence>& out);
void find_exfiltration(const Passage& passage, std::vector<Evidence>& out);

// Marks in pointed or square brackets, lower case, longest first: what as_one_chunk takes apart.
[[nodiscard]] std::vector<std::string_view> forged_marks();

}  // namespace bulwark::assay
