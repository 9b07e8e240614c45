// recipe FILE.recipe OUT: builds the bytes of one recipe.
// recipe FOLDER OUT-FOLDER: builds every recipe below FOLDER into OUT-FOLDER, names flattened (seeds for
// fuzzing).

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "base/byte_reader.h"
#include "support/recipe.h"

namespace {

bool build(const std::string& path, const std::filesystem::path& out) {
  const auto recipe = bulwark::test::load_recipe(path);
  if (!recipe) {
    std::cerr << recipe.error().message << "\n";
    return false;
  }
  std::ofstream file(out, std::ios::binary);
  file << bulwark::text_of(recipe->bytes);
  return file.good();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: recipe FILE.recipe OUT | recipe FOLDER OUT-FOLDER\n";
    return 3;
  }
  const std::filesystem::path from = std::filesystem::absolute(argv[1]);
  if (!std::filesystem::is_directory(from)) return build(from.string(), argv[2]) ? 0 : 1;
  std::filesystem::create_directories(argv[2]);
  bool all = true;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(from)) {
    if (entry.path().extension() != ".recipe") continue;
    std::string name = entry.path().lexically_relative(from).replace_extension().string();
    for (char& letter : name)
      if (letter == '/') letter = '_';
    all = build(entry.path().string(), std::filesystem::path(argv[2]) / name) && all;
  }
  return all ? 0 : 1;
}
