#pragma once
// Exact output, kept in tests/golden.

#include <string>

namespace bulwark::test {

// Compares with tests/golden/<name>, or rewrites it when BULWARK_REWRITE is set (script/golden).
void expect_golden(const std::string& name, const std::string& text);

}  // namespace bulwark::test
