#pragma once
// Runs a template without its inputs: constants are computed, everything else is unknown, every branch is
// walked.
//
// It reports what the template would do to the objects around it as events; judging them is the inspector's
// work.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "scan/formats/jinja/parser.h"

namespace bulwark::scan::jinja {

// How an attribute is reached.
enum class Via : std::uint8_t {
  Dot,        // x.name
  Subscript,  // x['name']
  Filter,     // x|attr('name')
  Argument,   // x|map(attribute='name')
  Format,     // '{0.name}'.format(x)
};

enum class EventKind : std::uint8_t {
  Attribute,  // `name` of the attribute
  Computed,   // an attribute whose name depends on input: `via` tells how
  Global,     // a name that the template does not set is used; `name`
  Call,       // such a name, or an attribute of it ("os.system"), is called; `name`
  Filter,     // a filter that Jinja2 does not have; `name`
  Load,       // another template is loaded; `name` if constant
  Range,      // a loop or range of `amount` steps, nested loops multiplied
  Growth,     // a value of `amount` characters or digits
  Text,       // constant text written to the output; `name`
};

struct Event {
  EventKind kind;
  Via via = Via::Dot;
  std::uint64_t offset = 0;
  std::string name = {};       // kUnknownChar where a part of it is not known
  std::string root = {};       // variable or global at the start of the chain, if any
  std::string_view code = {};  // source text of the expression
  std::uint64_t amount = 0;
};

// Errors: LimitReached when the steps ran out; every part of the template was walked nevertheless.
[[nodiscard]] Result<void> evaluate(const Template& parsed, std::string_view source, const Limits& limits,
                                    const std::function<void(const Event&)>& observe);

}  // namespace bulwark::scan::jinja
