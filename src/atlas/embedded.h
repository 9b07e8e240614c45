#pragma once
// The tables of data/atlas that are compiled in (data/EMBED).

#include <string_view>

#define BULWARK_ATLAS_TABLES(X) \
  X(tactics)                    \
  X(techniques)                 \
  X(mitigations)                \
  X(mitigation_technique)       \
  X(casestudies)                \
  X(casestudy_steps)            \
  X(controls)                   \
  X(control_map)                \
  X(mitigation_map)             \
  X(casestudy_drills)           \
  X(crosswalk)                  \
  X(upstream_delta)             \
  // end of list: one X(name) a line

#define BULWARK_DECLARE_TABLE(name) extern "C" const char bw_atlas_##name[], bw_atlas_##name##_end[];
BULWARK_ATLAS_TABLES(BULWARK_DECLARE_TABLE)
#undef BULWARK_DECLARE_TABLE

namespace bulwark::atlas::embedded {

#define BULWARK_DEFINE_TABLE(name)                                                               \
  [[nodiscard]] inline std::string_view name() {                                                 \
    return {bw_atlas_##name, static_cast<std::size_t>(bw_atlas_##name##_end - bw_atlas_##name)}; \
  }
BULWARK_ATLAS_TABLES(BULWARK_DEFINE_TABLE)
#undef BULWARK_DEFINE_TABLE

}  // namespace bulwark::atlas::embedded
