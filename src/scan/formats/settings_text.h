#pragma once
// Texts of settings, one reader for each dialect: INI as Python's configparser and systemd read it, Java
// properties, environment files, assignments in Python configuration files, Protocol Buffers' text form.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::scan {

struct TextSetting {
  std::string section;  // INI: of the header above; prototext: names of the messages around, joined by '.'
  std::string key;
  std::string value;         // quotes and escapes removed, continuation lines joined
  std::uint64_t offset = 0;  // of the key
  std::uint64_t value_offset = 0;
};

// Each reads a bounded number of settings (100,000) in linear time and never fails: what is no setting is
// skipped.

enum class IniDialect : std::uint8_t {
  Python,   // keys in lower case, a value goes on in indented lines
  Systemd,  // keys as written, a value goes on after a backslash
};
[[nodiscard]] std::vector<TextSetting> read_ini(std::string_view text, IniDialect dialect);
[[nodiscard]] std::vector<TextSetting> read_properties(std::string_view text);
[[nodiscard]] std::vector<TextSetting> read_environment_file(std::string_view text);
// `c.ServerApp.token = ''`, `AUTH_ROLE_PUBLIC = 'Admin'`: names bound to one literal, in any block. Key
// "c.ServerApp.token"; other values (lists, calls) are kept as they are written.
[[nodiscard]] std::vector<TextSetting> read_python_settings(std::string_view source);
[[nodiscard]] std::vector<TextSetting> read_prototext(std::string_view text);

}  // namespace bulwark::scan
