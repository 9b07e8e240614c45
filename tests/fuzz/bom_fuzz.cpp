// Bills of material that somebody made: read, judged, scored, compared with themselves. And the readers of
// what models say of themselves: the same bytes as README, configuration, MLmodel, licence, weights,
// signature and declared facts of one model, whose document must be valid whatever they hold.

#include <cstdlib>

#include "base/json_text.h"
#include "trust/bom_describe.h"
#include "trust/bom_diff.h"
#include "trust/bom_read.h"
#include "trust/bom_readers.h"
#include "trust/bom_schema.h"
#include "trust/bom_score.h"
#include "trust/bom_write.h"

using namespace bulwark;

namespace {

void read_as_document(std::string_view input) {
  const auto bom = trust::read_bom(input);
  if (!bom) return;
  (void)trust::validate_bom(bom->root, bom->spec_version);
  (void)trust::broken_references(bom->root);
  const trust::BomScore score = trust::score_bom(bom->root);
  if (!(score.points >= 0 && score.points <= 100.001)) std::abort();
  if (!trust::diff_boms(bom->root, bom->root).empty()) std::abort();
}

void read_as_model(Bytes input) {
  trust::ModelFacts declared;
  (void)trust::read_declared(text_of(input), "facts.yaml", declared);
  trust::BomSubject subject;
  subject.name = "m";
  subject.folder = true;
  for (const char* path : {"README.md", "config.json", "MLmodel", "LICENSE", "a.safetensors", "m.sig",
                           "requirements.txt", "poetry.lock", "package-lock.json"}) {
    trust::BomFile file;
    file.path = path;
    file.size = input.size();
    file.sha256 = std::string(64, '0');
    if (file.path == "config.json") file.formats = {"huggingface"};
    if (file.path == "a.safetensors") file.formats = {"safetensors"};
    subject.files.push_back(std::move(file));
  }
  trust::describe(subject, declared,
                  {.read = [&](const std::string&, const std::function<void(Bytes)>& use) { use(input); },
                   .graph = [](const std::string&, Bytes) -> Result<scan::ModelGraph> {
                     return fail(Code::Unsupported, "no graph");
                   }});
  const auto bom = trust::write_bom(subject, {});
  if (!bom) std::abort();
  const auto parsed = parse_json(pretty_json(*bom), Limits{});
  if (!parsed) std::abort();
  const auto problems = trust::validate_bom(parsed->root, "1.6");
  if (!problems || !problems->empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMost = 64 << 10;  // the schema is judged anew for every input
  if (size > kMost) return 0;
  const Bytes input(data, size);
  read_as_document(text_of(input));
  read_as_model(input);
  return 0;
}
