// fuzzes: airflow jupyter mlflow_server torchserve triton

#include "scan/formats/settings_text.h"

#include "base/byte_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark::scan;
  const std::string_view text = bulwark::text_of({data, size});
  for (const auto& settings :
       {read_ini(text, IniDialect::Python), read_ini(text, IniDialect::Systemd), read_properties(text),
        read_environment_file(text), read_python_settings(text), read_prototext(text)})
    for (const TextSetting& setting : settings)
      if (setting.offset > size || setting.value_offset > size + 1) __builtin_trap();
  return 0;
}
