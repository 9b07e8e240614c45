#include "scan/formats/lua.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const Bytes content(data, size);
  static_cast<void>(scan::read_lua_bytecode(content));
  static_cast<void>(scan::read_lua_source(text_of(content), scan::LuaText::Prose));
  return 0;
}
