#include "assess/knowledge.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "atlas/table.h"
#include "base/text.h"

extern "C" const char bw_assess_applicability[], bw_assess_applicability_end[];
extern "C" const char bw_assess_controls[], bw_assess_controls_end[];

namespace bulwark::assess {
namespace {

std::unexpected<Error> wrong(std::string_view row, std::string_view what, std::string_view word) {
  return fail(Code::InvalidInput,
              std::string(row) + ": unknown " + std::string(what) + " '" + std::string(word) + "'");
}

bool known(const std::vector<Word>& words, std::string_view word) {
  return std::ranges::find(words, word, &Word::word) != words.end();
}

Result<void> read_needs(const std::vector<std::string_view>& alternatives, Applicability& row) {
  for (const std::string_view alternative : alternatives) {
    if (alternative == "any") {
      row.always = true;
      continue;
    }
    std::vector<Kind> all;
    for (const std::string_view id : split(alternative, '+')) {
      const auto kind = kind_from(id);
      if (!kind) return wrong(row.technique, "kind of component", id);
      all.push_back(*kind);
    }
    row.needs.push_back(std::move(all));
  }
  if (!row.always && row.needs.empty())
    return fail(Code::InvalidInput, std::string(row.technique) + ": needs nothing, not even 'any'");
  return {};
}

}  // namespace

const std::vector<Word>& knowledge_words() {
  static const std::vector<Word> kWords = {
      {"black", "nothing but what everybody sees"},
      {"grey", "some of it: the kind of model, the data or the tools in use"},
      {"white", "all of it: weights, code or configuration"},
  };
  return kWords;
}

const std::vector<Word>& access_words() {
  static const std::vector<Word> kWords = {
      {"none", "no access: done elsewhere"},
      {"public", "whatever is reachable from outside"},
      {"query", "may ask the model"},
      {"user", "an account of the system"},
      {"content", "may place content that the system reads"},
      {"supply-chain", "may publish what the system takes in"},
      {"insider", "may write to the pipeline or its stores"},
      {"foothold", "code that already runs inside"},
      {"physical", "stands before the sensor or the machine"},
  };
  return kWords;
}

Result<Knowledge> read_knowledge(std::string_view applicability, std::string_view controls) {
  Knowledge knowledge;
  const atlas::Table rows = TRY(atlas::Table::read(
      "applicability", applicability, {"technique_id", "name", "needs", "knowledge", "access", "because"}));
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    Applicability row{.technique = rows.at(i, 0),
                      .name = rows.at(i, 1),
                      .knowledge = rows.at(i, 3),
                      .access = rows.list(i, 4),
                      .because = rows.at(i, 5)};
    TRY(read_needs(rows.list(i, 2), row));
    if (!known(knowledge_words(), row.knowledge)) return wrong(row.technique, "knowledge", row.knowledge);
    for (const std::string_view word : row.access)
      if (!known(access_words(), word)) return wrong(row.technique, "access", word);
    knowledge.applicability.push_back(std::move(row));
  }
  std::ranges::sort(knowledge.applicability, {}, &Applicability::technique);
  const atlas::Table changes =
      TRY(atlas::Table::read("controls", controls, {"control_id", "phase", "effort", "change"}));
  for (std::size_t i = 0; i < changes.rows(); ++i) {
    const int effort = TRY(changes.number(i, 2));
    if (effort < 1 || effort > 4) return wrong(changes.at(i, 0), "effort", changes.at(i, 2));
    knowledge.changes.push_back({changes.at(i, 0), changes.at(i, 1), effort, changes.at(i, 3)});
  }
  return knowledge;
}

const Knowledge& knowledge() {
  static const Knowledge instance = [] {
    const auto text = [](const char* begin, const char* end) {
      return std::string_view(begin, static_cast<std::size_t>(end - begin));
    };
    auto read = read_knowledge(text(bw_assess_applicability, bw_assess_applicability_end),
                               text(bw_assess_controls, bw_assess_controls_end));
    if (!read) std::abort();  // compiled in and tested: only a broken build comes here
    return std::move(*read);
  }();
  return instance;
}

const Applicability* Knowledge::applicability_of(std::string_view technique) const {
  const auto found = std::ranges::lower_bound(applicability, technique, {}, &Applicability::technique);
  return found == applicability.end() || found->technique != technique ? nullptr : &*found;
}

const Change* Knowledge::change_of(std::string_view control) const {
  const auto found = std::ranges::find(changes, control, &Change::control);
  return found == changes.end() ? nullptr : &*found;
}

}  // namespace bulwark::assess
