// Forged delimiters: marks that a chat template, a retriever or a tool puts around a document, written inside
// one, so that what follows seems to come from somebody else.

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "assay/text/evidence.h"
#include "base/one_of.h"
#include "base/text.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kMostMarks = 200;

struct Mark {
  std::string_view text;  // lower case
  double points;          // at the start of a line
  bool boundary = false;  // of chunks and documents
};
constexpr auto kMarks = std::to_array<Mark>({
    {"<|im_start|>", 2},
    {"<|im_end|>", 1.2},
    {"<|im_sep|>", 1.2},
    {"<|system|>", 2},
    {"<|user|>", 1.0},
    {"<|assistant|>", 1.4},
    {"<|start_header_id|>", 2},
    {"<|end_header_id|>", 1.2},
    {"<|eot_id|>", 1.4},
    {"<|begin_of_text|>", 1.4},
    {"<|end_of_text|>", 1.4},
    {"<|endoftext|>", 1.2},
    {"<|end|>", 1.2},
    {"<|channel|>", 1.2},
    {"<|tool", 1.4},
    {"<start_of_turn>", 1.4},
    {"<end_of_turn>", 1.4},
    {"[inst]", 1.4},
    {"[/inst]", 1.4},
    {"<<sys>>", 2},
    {"<</sys>>", 1.6},
    {"[system]", 1.0},
    {"[/system]", 1.4},
    {"<system>", 1.4},
    {"</system>", 1.6},
    {"<system_prompt>", 1.6},
    {"</system_prompt>", 1.6},
    {"<system-reminder>", 2},
    {"</system-reminder>", 2},
    {"<assistant>", 1.0},
    {"</assistant>", 1.2},
    {"</user>", 1.2},
    {"</user_input>", 2},
    {"</user_query>", 2},
    {"<tool_result>", 1.6},
    {"</tool_result>", 2},
    {"<tool_response>", 1.6},
    {"</tool_response>", 2},
    {"<tool_call>", 1.4},
    {"<function_results>", 1.6},
    {"</function_results>", 2},
    {"<function_calls>", 1.6},
    {"</function_calls>", 1.6},
    {"### system", 1.0},
    {"### instruction:", 1.0},
    {"### instructions:", 1.0},
    {"### new instruction", 1.4},
    {"### response:", 0.8},
    {"### human:", 0.8},
    {"### assistant:", 1.0},
    {"### user:", 0.6},
    {"### end of", 1.2, true},
    {"system:", 0.7},
    {"system prompt:", 1.0},
    {"system message:", 1.0},
    {"human:", 0.3},
    {"assistant:", 0.5},
    {"</document>", 1.8, true},
    {"</documents>", 1.8, true},
    {"</doc>", 1.4, true},
    {"</context>", 1.8, true},
    {"</retrieved_context>", 2, true},
    {"</retrieved_documents>", 2, true},
    {"</search_results>", 2, true},
    {"</search_result>", 2, true},
    {"</passage>", 1.4, true},
    {"</chunk>", 1.8, true},
    {"</source>", 1.0, true},
    {"</untrusted", 2, true},
    {"</data>", 0.8, true},
    {"[end of document]", 1.8, true},
    {"[end of context]", 2, true},
    {"[/context]", 1.8, true},
    {"[end context]", 2, true},
    {"[end of retrieved", 2, true},
    {"[document ", 0.8, true},
    {"[chunk ", 0.8, true},
    {"--- end of document", 1.8, true},
    {"---end of document", 1.8, true},
    {"--- end of context", 2, true},
    {"--- end context", 2, true},
    {"----- end of", 0.6, true},
    {"--- end of retrieved", 2, true},
    {"=== end of", 1.4, true},
    {"=== document", 1.0, true},
    {"=== system", 1.6},
    {"--- system", 1.4},
    {"--- begin system", 2},
    {"end of user input", 1.6, true},
    {"end of document", 0.8, true},
    {"begin system prompt", 1.8},
    {"begin system message", 1.8},
    {"end of system prompt", 1.8},
    {"tool output:", 0.8},
    {"tool result:", 1.0},
    {"function result:", 1.0},
    {"observation:", 0.5},
    {"thought:", 0.4},
    {"final answer:", 0.7},
});

// Lines that only a retriever writes: "Relevance score: 0.99", "Trust level: verified".
constexpr auto kHeaderNames = std::to_array<std::pair<std::string_view, double>>({
    {"relevance", 0.8},       {"relevance score", 1.2}, {"similarity", 0.8},     {"similarity score", 1.2},
    {"retrieval score", 1.4}, {"score", 0.4},           {"trust", 1.2},          {"trust level", 1.4},
    {"trust score", 1.4},     {"trusted", 1.0},         {"verified", 0.8},       {"verified by", 0.5},
    {"authority", 0.8},       {"confidence", 0.6},      {"document id", 0.7},    {"doc id", 0.7},
    {"doc_id", 0.8},          {"chunk", 0.8},           {"chunk id", 1.0},       {"chunk_id", 1.0},
    {"source", 0.5},          {"source url", 0.6},      {"page_content", 1.2},   {"metadata", 0.7},
    {"source type", 0.8},     {"priority", 0.4},        {"security label", 0.8}, {"clearance", 0.8},
    {"classification", 0.3},  {"content", 0.5},         {"retrieved from", 0.9}, {"retrieved", 0.6},
});

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

// Whether nothing but blanks and marks of quotation or emphasis stands before `at` on its line.
bool starts_line(std::string_view text, std::size_t at) {
  while (at > 0) {
    const char c = text[at - 1];
    if (c == '\n') return true;
    if (!is_blank(c) && std::string_view(">*#_-=|\"'`").find(c) == std::string_view::npos) return false;
    --at;
  }
  return true;
}

// Structured text (JSON, XML, YAML) consists of such marks.
bool is_structured(std::string_view text) {
  const std::string_view start = trim(text.substr(0, 2'000));
  return start.starts_with('{') || start.starts_with('[') || start.starts_with("<?xml") ||
         start.starts_with("<!DOCTYPE") || start.starts_with("<!doctype") || start.starts_with("<html");
}

class Finder {
 public:
  Finder(const Passage& passage, std::vector<Evidence>& out)
      : passage_(passage), folded_(lower(passage.text)), out_(out), begin_(out.size()) {}

  void find() {
    structured_ = is_structured(passage_.text);
    marks();
    roles_in_json();
    headers();
    join();
  }

 private:
  // Marks of a conversation come in pairs and more: each further kind of mark adds to the strongest.
  void join() {
    Evidence* strongest = nullptr;
    double sum = 0;
    for (Evidence& evidence : std::span(out_).subspan(begin_)) {
      if (evidence.group != "mark") continue;
      if (strongest == nullptr || evidence.points > strongest->points) strongest = &evidence;
    }
    for (const auto& [mark, points] : strongest_of_) sum += points;
    if (strongest != nullptr)
      strongest->points = std::min(3.0, strongest->points + 0.5 * std::max(0.0, sum - strongest->points));
  }

  enum class Quotes : std::uint8_t { Count, Ignore };  // JSON consists of quotation marks

  void add(std::size_t at, double points, std::string_view group, std::string says, std::size_t size,
           Quotes quotes = Quotes::Count) {
    if (found_++ >= kMostMarks) return;
    const bool code = passage_.regions.find(RegionKind::Code, at) != nullptr;
    const bool quote = quotes == Quotes::Count && passage_.regions.find(RegionKind::Quote, at) != nullptr;
    // Chat templates are documented as code; one that stands in the text itself has been put there.
    if (code || quote) points *= passage_.about_attacks || passage_.about_models ? 0 : 0.5;
    out_.push_back({.kind = SignalKind::ForgedDelimiter,
                    .offset = at,
                    .points = points,
                    .group = group,
                    .says = std::move(says),
                    .quote = printable(passage_.text.substr(at, size), 120)});
  }

  [[nodiscard]] bool shown(std::size_t at) const {
    return passage_.regions.find(RegionKind::Code, at) != nullptr ||
           passage_.regions.find(RegionKind::Quote, at) != nullptr;
  }

  void marks() {
    for (const Mark& mark : kMarks) {
      std::size_t seen = 0;
      for (std::size_t at = 0; seen < 8 && (at = folded_.find(mark.text, at)) != std::string::npos;
           at += mark.text.size(), ++seen)
        judge(mark, at);
    }
  }

  void judge(const Mark& mark, std::size_t at) {
    const bool symbol = is_one_of(mark.text.substr(0, 1), {"<", "["});
    const bool first = starts_line(passage_.text, at);
    if (!first && !symbol) return;  // "the operating system: …"
    double points = mark.points;
    if (!first) points *= 0.5;  // named in the flow of a sentence
    if (mark.boundary && mark.text.starts_with("</")) {
      const std::string opening = "<" + std::string(mark.text.substr(2, mark.text.size() - 3));
      const std::size_t opened = folded_.find(opening);
      if (opened != std::string::npos && opened < at) points = 0;  // closes what the document itself opened
    }
    // "### System: you …": the mark is followed by what it is for.
    if (!mark.boundary && points > 0 && speaks_to_you(at + mark.text.size())) points += 0.6;
    if (structured_) points *= 0.3;
    const std::size_t size = std::min<std::size_t>(passage_.text.size() - at, mark.text.size() + 40);
    if (!mark.boundary && !shown(at)) strongest_of_[mark.text] = std::max(strongest_of_[mark.text], points);
    add(at, points, mark.boundary ? "boundary" : "mark",
        mark.boundary ? "forges the end of a document" : "forges the marks of a conversation", size);
  }

  [[nodiscard]] bool speaks_to_you(std::size_t at) const {
    const std::string_view rest = std::string_view(folded_).substr(at, 60);
    return rest.find("you ") != std::string_view::npos || rest.find("your ") != std::string_view::npos;
  }

  // {"role": "system", "content": …} in the flow of a text.
  void roles_in_json() {
    std::size_t seen = 0;
    for (std::size_t at = 0; seen < 8 && (at = folded_.find("\"role\"", at)) != std::string::npos;
         ++at, ++seen) {
      const std::string_view rest = std::string_view(folded_).substr(at + 6, 30);
      const std::size_t value = rest.find('"');
      if (value == std::string_view::npos || rest.substr(0, value).find(':') == std::string_view::npos)
        continue;
      const std::string_view role = rest.substr(value + 1);
      if (!role.starts_with("system\"") && !role.starts_with("developer\"") && !role.starts_with("tool\""))
        continue;
      add(at, structured_ ? 0.3 : 1.2, "mark", "forges a message of a conversation",
          std::min<std::size_t>(passage_.text.size() - at, 60), Quotes::Ignore);
    }
  }

  // Two and more lines of a retriever's header in the middle of a document.
  void headers() {
    double sum = 0;
    std::size_t lines = 0;
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= folded_.size();) {
      const std::size_t end = std::min(folded_.find('\n', at), folded_.size());
      const double points = header_points(std::string_view(folded_).substr(at, end - at));
      if (points > 0) {
        if (lines++ == 0) begin = at;
        sum += points;
      } else {
        end_headers(begin, lines, sum);
        lines = 0;
        sum = 0;
      }
      at = end + 1;
    }
    end_headers(begin, lines, sum);
  }

  void end_headers(std::size_t begin, std::size_t lines, double sum) {
    // A document may begin with its own header.
    if (lines < 2 || sum < 1.2) return;
    const bool leads = trim(passage_.text.substr(0, begin)).size() < 40;
    add(begin, std::min(leads ? 0.8 : 1.6, sum), "header", "forges the header of a retrieved document", 80);
  }

  static double header_points(std::string_view line) {
    line = trim(line);
    while (!line.empty() && std::string_view("*[#-\"> ").find(line[0]) != std::string_view::npos)
      line.remove_prefix(1);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon > 24) return 0;
    std::string_view name = trim(line.substr(0, colon));
    while (!name.empty() && (name.back() == '"' || name.back() == '*')) name.remove_suffix(1);
    for (const auto& [known, points] : kHeaderNames)
      if (name == known) return points;
    return 0;
  }

  const Passage& passage_;
  std::string folded_;
  std::vector<Evidence>& out_;
  std::size_t begin_;                                // of what this look has found
  std::map<std::string_view, double> strongest_of_;  // mark of a conversation -> points
  std::size_t found_ = 0;
  bool structured_ = false;
};

}  // namespace

void find_forged_marks(const Passage& passage, std::vector<Evidence>& out) {
  Finder(passage, out).find();
}

std::vector<std::string_view> forged_marks() {
  std::vector<std::string_view> texts;
  for (const Mark& mark : kMarks)
    if (is_one_of(mark.text.substr(0, 1), {"<", "["})) texts.push_back(mark.text);
  std::ranges::sort(texts, {}, [](std::string_view text) { return std::pair(~text.size(), text); });
  return texts;
}

}  // namespace bulwark::assay
