// Prints what the pickle machine says of files, one line an event: file, kind, module, name (in hexadecimal).
// Names are those that the stream writes and those that are reached. Used by differential.py.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "base/text.h"
#include "scan/formats/pickle/machine.h"

namespace {

const char* name_of(bulwark::pickle::EventKind kind) {
  using enum bulwark::pickle::EventKind;
  switch (kind) {
    case Import: return "import";
    case Call:
    case CallInstance: return "call";
    case Make: return "make";
    case Build:
    case Pollute: return "build";
    case Extension: return "extension";
    default: return nullptr;
  }
}

std::string in_hex(const std::string& text) {
  return bulwark::hex(bulwark::bytes_of(text));
}

void print(const std::string& file, const bulwark::pickle::Analysis& analysis) {
  for (const auto& event : analysis.events) {
    const char* kind = name_of(event.kind);
    if (kind == nullptr || event.reference == bulwark::pickle::kNoReference) continue;
    const auto& reference = analysis.references[event.reference];
    std::printf("%s\t%s\t%s\t%s\n", file.c_str(), kind, in_hex(reference.reached_module).c_str(),
                in_hex(reference.reached_name).c_str());
    std::printf("%s\t%s\t%s\t%s\n", file.c_str(), kind, in_hex(reference.written_module).c_str(),
                in_hex(reference.written_name).c_str());
  }
}

}  // namespace

int main(int count, char** files) {
  for (int i = 1; i < count; ++i) {
    std::ifstream in(files[i], std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    bulwark::pickle::Settings settings;
    settings.everything = true;
    print(files[i], bulwark::pickle::analyse(bulwark::bytes_of(content), settings));
  }
}
