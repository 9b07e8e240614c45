// Compiles the keywords of data/secrets/detectors.tsv into a serialised Vectorscan database, at build time:
// what is shipped then needs neither the compiler of patterns nor the milliseconds that it takes.
//
// usage: secret_database TABLE OUT

#include <hs/hs.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "scan/secrets/keywords.h"

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: secret_database TABLE OUT\n";
    return 3;
  }
  std::ifstream in(arguments[1], std::ios::binary);
  const std::string table{std::istreambuf_iterator<char>(in), {}};
  const auto keywords = bulwark::scan::secrets::keywords_of(bulwark::scan::secrets::table_rows(table));

  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  for (const auto& keyword : keywords) {
    texts.push_back(keyword.text.c_str());
    sizes.push_back(keyword.text.size());
    flags.push_back(keyword.caseless ? HS_FLAG_CASELESS : 0);
    ids.push_back(static_cast<unsigned>(ids.size()));
  }
  // No feature beyond what every processor of the target has: the file is shipped.
  const hs_platform_info_t anywhere{};
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), sizes.data(),
                           static_cast<unsigned>(texts.size()), HS_MODE_BLOCK, &anywhere, &database,
                           &error) != HS_SUCCESS) {
    std::cerr << "secret_database: " << error->message << '\n';
    return 4;
  }
  char* bytes = nullptr;
  std::size_t size = 0;
  if (hs_serialize_database(database, &bytes, &size) != HS_SUCCESS) return 4;
  std::ofstream out(arguments[2], std::ios::binary);
  out.write(bytes, static_cast<std::streamsize>(size));
  out.close();
  std::free(bytes);  // the library took it from malloc
  hs_free_database(database);
  return out ? 0 : 4;
}
