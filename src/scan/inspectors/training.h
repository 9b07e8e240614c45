#pragma once
// Judges how code trains and measures models: BW-TRN-001 … 012.

#include "scan/formats/python/program.h"
#include "scan/inspectors/python_code.h"
#include "scan/inspectors/training_rules.h"

namespace bulwark::scan::inspectors {

// Follows data from where it is read through preprocessing, splits, training and metrics, statement by
// statement; functions are read on their own, with what the names of their parameters say. Silent about test
// code and about code that trains nothing.
void judge_training(const python::Tree& tree, const python::Program& program, const RaiseCode& raise);

}  // namespace bulwark::scan::inspectors
