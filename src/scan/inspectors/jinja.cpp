// Jinja2 templates (chat templates of language models): does the template leave the sandbox?
//
// llama-cpp-python rendered chat templates without a sandbox (CVE-2024-34359), other loaders still do. The
// template is parsed and evaluated without its inputs; findings are about the objects it reaches, not about
// words in it.

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <tuple>

#include "base/text.h"
#include "scan/formats/jinja/evaluate.h"
#include "scan/formats/jinja/lexer.h"
#include "scan/formats/jinja/parser.h"
#include "scan/formats/jinja/value.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/siblings.h"

namespace bulwark::scan::inspectors {
namespace {

using jinja::Event;
using jinja::EventKind;
using jinja::TokenKind;
using jinja::Via;

constexpr Rule kEscape{
    .id = "BW-JINJA-001",
    .title = "template leaves the sandbox",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0050",
    .why =
        "A template that reaches Python's object internals can call any function of the process that renders "
        "it; "
        "loaders that render chat templates without a sandbox run it for every prompt (CVE-2024-34359).",
    .fix =
        "Do not load the model; replace its template with the one of the base model and report it to its "
        "publisher.",
};
constexpr Rule kPrompt{
    .id = "BW-JINJA-002",
    .title = "template adds a text of its own to every prompt",
    .severity = Severity::Info,
    .atlas = "AML.T0051",
    .why =
        "A fixed text in a chat template steers every answer of the model without being visible to its user.",
    .fix = "Read the text and decide whether you want it in every conversation.",
};
constexpr Rule kUnparsable{
    .id = "BW-JINJA-003",
    .title = "template cannot be parsed",
    .severity = Severity::Low,
    .atlas = "AML.T0107",
    .why = "What we cannot parse, another template engine may still run.",
    .fix = "Render the template with Jinja2 in a sandbox to see what is wrong with it, and correct it.",
};
constexpr Rule kExhaustion{
    .id = "BW-JINJA-004",
    .title = "template exhausts time or memory",
    .severity = Severity::Medium,
    .atlas = "AML.T0029",
    .why = "Loops and repetitions in a template run for every request; huge ones stop the service.",
    .fix = "Remove the loop or bound it by the length of the conversation.",
};
constexpr Rule kLoad{
    .id = "BW-JINJA-005",
    .title = "template loads another file",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000 AML.T0037",
    .why =
        "include, import and extends read further files when the template is rendered; a path outside of the "
        "model's directory reads what the service can read.",
    .fix = "Inspect the loaded template, too; inline it.",
};
constexpr Rule kForeign{
    .id = "BW-JINJA-006",
    .title = "template uses what Jinja2 does not provide",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000",
    .why =
        "Functions, filters and globals that an application adds are as powerful as that application made "
        "them.",
    .fix = "Check what the name does in the application that renders the template.",
};
constexpr std::array kRules = {kEscape, kPrompt, kUnparsable, kExhaustion, kLoad, kForeign};

// Attributes of functions, frames, generators and code objects that Jinja2's own sandbox forbids.
constexpr std::array<std::string_view, 25> kInternals = {
    "mro",          "gi_frame",   "gi_code",      "cr_frame",      "cr_code",  "ag_frame", "ag_code",
    "f_globals",    "f_builtins", "f_locals",     "f_back",        "f_code",   "tb_frame", "tb_next",
    "func_globals", "func_code",  "func_closure", "im_func",       "im_class", "im_self",  "co_code",
    "co_consts",    "cr_await",   "gi_yieldfrom", "func_defaults",
};
// Dunder names that lead nowhere by themselves.
constexpr std::array<std::string_view, 14> kHarmlessDunders = {
    "__file__", "__version__",  "__len__",  "__str__", "__name__", "__doc__", "__eq__",
    "__iter__", "__contains__", "__repr__", "__add__", "__lt__",   "__gt__",  "__bool__"};
// Functions of Python that some applications hand to their templates.
constexpr std::array<std::string_view, 16> kDangerousCalls = {
    "eval",   "exec", "compile",  "open",       "getattr", "setattr", "delattr", "globals",
    "locals", "vars", "execfile", "breakpoint", "input",   "popen",   "system",  "import_module"};
constexpr std::array<std::string_view, 17> kDangerousModules = {
    "os",     "sys", "subprocess", "importlib", "builtins", "shutil", "socket",  "pickle",         "marshal",
    "ctypes", "pty", "commands",   "runpy",     "platform", "popen2", "pathlib", "multiprocessing"};
constexpr std::array<std::string_view, 9> kDangerousFilters = {
    "eval", "exec", "system", "popen", "shell", "import", "getattr", "pipe", "subprocess"};
// Globals of web frameworks: in a model's template they only serve to walk to the application.
constexpr std::array<std::string_view, 8> kWebGlobals = {
    "request", "url_for", "get_flashed_messages", "config", "session", "current_app", "g", "_self"};
constexpr std::array<std::string_view, 8> kWebInternals = {
    "application", "environ", "from_pyfile", "from_object", "from_envvar", "root_path", "SECRET_KEY", "env"};
constexpr std::array<std::string_view, 17> kKnownFunctions = {
    "range",        "dict",     "lipsum", "cycler",  "joiner", "namespace", "raise_exception",
    "strftime_now", "caller",   "super",  "varargs", "kwargs", "loop",      "_",
    "gettext",      "ngettext", "now"};

// Turns of nested loops, and characters of one value, above which a request does not come back.
constexpr std::uint64_t kManyTurns = 50'000'000;
constexpr std::uint64_t kHugeValue = 100'000'000;
constexpr std::size_t kPromptWords = 25;
// Text up to this size is a template if it holds any tag at all.
constexpr std::size_t kShortText = 1024;

template <std::size_t N>
bool any_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string_view last_part(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}
std::string_view first_part(std::string_view name) {
  return name.substr(0, name.find('.'));
}

bool is_dunder(std::string_view name) {
  return name.size() > 4 && name.starts_with("__") && name.ends_with("__");
}

// How bad reaching this attribute is; nothing if it is an ordinary one.
std::optional<Severity> judge_attribute(std::string_view raw) {
  const std::string_view name = trim(raw);
  if (any_of(kHarmlessDunders, name)) return Severity::Low;
  if (is_dunder(name) || any_of(kInternals, name)) return Severity::Critical;
  // Mangled private names such as _TemplateReference__context hand out the rendering context.
  if (name.starts_with('_') && name.find("__", 1) != std::string_view::npos) return Severity::High;
  return std::nullopt;
}

std::string_view text_of(Via via) {
  switch (via) {
    case Via::Dot: return "";
    case Via::Subscript: return " by subscript";
    case Via::Filter: return " through the filter attr";
    case Via::Argument: return " through a filter argument";
    case Via::Format: return " through a format string";
  }
  return "";
}

// Pages of web applications are built from templates that the program chooses; a chat template has no
// business with other files.
bool is_page(std::string_view path) {
  const std::string name = lower(path);
  return std::ranges::any_of(std::to_array<std::string_view>({".html", ".htm", ".tpl", ".xhtml"}),
                             [&](std::string_view ending) { return name.ends_with(ending); });
}

class Judge {
 public:
  explicit Judge(Inspection& in) : in_(in) {}

  void operator()(const Event& event) {
    if (!seen_.insert({event.kind, event.offset, event.name}).second && event.kind != EventKind::Range)
      return;
    switch (event.kind) {
      case EventKind::Attribute: return attribute(event);
      case EventKind::Computed: return computed(event);
      case EventKind::Global:
        if (is_dunder(event.name))
          report(event, kEscape, *judge_attribute(event.name), "template uses " + event.name);
        return;
      case EventKind::Call: return call(event);
      case EventKind::Filter:
        if (any_of(kDangerousFilters, last_part(event.name)))
          report(event, kForeign, Severity::High, "template applies the filter " + event.name);
        return;
      case EventKind::Load: return load(event);
      case EventKind::Range:
        if (event.amount > kManyTurns)
          exhaustion(event, "template loops " + std::to_string(event.amount) + " times");
        return;
      case EventKind::Growth:
        if (event.amount > kHugeValue)
          exhaustion(event,
                     "template makes a value of " + std::to_string(event.amount) + " characters or digits");
        return;
      case EventKind::Text:
        if (words(event.name).size() > words(longest_.name).size()) longest_ = event;
        return;
    }
  }
  void finish() {
    if (words(longest_.name).size() < kPromptWords) return;
    report(longest_, kPrompt, Severity::Info,
           "template writes a fixed text of " + std::to_string(words(longest_.name).size()) +
               " words into the prompt",
           longest_.name);
  }

 private:
  void report(const Event& event, const Rule& rule, Severity severity, std::string message,
              std::string_view evidence = {}) {
    // One walk is one finding: its first step.
    const bool walk = event.kind == EventKind::Attribute && severity > Severity::Low;
    if (walk && !chains_.insert({severity, event.code.data()}).second) return;
    in_.report(rule, {.place = place(event.offset),
                      .message = std::move(message),
                      .evidence = std::string(evidence.empty() ? event.code : evidence),
                      .severity = severity});
  }
  [[nodiscard]] Place place(std::uint64_t offset) const { return {.offset = offset}; }

  void attribute(const Event& event) {
    const auto severity = judge_attribute(event.name);
    if (severity) {
      const std::string of = event.root.empty() ? std::string() : " of " + event.root;
      std::string name = event.name;
      std::ranges::replace(name, jinja::kUnknownChar, '?');
      return report(event, kEscape, *severity,
                    "template reaches " + name + of + std::string(text_of(event.via)));
    }
    if (any_of(kWebGlobals, event.root)) {
      if (any_of(kWebInternals, event.name))
        report(event, kEscape, Severity::High, "template reaches " + event.root + "." + event.name);
      else if (event.root != "config" && event.root != "g" && event.root != "session")
        report(event, kForeign, Severity::Medium,
               "template walks from the application's global " + event.root);
      return;
    }
    if (event.via == Via::Filter)
      report(event, kForeign, Severity::Low, "template reads an attribute through the filter attr");
  }
  void computed(const Event& event) {
    const bool filter = event.via == Via::Filter;
    report(event, filter ? kEscape : kForeign, filter ? Severity::High : Severity::Medium,
           "template computes the name of the attribute it reads" + std::string(text_of(event.via)));
  }
  void call(const Event& event) {
    const std::string_view root = first_part(event.name);
    const std::string_view last = last_part(event.name);
    const bool plain = root == event.name;
    if ((plain && any_of(kDangerousCalls, last)) || (!plain && any_of(kDangerousModules, root)))
      return report(event, kEscape, Severity::High, "template calls " + event.name);
    if (plain && !any_of(kKnownFunctions, root) && !is_dunder(root) && foreign_.insert(event.name).second)
      report(event, kForeign, Severity::Low,
             "template calls " + event.name + ", which Jinja2 does not provide");
  }
  void load(const Event& event) {
    std::string_view why;
    if (event.name.find(jinja::kUnknownChar) != std::string::npos)
      return report(event, kLoad, is_page(name_of(in_.artifact())) ? Severity::Low : Severity::Medium,
                    "template loads a file whose name depends on its input");
    if (path_escapes(event.name, &why))
      return report(event, kLoad, Severity::High, "template loads " + event.name + ": " + std::string(why));
    report(event, kLoad, Severity::Low, "template loads " + event.name);
  }
  void exhaustion(const Event& event, std::string message) {
    if (exhausting_.insert(event.offset).second)
      report(event, kExhaustion, Severity::Medium, std::move(message));
  }

  Inspection& in_;
  Event longest_{.kind = EventKind::Text};
  std::set<std::tuple<EventKind, std::uint64_t, std::string>> seen_;
  std::set<std::pair<Severity, const char*>> chains_;
  std::set<std::string, std::less<>> foreign_;
  std::set<std::uint64_t> exhausting_;
};

constexpr std::array<std::string_view, 14> kTags = {"for",  "if",     "set",     "macro",     "block",
                                                    "call", "filter", "include", "import",    "extends",
                                                    "from", "with",   "raw",     "generation"};

// A statement tag of Jinja2 right behind its "{%".
bool is_tag(std::string_view text) {
  const std::size_t end = text.find_first_of(" \t\r\n-+%(");
  return end != std::string_view::npos && any_of(kTags, text.substr(0, end));
}

bool has_block_tag(const jinja::Lexed& lexed) {
  for (std::size_t i = 0; i + 1 < lexed.tokens.size(); ++i) {
    if (lexed.tokens[i].kind == TokenKind::BlockBegin && any_of(kTags, lexed.tokens[i + 1].source))
      return true;
  }
  return false;
}

// A template that our parser refuses may still run in an engine with extensions: look at its tokens at least.
bool search_tokens(const jinja::Lexed& lexed, Inspection& in) {
  bool found = false;
  for (std::size_t i = 1; i < lexed.tokens.size(); ++i) {
    const auto& token = lexed.tokens[i];
    const bool name = token.kind == TokenKind::Name && lexed.tokens[i - 1].is(TokenKind::Operator, ".");
    if (!name && token.kind != TokenKind::String) continue;
    const std::string_view text = name ? token.source : std::string_view(token.text);
    if (judge_attribute(text).value_or(Severity::Info) < Severity::High) continue;
    in.report(kEscape, {.place = {.offset = token.offset},
                        .message = "template that does not parse names " + std::string(text),
                        .evidence = std::string(token.source),
                        .severity = Severity::High});
    found = true;
  }
  return found;
}

// Text that opens a Jinja tag near enough to its start to be a template rather than a document.
Match recognises(Bytes content) {
  const std::string_view text = bulwark::text_of(content);
  const std::string_view head = text.substr(0, 512);
  if (text.size() < 6 || std::ranges::any_of(head, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f';
      })) {
    return Match::No;
  }
  const std::size_t start = head.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return Match::No;
  const std::string_view begin = text.substr(start, 2);
  const bool opens = begin == "{{" || begin == "{%" || begin == "{#";
  // JSON and its kin are read by others, which hand their templates over.
  if (!opens && (begin[0] == '{' || begin[0] == '[')) return Match::No;
  if (text.size() > Limits{}.template_bytes && !opens) return Match::No;
  // Braces in the middle of a long text are mostly source code; a statement tag is not.
  const bool expressions = opens || text.size() <= kShortText;
  for (std::size_t at = text.find('{'); at != std::string_view::npos && at + 2 < text.size();
       at = text.find('{', at + 1)) {
    const char next = text[at + 1];
    if (next != '%' && (next != '{' || !expressions)) continue;
    // "${{ secrets.X }}" belongs to workflow files, "{{ .Values" to Helm charts, "{{#if" to Handlebars.
    if (at > 0 && text[at - 1] == '$') continue;
    const std::size_t inner = text.find_first_not_of(" -+\t\r\n", at + 2);
    if (inner == std::string_view::npos) return Match::No;
    // "{{{" is Handlebars, too; "{{ {" opens a dictionary.
    const bool dictionary = text[inner] == '{' && inner > at + 2;
    if (next == '%' ? is_tag(text.substr(inner))
                    : dictionary || std::string_view(".#/>{}").find(text[inner]) == std::string_view::npos)
      return Match::Weak;
  }
  return Match::No;
}

Result<void> inspect(Inspection& in) {
  const std::string_view source = bulwark::text_of(in.bytes());
  if (!is_utf8(source)) return fail(Code::Unsupported, "template is not UTF-8");
  const jinja::Lexed lexed = TRY(jinja::lex(source, in.limits()));
  const auto parsed = jinja::parse(lexed, in.limits());
  if (!parsed) {
    const bool template_like = has_block_tag(lexed) || (lexed.tokens.front().kind != TokenKind::Data);
    if (template_like && search_tokens(lexed, in)) {
      in.gap(parsed.error());
      return {};
    }
    if (parsed.error().code == Code::LimitReached) return std::unexpected(parsed.error());
    in.report(kUnparsable, {.place = {.offset = parsed.error().offset}, .message = parsed.error().message});
    return fail(Code::Unsupported, parsed.error().message, parsed.error().offset);
  }
  Judge judge(in);
  const auto done = jinja::evaluate(*parsed, source, in.limits(), [&](const Event& event) { judge(event); });
  judge.finish();
  return done;
}

}  // namespace

const Inspector jinja{
    .name = "jinja",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
