#include "support/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "support/support.h"

namespace bulwark::test {

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(BULWARK_SOURCE_DIR) + "/tests/golden/" + name;
  if (std::getenv("BULWARK_REWRITE") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(text, read_file(path)) << "script/golden rewrites " << name;
}

}  // namespace bulwark::test
