#include "assay/parts.h"

namespace bulwark::assay {
namespace {

class Absent : public StreamingPart {
 public:
  void take(const tables::Block&) override {}
  PartResult finish() override { return not_implemented("text"); }
};

}  // namespace

std::unique_ptr<StreamingPart> text_part(std::span<const tables::Column>, const Settings&) {
  return std::make_unique<Absent>();
}

}  // namespace bulwark::assay
