#include "assay/anonymise/transform.h"

#include "base/text.h"

namespace bulwark::assay::anonymise {

std::string_view domain_of(const ColumnPlan& column) {
  if (!column.domain.empty()) return column.domain;
  // All dates of a subject move together, whatever their columns are called.
  if (const auto* shift = std::get_if<DateShift>(&column.action)) return shift->subject;
  return column.column;
}

Result<std::unique_ptr<Transform>> make_transform(const ColumnPlan& column, Bytes master, Random& random) {
  const Operator& action = column.action;
  if (std::holds_alternative<Keep>(action) || std::holds_alternative<Drop>(action))
    return std::unique_ptr<Transform>();
  if (const auto* how = std::get_if<Generalise>(&action)) return make_generalisation(*how);
  if (const auto* how = std::get_if<Noise>(&action)) return make_noise(*how, random);
  if (!needs_key(action)) return make_text_transform(action);
  if (master.empty())
    return fail(Code::InvalidInput, "line " + std::to_string(column.line) + ": no key for column '" +
                                        printable(column.column, 60) + "'");
  auto made = make_keyed_transform(column, master);
  if (!made)
    return std::unexpected(std::move(made).error().within("line " + std::to_string(column.line) +
                                                          ": column '" + printable(column.column, 60) + "'"));
  return made;
}

}  // namespace bulwark::assay::anonymise
