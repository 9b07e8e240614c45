// Bytes that no format claims: raw weights, text, tables. They are looked at, too.

#include "scan/inspectors/list.h"

namespace bulwark::scan::inspectors {
namespace {

Match recognises(Bytes) { return Match::Beside; }

Result<void> inspect(Inspection&) { return {}; }

}  // namespace

const Inspector raw{
    .name = "raw",
    .version = "1",
    .rules = {},
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
