#pragma once
// Pictures of an assay as SVG inside a page: no style attributes (the page forbids them), colours by the
// classes of data/html/assay.css, a title for those who cannot see it.

#include <string>

#include "assay/part.h"

namespace bulwark::report {

[[nodiscard]] std::string plot_svg(const assay::Plot& plot);
[[nodiscard]] std::string raster_svg(const assay::Raster& raster);
// The estimate and its interval on a line from 0, with the threshold across.
[[nodiscard]] std::string interval_svg(const assay::Measure& measure);

}  // namespace bulwark::report
