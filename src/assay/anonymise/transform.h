#pragma once
// An operator at work on one column.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "assay/anonymise/plan.h"
#include "base/byte_reader.h"
#include "base/random.h"
#include "base/result.h"

namespace bulwark::assay::anonymise {

// Used by one thread at a time. The same cell, subject and key give the same result, except of noise.
class Transform {
 public:
  virtual ~Transform() = default;
  // Appends what stands in the cell's place to `out`, which is empty. `cell` is a value, not a null.
  // `subject`: the cell of subject_column() in that row. False: not understood; the cell is to be emptied.
  [[nodiscard]] virtual bool apply(std::string_view cell, std::string_view subject, std::string& out) = 0;
  // Whether what it writes looks like what it replaces, so that recognisers find it again.
  [[nodiscard]] virtual bool keeps_format() const { return false; }
};

// `master`: the key's 32 bytes, empty if the operator needs none. Keep and Drop have no transform: null.
// Errors: InvalidInput with the line.
[[nodiscard]] Result<std::unique_ptr<Transform>> make_transform(const ColumnPlan& column, Bytes master,
                                                                Random& random);

// The parts of it, one for each kind of operator.
[[nodiscard]] std::unique_ptr<Transform> make_text_transform(const Operator& action);
[[nodiscard]] Result<std::unique_ptr<Transform>> make_keyed_transform(const ColumnPlan& column, Bytes master);
[[nodiscard]] std::unique_ptr<Transform> make_generalisation(const Generalise& how);
[[nodiscard]] std::unique_ptr<Transform> make_noise(const Noise& how, Random& random);

// What the tokens of a column depend on besides the key.
[[nodiscard]] std::string_view domain_of(const ColumnPlan& column);

}  // namespace bulwark::assay::anonymise
