// Images that are built, and composed.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Path, "dockerfile", ""},    {In::Path, "dockerfile.*", ""},         {In::Path, "*.dockerfile", ""},
    {In::Path, "containerfile", ""}, {In::Path, "docker-compose*.y*ml", ""}, {In::Path, "compose*.y*ml", ""},
};

}  // namespace

const Detector container{.kind = Kind::Container, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
