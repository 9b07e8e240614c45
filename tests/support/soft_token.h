#pragma once
// A token of SoftHSM in a folder of its own, for as long as a test needs it.

#include <string>

#include "crypto/token.h"

namespace bulwark::test {

class SoftToken {
 public:
  SoftToken();  // sets SOFTHSM2_CONF; see missing()
  ~SoftToken();
  SoftToken(const SoftToken&) = delete;
  SoftToken& operator=(const SoftToken&) = delete;

  // Why there is none; empty: there is one, of label "bulwark" and PIN "123456".
  [[nodiscard]] const std::string& missing() const { return missing_; }
  [[nodiscard]] static std::string library();  // empty: not installed
  [[nodiscard]] std::string uri(const std::string& object) const;
  void remove();  // as if it were pulled out

 private:
  std::string folder_;
  std::string missing_;
};

}  // namespace bulwark::test
