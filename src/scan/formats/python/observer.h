#pragma once
// What the evaluation of Python source tells while it goes: the way rules see calls with their arguments.

#include <string_view>
#include <vector>

#include "scan/formats/python/syntax.h"
#include "scan/formats/python/value.h"

namespace bulwark::python {

struct Argument {
  std::string_view keyword;  // empty: by position; "*" and "**": unpacked
  Value value;
  NodeId node = 0;
};

struct CallSite {
  const Tree& tree;    // of the text that the call stands in: nested texts have their own
  NodeId chain = 0;    // the expression that the call is part of; 0: a statement of Python 2
  NodeId part = 0;     // the call in it
  const Token& place;  // where people look for the call
  const Value& callee;
  const Value& subject;     // what the method is called on; empty for functions
  std::string_view method;  // empty for functions
  const std::vector<Argument>& arguments;
  bool import_time = false;
  bool nested = false;  // inside of a text that is run as code; `place` is that of the outer call

  // "torch.load", "openai.OpenAI().chat.completions.create", "self.llm.invoke".
  [[nodiscard]] const std::string& name() const { return callee.name(); }
  // By keyword, or by position if `index` is not negative; null if absent.
  [[nodiscard]] const Argument* argument(std::string_view keyword, int index = -1) const {
    int at = 0;
    for (const Argument& each : arguments) {
      if (each.keyword == keyword && !keyword.empty()) return &each;
      if (each.keyword.empty() && at++ == index) return &each;
    }
    return nullptr;
  }
  [[nodiscard]] bool says(std::string_view keyword, std::string_view word) const {
    const Argument* found = argument(keyword);
    return found != nullptr && found->value.word == word;
  }
  // *args or **options may hold what is not seen.
  [[nodiscard]] bool unpacks(std::string_view star) const {
    for (const Argument& each : arguments)
      if (each.keyword == star) return true;
    return false;
  }
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void called(const CallSite& call) { (void)call; }
  // `target` as written: a name, an attribute chain, a subscript.
  virtual void assigned(const Tree& tree, NodeId target, const Value& value) {
    (void)tree;
    (void)target;
    (void)value;
  }
};

}  // namespace bulwark::python
