#pragma once
// Rules that more than one inspector raises: one id, one text.

#include "core/rule.h"

namespace bulwark::scan::inspectors {

inline constexpr Rule kShardOutside{
    .id = "BW-ST-008",
    .title = "index points outside of the model",
    .severity = Severity::High,
    .atlas = "AML.T0037",
    .why =
        "The loader opens every file that the index names: a path that leaves the directory reads other "
        "files of "
        "the machine or weights that nobody looked at.",
    .fix = "Refuse the index; shards lie beside it.",
};
inline constexpr Rule kRequirement{
    .id = "BW-REQ-001",
    .title = "dependency comes from an unusual place",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.001 AML.T0011.001",
    .why =
        "Serving tools install what the package lists; another index, a URL or a local path installs code "
        "that the "
        "package index never saw.",
    .fix = "Name packages and pinned versions from your own index only.",
};
inline constexpr Rule kStepImage{
    .id = "BW-KF-004",
    .title = "image of a step is not pinned",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.004",
    .why = "A tag can be moved: the next run of the pipeline trains or deploys with other code.",
    .fix = "Name the image by digest: `image: name:tag@sha256:<digest>`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kMovingSource{
    .id = "BW-DP-007",
    .title = "package comes from an address whose content can change",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.001",
    .why =
        "A branch, a tag or a file on a server can be replaced after you looked at it; plain http on the "
        "way, too.",
    .fix = "Name the full commit (`@` and 40 digits) or the digest of the archive (`#sha256=…`).",
    .controls = "SC-DEPS",
};

}  // namespace bulwark::scan::inspectors
