#include "report/pretty.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"

namespace bulwark::report {
namespace {

namespace json = boost::json;

bool is_plain(const json::value& value) {
  return !value.is_object() && !value.is_array();
}

void append(std::string& out, const json::value& value, std::size_t indent) {
  const auto new_line = [&](std::size_t depth) { out.append("\n").append(2 * depth, ' '); };
  const json::array* list = value.if_array();
  const json::object* map = value.if_object();
  if ((list != nullptr && !list->empty() && !std::ranges::all_of(*list, is_plain)) ||
      (map != nullptr && !map->empty())) {
    out += list != nullptr ? '[' : '{';
    bool first = true;
    const auto next = [&] {
      if (!first) out += ',';
      first = false;
      new_line(indent + 1);
    };
    if (list != nullptr) {
      for (const json::value& element : *list) {
        next();
        append(out, element, indent + 1);
      }
    } else {
      for (const auto& [key, element] : *map) {
        next();
        out.append(json::serialize(key)).append(": ");
        append(out, element, indent + 1);
      }
    }
    new_line(indent);
    out += list != nullptr ? ']' : '}';
    return;
  }
  if (list == nullptr) {
    out += json::serialize(value);
    return;
  }
  out += '[';
  for (std::size_t i = 0; i < list->size(); ++i)
    out.append(i == 0 ? "" : ", ").append(json::serialize((*list)[i]));
  out += ']';
}

}  // namespace

std::string pretty(const json::value& value) {
  std::string out;
  append(out, value, 0);
  out += '\n';
  return out;
}

std::string clean_utf8(std::string_view text) {
  return is_utf8(text) ? std::string(text) : printable(text, text.size() * 4);
}

}  // namespace bulwark::report
