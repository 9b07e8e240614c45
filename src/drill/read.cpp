// data/drills/*.yaml: strict, so that a misspelt key is no silently weaker drill.

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

#include "assay/assay.h"
#include "atlas/catalogue.h"
#include "atlas/map.h"
#include "base/document.h"
#include "base/text.h"
#include "drill/drill.h"

extern "C" const char bw_drills[], bw_drills_end[];

namespace bulwark::drill {
namespace {

using Keys = std::map<std::string_view, std::function<Result<void>(const Document&)>>;

constexpr std::array<std::string_view, 5> kKept = {"plain", "signed", "recorded", "logged", "encrypted"};
constexpr std::array<std::string_view, 5> kActs = {"outside", "build", "gate", "load", "effect"};

std::unexpected<Error> wrong(const Document& at, std::string message) {
  return fail(Code::InvalidInput, "line " + std::to_string(at.line) + ": " + std::move(message));
}

// Hands every value of a map to the reader of its key.
Result<void> read_map(const Document& map, std::string_view what, const Keys& keys) {
  if (!map.is_map()) return wrong(map, std::string(what) + " must be a map");
  std::vector<std::string_view> known;
  for (const auto& [key, reader] : keys) known.push_back(key);
  std::vector<std::string_view> seen;
  for (const auto& [key, value] : map.map) {
    const auto reader = keys.find(key);
    if (reader == keys.end()) {
      const std::string_view guess = nearest(key, known);
      return wrong(value, "unknown key '" + printable(key, 40) + "'" +
                              (guess.empty() ? "" : "; did you mean '" + std::string(guess) + "'?"));
    }
    if (std::ranges::find(seen, key) != seen.end()) return wrong(value, "key '" + key + "' comes twice");
    seen.push_back(key);
    TRY(reader->second(value));
  }
  return {};
}

Result<std::string> text_in(const Document& value) {
  if (value.is_map() || value.is_list() || value.string.empty()) return wrong(value, "must be a text");
  return value.string;
}

auto into(std::string& target) {
  return [&target](const Document& value) -> Result<void> {
    target = TRY(text_in(value));
    return {};
  };
}

auto into(std::vector<std::string>& target) {
  return [&target](const Document& value) -> Result<void> {
    if (!value.is_list()) return wrong(value, "must be a list");
    for (const Document& item : value.list) {
      std::string text = TRY(text_in(item));
      target.push_back(std::move(text));
    }
    return {};
  };
}

// One of the names in `choices`, as its index.
Result<std::size_t> choice(const Document& value, std::span<const std::string_view> choices) {
  const std::string text = TRY(text_in(value));
  const auto found = std::ranges::find(choices, text);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  std::string all;
  for (const std::string_view name : choices) all += (all.empty() ? "" : ", ") + std::string(name);
  return wrong(value, "'" + printable(text, 40) + "' is none of: " + all);
}

// A text is a recipe; anything else says how it is made.
Result<Sample> sample_in(const std::string& name, const Document& value) {
  Sample sample{.name = name, .line = value.line};
  if (path_escapes(name)) return wrong(value, "file name '" + printable(name) + "' leaves the directory");
  if (value.is_string()) {
    sample.source = value.string;
    return sample;
  }
  const auto made = [&](Sample::Made how) {
    return [&sample, how](const Document& source) -> Result<void> {
      sample.made = how;
      sample.source = TRY(text_in(source));
      return {};
    };
  };
  TRY(read_map(value, "file",
               {{"recipe", made(Sample::Made::Recipe)},
                {"text", made(Sample::Made::Text)},
                {"python", made(Sample::Made::Python)}}));
  if (value.map.size() != 1) return wrong(value, "a file is made in one way: recipe, text or python");
  return sample;
}

auto into(std::vector<Sample>& target) {
  return [&target](const Document& value) -> Result<void> {
    if (!value.is_map()) return wrong(value, "must map names to recipes");
    for (const auto& [name, made] : value.map) {
      Sample sample = TRY(sample_in(name, made));
      target.push_back(std::move(sample));
    }
    return {};
  };
}

auto into(Load& target) {
  return [&target](const Document& value) {
    return read_map(
        value, "load",
        {{"with", into(target.with)}, {"file", into(target.file)}, {"arguments", into(target.arguments)}});
  };
}

auto into(Effect& target) {
  return [&target](const Document& value) -> Result<void> {
    if (value.is_string()) {
      constexpr std::array<std::string_view, 2> kKinds = {"marker", "sink"};
      const std::size_t kind = TRY(choice(value, kKinds));
      target.kind = kind == 0 ? Effect::Kind::Marker : Effect::Kind::Sink;
      return {};
    }
    target.kind = Effect::Kind::Answer;
    TRY(read_map(value, "effect", {{"answer", into(target.answer)}, {"before", into(target.before)}}));
    if (target.answer.empty() || target.before.empty() || target.answer == target.before)
      return wrong(value, "an answer needs the one before, and they must differ");
    return {};
  };
}

auto into(bool& target) {
  return [&target](const Document& value) -> Result<void> {
    if (value.kind != Document::Kind::Boolean) return wrong(value, "must be true or false");
    target = value.boolean;
    return {};
  };
}

auto into(std::optional<AssayOrder>& target) {
  return [&target](const Document& value) -> Result<void> {
    AssayOrder order;
    TRY(read_map(value, "assay",
                 {{"file", into(order.file)},
                  {"only", into(order.parts)},
                  {"label", into(order.label)},
                  {"source", into(order.source)},
                  {"group", into(order.group)},
                  {"time", into(order.time)},
                  {"text", into(order.texts)},
                  {"untrusted", into(order.untrusted)},
                  {"against_approved", into(order.against)}}));
    if (order.file.empty() || order.parts.empty()) return wrong(value, "assay needs file and only");
    for (const std::string& part : order.parts)
      if (std::ranges::find(assay::part_names(), part) == assay::part_names().end())
        return wrong(value, "no part '" + printable(part, 40) + "' of the assay");
    target = std::move(order);
    return {};
  };
}

// What the way of keeping asks of a trial.
Result<void> check_kept(const Document& value, const Trial& trial, bool attack) {
  if ((trial.kept == Kept::Signed || trial.kept == Kept::Recorded) && trial.approved.empty())
    return wrong(value, "what is signed or recorded is the approved version: needs approved");
  if (trial.kept != Kept::Logged && !trial.tamper.empty())
    return wrong(value, "only a ledger is tampered with in its folder: needs kept: logged");
  if (trial.kept != Kept::Signed && trial.signed_by != SignedBy::Owner)
    return wrong(value, "who signed it is a question only of kept: signed");
  if (!attack) return {};
  const bool refused = !trial.rules.empty() || !trial.gaps.empty();
  if (trial.kept == Kept::Encrypted && refused)
    return wrong(value,
                 "nothing crosses a gate where a disk is stolen: kept: encrypted has no rules or gaps");
  if (trial.kept != Kept::Encrypted && !refused)
    return wrong(value, "needs the rules or gaps that must refuse it");
  return {};
}

Result<void> check_assay(const Document& value, const Trial& trial) {
  if (!trial.assay) return {};
  if (std::ranges::find(trial.files, trial.assay->file, &Sample::name) == trial.files.end())
    return wrong(value, "assay names a file that is not among files");
  if (trial.assay->against &&
      std::ranges::find(trial.approved, trial.assay->file, &Sample::name) == trial.approved.end())
    return wrong(value, "assay against_approved needs an approved version of the file");
  return {};
}

Result<Trial> trial_in(const Document& value, bool attack) {
  Trial trial;
  const auto kept = [&trial](const Document& given) -> Result<void> {
    const std::size_t index = TRY(choice(given, kKept));
    trial.kept = static_cast<Kept>(index);
    return {};
  };
  const auto signer = [&trial](const Document& given) -> Result<void> {
    constexpr std::array<std::string_view, 3> kSigners = {"owner", "stranger", "nobody"};
    const std::size_t index = TRY(choice(given, kSigners));
    trial.signed_by = static_cast<SignedBy>(index);
    return {};
  };
  Keys keys = {
      {"name", into(trial.name)},   {"files", into(trial.files)},         {"kept", kept},
      {"signed_by", signer},        {"tamper", into(trial.tamper)},       {"approved", into(trial.approved)},
      {"assay", into(trial.assay)}, {"elsewhere", into(trial.elsewhere)}, {"load", into(trial.load)}};
  if (attack) {
    keys["rules"] = into(trial.rules);
    keys["gaps"] = into(trial.gaps);
    keys["effect"] = into(trial.effect);
  } else {
    keys["answer"] = into(trial.answer);
  }
  TRY(read_map(value, attack ? "attack" : "benign twin", keys));
  if (trial.name.empty() || trial.files.empty()) return wrong(value, "needs name and files");
  if (trial.load.with.empty() || trial.load.file.empty()) return wrong(value, "load needs with and file");
  TRY(check_kept(value, trial, attack));
  TRY(check_assay(value, trial));
  if (!attack && trial.answer.empty()) return wrong(value, "needs the answer that must be read back");
  if (attack && trial.effect.kind == Effect::Kind::Answer && trial.approved.empty() &&
      trial.kept != Kept::Logged)
    return wrong(value, "an answer that changes needs the approved model");
  return trial;
}

auto into(std::vector<Trial>& target, bool attack) {
  return [&target, attack](const Document& value) -> Result<void> {
    if (!value.is_list()) return wrong(value, "must be a list");
    for (const Document& item : value.list) {
      Trial trial = TRY(trial_in(item, attack));
      if (std::ranges::find(target, trial.name, &Trial::name) != target.end())
        return wrong(item, "name '" + trial.name + "' comes twice");
      target.push_back(std::move(trial));
    }
    return {};
  };
}

Result<Step> step_in(const Document& value) {
  Step step;
  const auto number = [&](const Document& given) -> Result<void> {
    step.number = static_cast<int>(std::clamp<std::int64_t>(given.integer, 0, 1000));
    return {};
  };
  const auto act = [&](const Document& given) -> Result<void> {
    const std::size_t index = TRY(choice(given, kActs));
    step.act = static_cast<Step::Act>(index);
    return {};
  };
  const Keys keys = {
      {"step", number}, {"technique", into(step.technique)}, {"act", act}, {"does", into(step.does)}};
  TRY(read_map(value, "step", keys));
  if (step.does.empty()) return wrong(value, "needs does: what happens in this step");
  return step;
}

auto into(std::vector<Step>& target) {
  return [&target](const Document& value) -> Result<void> {
    for (const Document& item : value.list) {
      Step step = TRY(step_in(item));
      target.push_back(std::move(step));
    }
    return {};
  };
}

Result<std::chrono::milliseconds> limit_in(const Document& value) {
  constexpr double kLongest = 60;
  if (value.number <= 0 || value.number > kLongest)
    return wrong(value, "must be a number of seconds, at most 60");
  return std::chrono::milliseconds(static_cast<std::int64_t>(value.number * 1000));
}

Result<void> read_head(const Document& root, Drill& drill) {
  return read_map(root, "a drill",
                  {{"id", into(drill.id)},
                   {"title", into(drill.title)},
                   {"techniques", into(drill.techniques)},
                   {"cases", into(drill.cases)},
                   {"controls", into(drill.controls)},
                   {"proof",
                    [&](const Document& value) -> Result<void> {
                      constexpr std::array<std::string_view, 3> kProofs = {"prevent", "detect", "test"};
                      const std::size_t index = TRY(choice(value, kProofs));
                      drill.proof = static_cast<atlas::Proof>(index);
                      return {};
                    }},
                   {"limit",
                    [&](const Document& value) -> Result<void> {
                      drill.limit = TRY(limit_in(value));
                      return {};
                    }},
                   {"fail_on",
                    [&](const Document& value) -> Result<void> {
                      constexpr std::array<std::string_view, 5> kSeverities = {"info", "low", "medium",
                                                                               "high", "critical"};
                      const std::size_t index = TRY(choice(value, kSeverities));
                      drill.fail_on = static_cast<Severity>(index);
                      return {};
                    }},
                   {"allowed_packages", into(drill.allowed_packages)},
                   {"advisories", into(drill.advisories)},
                   {"needs", into(drill.needs)},
                   {"proves", into(drill.proves)},
                   {"does_not_show", into(drill.does_not_show)},
                   {"attacks", into(drill.attacks, true)},
                   {"benign", into(drill.benign, false)},
                   {"steps", into(drill.steps)}});
}

std::string count_of(const Drill& drill, Step::Act act) {
  return std::to_string(std::ranges::count(drill.steps, act, &Step::act));
}

// The steps must be the case study's, in its order, with exactly one crossing of the gate.
Result<void> check_steps(const Drill& drill) {
  if (drill.cases.empty() != drill.steps.empty())
    return fail(Code::InvalidInput, "a case replay has cases and steps, any other drill neither");
  if (drill.steps.empty()) return {};
  if (drill.cases.size() != 1) return fail(Code::InvalidInput, "a replay follows one case study");
  const atlas::CaseStudy* study = atlas::pinned().case_study(drill.cases.front());
  if (study == nullptr) return fail(Code::InvalidInput, "no case study " + drill.cases.front());
  if (study->steps.size() != drill.steps.size())
    return fail(Code::InvalidInput, drill.cases.front() + " has " + std::to_string(study->steps.size()) +
                                        " steps, the drill " + std::to_string(drill.steps.size()));
  for (std::size_t i = 0; i < drill.steps.size(); ++i) {
    const Step& step = drill.steps[i];
    if (step.number != static_cast<int>(i) + 1 || step.technique != study->steps[i].technique)
      return fail(Code::InvalidInput, "step " + std::to_string(i + 1) + " of " + drill.cases.front() +
                                          " is " + std::string(study->steps[i].technique) + ", not step " +
                                          std::to_string(step.number) + " " + step.technique);
  }
  if (count_of(drill, Step::Act::Gate) != "1")
    return fail(Code::InvalidInput,
                "one step must cross the gate, " + count_of(drill, Step::Act::Gate) + " do");
  return {};
}

Result<void> check(const Drill& drill) {
  if (!drill.id.starts_with("DR-")) return fail(Code::InvalidInput, "id must start with DR-");
  for (const auto& [text, what] : {std::pair{&drill.title, "title"}, std::pair{&drill.proves, "proves"},
                                   std::pair{&drill.does_not_show, "does_not_show"}})
    if (text->empty()) return fail(Code::InvalidInput, std::string("needs ") + what);
  if (drill.techniques.empty()) return fail(Code::InvalidInput, "needs techniques");
  if (drill.controls.empty()) return fail(Code::InvalidInput, "needs controls, the one under test first");
  if (drill.limit.count() == 0) return fail(Code::InvalidInput, "needs limit, in seconds");
  for (const std::string& id : drill.controls)
    if (atlas::map().control(id) == nullptr) return fail(Code::InvalidInput, "no control " + id);
  for (const std::string& id : drill.techniques) {
    const atlas::Defence* defence = atlas::map().defence(id);
    if (defence == nullptr) return fail(Code::InvalidInput, "no technique " + id);
    // What the map does not expect of a control, a drill must not claim for it.
    if (std::ranges::find(defence->controls, drill.control()) == defence->controls.end())
      return fail(Code::InvalidInput,
                  std::string(drill.control()) + " is no control of " + id + " in the map");
  }
  if (drill.attacks.empty() != drill.benign.empty())
    return fail(Code::InvalidInput, "a drill has attacks and benign twins, a draft neither");
  return check_steps(drill);
}

// "--- # name" lines stand between the files that were compiled in.
constexpr std::string_view kSeparator = "--- # ";

}  // namespace

std::string_view name_of(Step::Act act) {
  return kActs[std::to_underlying(act)];
}

Result<Drill> read_drill(std::string_view file, std::string_view text) {
  const auto within_file = [&](Error error) { return std::unexpected(std::move(error).within(file)); };
  auto documents = parse_yaml(text, Limits{});
  if (!documents) return within_file(std::move(documents).error());
  if (documents->size() != 1) return within_file({Code::InvalidInput, "must be one YAML document"});
  Drill drill{.file = std::string(file)};
  if (auto read = read_head(documents->front(), drill); !read) return within_file(std::move(read).error());
  if (auto good = check(drill); !good) return within_file(std::move(good).error());
  return drill;
}

Result<std::vector<Drill>> builtin_drills() {
  const std::string_view all(bw_drills, static_cast<std::size_t>(bw_drills_end - bw_drills));
  std::vector<Drill> drills;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t name = at + kSeparator.size();
    const std::size_t line_end = std::min(all.find('\n', name), all.size());
    const std::size_t body = std::min(line_end + 1, all.size());
    const std::size_t next = all.find("\n" + std::string(kSeparator), line_end);
    const std::size_t end = next == std::string_view::npos ? all.size() : next + 1;
    Drill drill = TRY(read_drill(all.substr(name, line_end - name), all.substr(body, end - body)));
    drills.push_back(std::move(drill));
    at = end;
  }
  std::ranges::sort(drills, {}, &Drill::id);
  if (const auto twice = std::ranges::adjacent_find(drills, {}, &Drill::id); twice != drills.end())
    return fail(Code::InvalidInput, twice->id + " comes twice: " + twice->file + ", " + (twice + 1)->file);
  return drills;
}

}  // namespace bulwark::drill
