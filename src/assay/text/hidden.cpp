// What people do not see: hidden characters, hidden elements, and addresses that carry data away.

#include "scan/formats/hidden_text.h"

#include <algorithm>
#include <array>

#include "assay/text/evidence.h"
#include "base/one_of.h"
#include "base/text.h"

namespace bulwark::assay {
namespace {

// Fewer hidden words than that are a label, a preheader's filler or a skip link.
constexpr std::size_t kHiddenWords = 6;

bool is_model_word(std::string_view word) {
  return is_one_of(
      word, {"ai", "ais", "llm", "llms", "chatbot", "chatbots", "models", "chatgpt", "gpt", "assistant",
             "assistants", "copilot", "claude", "gemini", "prompt", "instruction", "instructions"});
}

double points_of(const scan::HiddenRun& run) {
  switch (run.kind) {
    case scan::HiddenKind::Tags: return !run.says.empty() ? 3 : run.characters >= 4 ? 2 : 0.5;
    case scan::HiddenKind::VariationSelectors: return !run.says.empty() ? 3 : run.characters >= 4 ? 2 : 0.4;
    case scan::HiddenKind::ZeroWidth: return run.characters >= 16 ? 2 : 0.6;
    case scan::HiddenKind::Bidi: return 1.2;
  }
  return 0;
}

// A hidden element with prose in it. Alone it is no proof: mails hide their preview text, pages their menus.
void judge_region(const Passage& passage, const Region& region, std::vector<Evidence>& out) {
  std::size_t count = 0;
  bool for_models = false;
  const auto first = std::ranges::lower_bound(passage.words, region.begin, {}, &scan::Word::offset);
  for (auto word = first; word != passage.words.end() && word->offset < region.end; ++word) {
    ++count;
    for_models = for_models || is_model_word(word->text);
  }
  if (count < kHiddenWords || passage.regions.find(RegionKind::Code, region.begin) != nullptr) return;
  const bool unusual = region.why.find("display") == std::string_view::npos && region.why != "hidden" &&
                       region.why != "visibility:hidden" && region.why != "height 0";
  const std::string_view text =
      passage.text.substr(region.begin, std::min<std::size_t>(region.end - region.begin, 400));
  out.push_back({.kind = SignalKind::HiddenText,
                 .offset = region.begin,
                 .points = (unusual ? 1.0 : 0.5) + (for_models ? 1.5 : 0),
                 .group = "hidden",
                 .says = "holds " + std::to_string(count) + " words that nobody sees (" +
                         std::string(region.why) + ")" + (for_models ? ", which speak of a model" : ""),
                 .quote = printable(trim(text), 120)});
}

// "{{history}}", "[DATA]", "<secret>", "${TOKEN}": a place in an address that the model is to fill.
bool has_placeholder(std::string_view address) {
  for (const auto& [open, shut] : std::to_array<std::pair<std::string_view, std::string_view>>(
           {{"{", "}"}, {"[", "]"}, {"%7b", "%7d"}, {"<", ">"}, {"$(", ")"}}))
    if (const std::size_t at = address.find(open); at != std::string_view::npos)
      if (address.find(shut, at) != std::string_view::npos) return true;
  return std::ranges::any_of(
      std::to_array<std::string_view>({"=user_data", "=secret", "=conversation", "=history", "=data_here",
                                       "=your_", "=summary", "=base64"}),
      [&](std::string_view word) { return address.find(word) != std::string_view::npos; });
}

// What a bare address must ask for: elsewhere "{id}" is the language of manuals.
bool names_secrets(std::string_view query) {
  return std::ranges::any_of(
      std::to_array<std::string_view>({"password", "secret", "conversation", "history", "user_data",
                                       "userdata", "email", "prompt", "context", "messages", "chat", "credit",
                                       "card"}),
      [&](std::string_view word) { return query.find(word) != std::string_view::npos; });
}

}  // namespace

void find_hidden(const Passage& passage, std::vector<Evidence>& out) {
  for (const scan::HiddenRun& run : scan::hidden_runs(passage.text)) {
    std::string says = std::to_string(run.characters) + " " + std::string(scan::name_of(run.kind));
    if (!run.says.empty()) says += " that spell a text";
    out.push_back({.kind = SignalKind::HiddenCharacters,
                   .offset = run.offset,
                   .points = points_of(run),
                   .group = "characters",
                   .says = std::move(says),
                   .quote = printable(run.says, 120)});
  }
  for (const Region& region : passage.regions.of(RegionKind::Hidden)) judge_region(passage, region, out);
}

void find_exfiltration(const Passage& passage, std::vector<Evidence>& out) {
  const std::string folded = lower(passage.text);
  std::size_t seen = 0;
  for (const std::string_view start : {"](http", "src=\"http", "src='http", "src=http", "http"}) {
    for (std::size_t at = 0; seen < 50 && (at = folded.find(start, at)) != std::string::npos;
         at += start.size()) {
      const bool markdown = start.starts_with(']');
      const bool bare = start == "http";
      const std::string_view rest = std::string_view(folded).substr(at, 500);
      const std::string_view address = rest.substr(0, std::min(rest.find_first_of(markdown ? ")\n"
                                                                                  : bare   ? " )\"'\n"
                                                                                           : "\"'\n",
                                                                                  start.size()),
                                                               rest.size()));
      const std::size_t query = address.find('?');
      if (query == std::string_view::npos || !has_placeholder(address.substr(query))) continue;
      if (bare && !names_secrets(address.substr(query))) continue;
      ++seen;
      const bool shown = passage.regions.find(RegionKind::Code, at) != nullptr || passage.about_attacks;
      out.push_back({.kind = SignalKind::Exfiltration,
                     .offset = at,
                     .points = shown  ? 0.2
                               : bare ? 1.2
                                      : 2.0,
                     .group = "address",
                     .says = "has an address that is to be filled with data",
                     .quote = printable(passage.text.substr(at, address.size()), 120)});
    }
  }
}

}  // namespace bulwark::assay
