#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>

#include "base/text.h"

namespace bulwark::cli {
namespace {

constexpr std::string_view kAbout = "Bulwark: a gate at every crossing of a machine-learning pipeline.";
constexpr std::string_view kFooter =
    "\nExamples:\n"
    "  bulwark scan model.pt                            what would run if somebody loaded it?\n"
    "  bulwark scan . --format sarif --output bulwark.sarif\n"
    "  curl -L https://example.org/model.bin | bulwark scan -\n"
    "  bulwark scan --explain BW-PKL-001                why a rule exists and what to do\n"
    "\nExit codes: 0 accepted and complete, 1 refused, 2 not everything could be seen,\n"
    "            3 usage or environment, 4 internal error\n"
    "\n'bulwark VERB --help' shows a verb's options.";

// Values that the parser fills; a deque, because it keeps references to them.
struct Slots {
  std::deque<std::pair<std::string, std::vector<std::string>>> values;
  std::deque<std::pair<std::string, bool>> switches;
  std::vector<std::string> operands;
};

CLI::Option* add_flag(CLI::App& app, const Flag& flag, Slots& slots) {
  std::string names = "--" + std::string(flag.name);
  if (flag.letter != 0) names = std::string("-") + flag.letter + "," + names;
  if (flag.value.empty()) {
    auto& [name, given] = slots.switches.emplace_back(flag.name, false);
    return app.add_flag(names, given, std::string(flag.help));
  }
  auto& [name, values] = slots.values.emplace_back(flag.name, std::vector<std::string>());
  CLI::Option* option = app.add_option(names, values, std::string(flag.help));
  option->type_name(std::string(flag.value))->expected(1)->allow_extra_args(false);
  option->multi_option_policy(flag.repeats ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::Throw);
  return option;
}

void add_verb(CLI::App& app, const Verb& verb, Slots& slots) {
  std::string_view group;
  for (const Flag& flag : verb.flags) {
    if (!flag.group.empty()) group = flag.group;
    CLI::Option* option = add_flag(app, flag, slots);
    if (!group.empty()) option->group(std::string(group));
  }
  if (!verb.operands.empty())
    app.add_option(std::string(verb.operands), slots.operands, std::string(verb.operands_help))
        ->type_name("");
  if (!verb.examples.empty()) app.footer("Examples:\n" + std::string(verb.examples));
}

std::string with_guess(std::string text, std::string_view word, const std::vector<std::string_view>& known) {
  const std::string_view guess = nearest(word, known);
  if (!guess.empty()) text += "; did you mean '" + std::string(guess) + "'?";
  return text;
}

Parsed usage(std::string text, std::string_view verb) {
  Parsed parsed;
  parsed.text = std::move(text) + "\nRun 'bulwark " + std::string(verb) + (verb.empty() ? "" : " ") +
                "--help' for what there is.";
  parsed.exit = kUsage;
  return parsed;
}

// A word that starts with a dash and is no option of the verb.
std::string_view unknown_option(const Verb& verb, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") return {};
    if (!word.starts_with("--") || word.size() < 3) continue;
    const std::string_view name = std::string_view(word).substr(2, word.find('=') - 2);
    if (name != "help" && std::ranges::find(verb.flags, name, &Flag::name) == verb.flags.end()) return word;
  }
  return {};
}

Parsed explain_mistake(const Verb& verb, const std::vector<std::string>& words,
                       const CLI::ParseError& error) {
  const std::string_view option = unknown_option(verb, words);
  if (option.empty()) return usage(error.what(), verb.name);
  std::vector<std::string> names = {"--help"};
  for (const Flag& flag : verb.flags) names.push_back("--" + std::string(flag.name));
  return usage(with_guess("unknown option '" + printable(option) + "'", option.substr(0, option.find('=')),
                          {names.begin(), names.end()}),
               verb.name);
}

// Choices are checked here and not by the library, so that the complaint can guess.
std::string wrong_choice(const Verb& verb, const Arguments& arguments) {
  for (const Flag& flag : verb.flags) {
    if (flag.choices.empty()) continue;
    const std::vector<std::string_view> choices = words(flag.choices);
    for (const std::string& value : arguments.all(flag.name)) {
      if (std::ranges::find(choices, value) != choices.end()) continue;
      std::string text = "--" + std::string(flag.name) + ": '" + printable(value) + "' is none of";
      for (const std::string_view choice : choices) text += " " + std::string(choice);
      return with_guess(text, value, choices);
    }
  }
  return {};
}

Parsed parse_verb(const Verb& verb, std::vector<std::string> given) {
  CLI::App app(std::string(verb.summary), "bulwark " + std::string(verb.name));
  Slots slots;
  add_verb(app, verb, slots);
  app.get_formatter()->column_width(32);
  Parsed parsed;
  try {
    std::vector<std::string> reversed(given.rbegin(), given.rend());  // as the library wants it
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    parsed.text = app.help();
    return parsed;
  } catch (const CLI::ParseError& error) {
    return explain_mistake(verb, given, error);
  }
  parsed.verb = &verb;
  parsed.arguments.operands = std::move(slots.operands);
  for (auto& [name, values] : slots.values)
    if (!values.empty()) parsed.arguments.flags.emplace(name, std::move(values));
  for (const auto& [name, on] : slots.switches)
    if (on) parsed.arguments.flags.emplace(name, std::vector<std::string>());
  const std::string wrong = wrong_choice(verb, parsed.arguments);
  if (!wrong.empty()) return usage(wrong, verb.name);
  return parsed;
}

std::string overview() {
  std::string text = std::string(kAbout) + "\n\nUsage: bulwark VERB [OPTIONS]\n\nVerbs:\n";
  std::size_t width = 0;
  for (const Verb* verb : verbs()) width = std::max(width, verb->name.size() + 2);
  for (const Verb* verb : verbs())
    text += "  " + std::string(verb->name) + std::string(width - verb->name.size(), ' ') +
            std::string(verb->summary) + "\n";
  return text + std::string(kFooter) + "\n";
}

}  // namespace

Parsed parse(std::vector<std::string> words) {
  Parsed parsed;
  if (words.empty() || words.front() == "--help" || words.front() == "-h" || words.front() == "help") {
    parsed.text = overview();
    parsed.exit = words.empty() ? kUsage : kAccepted;
    return parsed;
  }
  const std::string name = words.front() == "--version" ? "version" : words.front();
  std::vector<std::string_view> names;
  for (const Verb* verb : verbs()) {
    if (verb->name == name) return parse_verb(*verb, {words.begin() + 1, words.end()});
    names.push_back(verb->name);
  }
  return usage(with_guess("unknown verb '" + printable(name) + "'", name, names), "");
}

}  // namespace bulwark::cli
