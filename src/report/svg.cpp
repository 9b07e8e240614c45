#include "report/svg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "report/assay.h"
#include "report/html.h"

namespace bulwark::report {
namespace {

using assay::Plot;
using assay::Series;

constexpr double kWidth = 640;
constexpr double kHeight = 280;
constexpr double kLeft = 64;
constexpr double kRight = 12;
constexpr double kTop = 10;
constexpr double kBottom = 46;
constexpr std::size_t kColours = 6;
// Points beyond this cannot be told apart, and make the page slow.
constexpr std::size_t kMostPoints = 2'000;
constexpr std::size_t kMostBars = 60;

std::string fixed(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string tag(std::string_view name, std::string_view attributes) {
  return "<" + std::string(name) + " " + std::string(attributes) + "/>";
}

std::string label(double x, double y, std::string_view text, std::string_view anchor) {
  return "<text x=\"" + fixed(x) + "\" y=\"" + fixed(y) + "\" text-anchor=\"" + std::string(anchor) + "\">" +
         html(text) + "</text>";
}

std::string line(double x1, double y1, double x2, double y2, std::string_view css) {
  return tag("line", "x1=\"" + fixed(x1) + "\" y1=\"" + fixed(y1) + "\" x2=\"" + fixed(x2) + "\" y2=\"" +
                         fixed(y2) + "\" class=\"" + std::string(css) + "\"");
}

std::string rectangle(double x, double y, double width, double height, std::string_view css) {
  return tag("rect", "x=\"" + fixed(x) + "\" y=\"" + fixed(y) + "\" width=\"" + fixed(width) +
                         "\" height=\"" + fixed(height) + "\" class=\"" + std::string(css) + "\"");
}

std::string picture(double width, double height, std::string_view says, std::string_view body,
                    std::string_view css) {
  return "<svg viewBox=\"0 0 " + fixed(width) + " " + fixed(height) + "\" role=\"img\" class=\"" +
         std::string(css) + "\" aria-label=\"" + html(says) + "\">" + std::string(body) + "</svg>\n";
}

// One axis: from data to pixels, and its ticks.
class Axis {
 public:
  Axis(double low, double high, bool log, double from, double to)
      : log_(log && low > 0), from_(from), to_(to) {
    low_ = log_ ? std::log10(low) : low;
    high_ = log_ ? std::log10(high) : high;
    if (!(high_ > low_)) high_ = low_ + 1;
  }

  [[nodiscard]] double place(double value) const {
    const double at = log_ ? std::log10(std::max(value, 1e-300)) : value;
    return from_ + (std::clamp(at, low_, high_) - low_) / (high_ - low_) * (to_ - from_);
  }

  // Round numbers, some five of them.
  [[nodiscard]] std::vector<double> ticks() const {
    const double span = high_ - low_;
    const double rough = std::pow(10, std::floor(std::log10(span / 4)));
    double step = rough;
    for (const double factor : {2.0, 5.0, 10.0})
      if (span / step > 6) step = rough * factor;
    if (log_) step = std::max(1.0, std::round(step));
    std::vector<double> out;
    for (double at = std::ceil(low_ / step - 1e-9) * step; at <= high_ + 1e-9 * span && out.size() < 12;
         at += step)
      out.push_back(log_ ? std::pow(10, at) : (std::abs(at) < step * 1e-9 ? 0 : at));
    return out;
  }

 private:
  bool log_;
  double from_, to_;
  double low_ = 0, high_ = 1;
};

struct Range {
  double low = HUGE_VAL, high = -HUGE_VAL;
  void take(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

std::string frame_of(const Plot& plot, const Axis& y) {
  std::string out;
  for (const double tick : y.ticks()) {
    out += line(kLeft, y.place(tick), kWidth - kRight, y.place(tick), "grid");
    out += label(kLeft - 6, y.place(tick) + 4, number_text(tick), "end");
  }
  out += line(kLeft, kHeight - kBottom, kWidth - kRight, kHeight - kBottom, "axis");
  out += label((kLeft + kWidth - kRight) / 2, kHeight - 6, plot.x_label, "middle");
  out += "<text transform=\"translate(13 " + fixed((kHeight - kBottom + kTop) / 2) +
         ") rotate(-90)\" text-anchor=\"middle\">" + html(plot.y_label) + "</text>";
  return out;
}

std::string legend_of(const Plot& plot) {
  if (plot.series.size() < 2) return {};
  std::string out = "<ul class=\"legend\">";
  for (std::size_t i = 0; i < plot.series.size(); ++i)
    out +=
        "<li><i class=\"s" + std::to_string(i % kColours) + "\"></i>" + html(plot.series[i].name) + "</li>";
  return out + "</ul>\n";
}

std::string bars(const Plot& plot) {
  const std::size_t count = std::min(plot.categories.size(), kMostBars);
  Range range;
  range.take(0);
  for (const Series& series : plot.series)
    for (const double value : series.y) range.take(value);
  if (plot.log_y) range.low = 0.5;
  const Axis y(range.low, range.high, plot.log_y, kHeight - kBottom, kTop);
  std::string out = frame_of(plot, y);
  const double slot = (kWidth - kRight - kLeft) / static_cast<double>(std::max<std::size_t>(count, 1));
  const double width = slot * 0.8 / static_cast<double>(std::max<std::size_t>(plot.series.size(), 1));
  const double ground = y.place(std::max(0.0, range.low));
  const std::size_t every = std::max<std::size_t>(1, (count + 11) / 12);
  for (std::size_t i = 0; i < count; ++i) {
    const double x = kLeft + slot * (static_cast<double>(i) + 0.1);
    for (std::size_t s = 0; s < plot.series.size(); ++s) {
      if (i >= plot.series[s].y.size() || !std::isfinite(plot.series[s].y[i])) continue;
      const double top = y.place(plot.series[s].y[i]);
      out += rectangle(x + width * static_cast<double>(s), std::min(top, ground), width,
                       std::abs(ground - top), "s" + std::to_string(s % kColours));
    }
    if (i % every == 0) {
      std::string name = plot.categories[i];
      if (name.size() > 14) name = name.substr(0, 13) + "…";
      out += label(x + slot * 0.4, kHeight - kBottom + 16, name, "middle");
    }
  }
  return out;
}

std::string points(const Plot& plot) {
  Range across;
  Range up;
  for (const Series& series : plot.series) {
    for (const double value : series.x) across.take(value);
    for (const double value : series.y) up.take(value);
  }
  if (!(across.low <= across.high) || !(up.low <= up.high))
    return label(kWidth / 2, kHeight / 2, "nothing to show", "middle");
  if (!plot.log_y && up.low > 0 && up.low < up.high / 2) up.low = 0;
  const Axis x(across.low, across.high, plot.log_x, kLeft, kWidth - kRight);
  const Axis y(up.low, up.high, plot.log_y, kHeight - kBottom, kTop);
  std::string out = frame_of(plot, y);
  for (const double tick : x.ticks())
    out += label(x.place(tick), kHeight - kBottom + 16, number_text(tick), "middle");
  for (std::size_t s = 0; s < plot.series.size(); ++s) {
    const Series& series = plot.series[s];
    const std::size_t size = std::min(series.x.size(), series.y.size());
    const std::size_t every = std::max<std::size_t>(1, (size + kMostPoints - 1) / kMostPoints);
    const std::string css = "s" + std::to_string(s % kColours);
    std::string path;
    for (std::size_t i = 0; i < size; i += every) {
      if (!std::isfinite(series.x[i]) || !std::isfinite(series.y[i])) continue;
      const std::string at_x = fixed(x.place(series.x[i]));
      const std::string at_y = fixed(y.place(series.y[i]));
      if (plot.kind == Plot::Kind::Scatter)
        out += tag("circle", "cx=\"" + at_x + "\" cy=\"" + at_y + "\" r=\"2.6\" class=\"" + css + "\"");
      else
        path += (path.empty() ? "M" : "L") + at_x + " " + at_y;
    }
    if (!path.empty()) out += tag("path", "d=\"" + path + "\" class=\"line " + css + "\"");
  }
  return out;
}

}  // namespace

std::string plot_svg(const Plot& plot) {
  const std::string body = plot.kind == Plot::Kind::Bars ? bars(plot) : points(plot);
  return legend_of(plot) + picture(kWidth, kHeight, plot.says.empty() ? plot.title : plot.says, body, "plot");
}

std::string raster_svg(const assay::Raster& raster) {
  constexpr std::size_t kMostPixels = 128 * 128;  // each is an element of the page
  const std::size_t pixels = raster.height * raster.width;
  if (pixels == 0 || pixels > kMostPixels || raster.values.size() < pixels * raster.channels) return {};
  std::string body;
  char colour[16];
  for (std::size_t y = 0; y < raster.height; ++y)
    for (std::size_t x = 0; x < raster.width; ++x) {
      const std::uint8_t* at = raster.values.data() + (y * raster.width + x) * raster.channels;
      const bool rgb = raster.channels == 3;
      std::snprintf(colour, sizeof colour, "#%02x%02x%02x", at[0], at[rgb ? 1 : 0], at[rgb ? 2 : 0]);
      body += "<rect x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) +
              "\" width=\"1.05\" height=\"1.05\" fill=\"" + colour + "\"/>";
    }
  if (raster.mask.size() == pixels)
    for (std::size_t y = 0; y < raster.height; ++y)
      for (std::size_t x = 0; x < raster.width; ++x)
        if (raster.mask[y * raster.width + x] != 0)
          body += "<rect x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) +
                  "\" width=\"1\" height=\"1\" class=\"mask\"/>";
  return picture(static_cast<double>(raster.width), static_cast<double>(raster.height),
                 raster.says.empty() ? raster.title : raster.says, body, "raster");
}

std::string interval_svg(const assay::Measure& measure) {
  constexpr double kLong = 320;
  constexpr double kTall = 26;
  const stats::Interval& interval = measure.interval;
  const double most = std::max({interval.high, measure.threshold, 1e-9}) * 1.15;
  const Axis x(std::min(0.0, interval.low), most, false, 4, kLong - 4);
  std::string body = line(4, 13, kLong - 4, 13, "grid");
  body += line(x.place(interval.low), 13, x.place(interval.high), 13, "whisker");
  body += tag("circle", "cx=\"" + fixed(x.place(interval.estimate)) + "\" cy=\"13.0\" r=\"5\" class=\"s0\"");
  body += line(x.place(measure.threshold), 2, x.place(measure.threshold), kTall - 2, "threshold");
  return picture(kLong, kTall, measure_text(measure), body, "interval");
}

}  // namespace bulwark::report
