#pragma once
// Where the probabilities come from that given labels are compared with: from the user, or made here by
// cross-validation.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "assay/labels/confident.h"
#include "assay/labels/similar.h"
#include "assay/parts.h"

namespace bulwark::assay::labels {

struct Probabilities {
  std::string why_not;               // not empty: there are none, and this is the reason
  std::string origin;                // "given", "logistic regression, 5 folds" …
  std::string note;                  // what was left out, for people; may be empty
  std::vector<std::string> classes;  // by column
  std::vector<std::int32_t> label;   // column of each row's label, -1: none
  std::vector<float> own;            // made here, or converted; else those of the array are used in place
  Given given;                       // views of `label`, and of `own` or the array
  double accuracy = 0;               // share of given labels that are the most probable class
  double confidence = 0;             // mean probability of the given label

  // Accuracy and confidence that nobody reaches out of sample on labels with errors in them.
  [[nodiscard]] bool in_sample() const { return accuracy > 0.995 && confidence > 0.98; }
};

// The array that was given. Views of `array` stay in the result.
[[nodiscard]] std::unique_ptr<Probabilities> given_probabilities(const Frame& frame,
                                                                 const tables::Array& array,
                                                                 std::size_t jobs);
// Made by models that have not seen the row, nor its near duplicates, nor its group: the most accurate model
// first. One entry with `why_not` if nothing can be learned.
[[nodiscard]] std::vector<std::unique_ptr<Probabilities>> own_probabilities(const Frame& frame,
                                                                            const Similarity& similar,
                                                                            const Extras& extras,
                                                                            const Settings& settings);

}  // namespace bulwark::assay::labels
