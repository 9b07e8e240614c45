// Container images that Python code names for the steps of a pipeline.

#include <array>

#include "scan/formats/image_reference.h"
#include "scan/inspectors/python_code.h"
#include "scan/inspectors/shared_rules.h"

namespace bulwark::scan::inspectors {

using python::Argument;
using python::CallSite;

namespace {

struct ImageArgument {
  std::string_view function;  // its last part
  std::string_view package;   // that it comes from
  std::string_view keyword;
};
constexpr auto kImages = std::to_array<ImageArgument>({
    {"component", "kfp.", "base_image"},
    {"create_component_from_func", "kfp.", "base_image"},
    {"func_to_container_op", "kfp.", "base_image"},
    {"container_component", "kfp.", "base_image"},
    {"ContainerSpec", "kfp.", "image"},
    {"ContainerOp", "kfp.", "image"},
    {"KubernetesPodOperator", "airflow.", "image"},
    {"DockerOperator", "airflow.", "image"},
    {"Script", "hera.", "image"},
    {"Container", "hera.", "image"},
    {"ContainerTask", "flytekit.", "image"},
});

}  // namespace

void CodeJudge::images(const CallSite& call) {
  const std::string& name = call.callee.dotted;
  const std::string_view last = std::string_view(name).substr(name.rfind('.') + 1);
  for (const ImageArgument& each : kImages) {
    if (last != each.function || !name.starts_with(each.package)) continue;
    const Argument* image = call.argument(each.keyword);
    if (image == nullptr || !image->value.text) return;
    const std::string& text = *image->value.text;
    const auto reference = parse_image_reference(text);
    if (!reference || reference->pinned() || !reference->mutable_tag()) return;
    const std::string base =
        text.substr(0, text.size() - (reference->tag.empty() ? 0 : reference->tag.size() + 1));
    return report(kStepImage, call,
                  "the step runs " + text + ", whose tag moves; write `" + std::string(each.keyword) + "=\"" +
                      base + ":<version>@sha256:<digest>\"`",
                  kStepImage.severity);
  }
}

}  // namespace bulwark::scan::inspectors
