#include "tools/model_drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "tools/model_table.h"

namespace stroma {
namespace {

// Pixels at the size that it is drawn for.
constexpr double box_width = 236, box_height = 48, column_gap = 36, row_gap = 30, margin = 20;
constexpr double title_height = 34, row_height = box_height + row_gap;

/// A box. Number 0 is the network's input, number i + 1 layer i.
struct Box {
  std::string title, type, shape, numbers;
  std::vector<std::size_t> reads;
  int row = 0;
  double x = 0;  // its middle, in columns

  double top() const { return margin + title_height + row * row_height; }
};

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else {
      result += c;
    }
  }
  return result;
}

/// No longer than a box is wide.
std::string shortened(const std::string& name) {
  constexpr std::size_t most = 20;
  return name.size() <= most ? name : name.substr(0, most - 1) + "…";
}

std::vector<Box> boxes_of(const ModelSpec& spec, const ModelSummary& summary) {
  std::vector<Box> boxes = {{.title = "input",
                             .type = spec.alphabet,
                             .shape = extents(summary.input),
                             .numbers = "",
                             .reads = {}}};
  for (const LayerSummary& each : summary.layers) {
    const LayerSpec& layer = *each.layer;
    Box box{.title = shortened(layer.name.empty() ? layer.type : layer.name),
            .type = layer.name.empty() ? "" : layer.type,
            .shape = extents(each.output),
            .numbers = each.parameters == 0 ? "" : with_commas(each.parameters) + " parameters",
            .reads = {}};
    for (const int place : layer.reads) {
      box.reads.push_back(static_cast<std::size_t>(place + 1));  // network_input: 0
      box.row = std::max(box.row, boxes[box.reads.back()].row + 1);
    }
    boxes.push_back(std::move(box));
  }
  return boxes;
}

/// Puts each box below the middle of what it reads, and those of one row side by side.
void place(std::vector<Box>& boxes) {
  const int rows = boxes.back().row + 1;
  for (int row = 1; row < rows; ++row) {
    std::vector<Box*> beside;
    for (Box& box : boxes) {
      if (box.row != row) continue;
      for (const std::size_t read : box.reads) box.x += boxes[read].x / std::ssize(box.reads);
      beside.push_back(&box);
    }
    std::stable_sort(beside.begin(), beside.end(), [](Box* a, Box* b) { return a->x < b->x; });
    double middle = 0;
    for (const Box* box : beside) middle += box->x / std::ssize(beside);
    double x = middle - static_cast<double>(beside.size() - 1) / 2;
    for (Box* box : beside) box->x = x++;
  }
  double left = 0;
  for (const Box& box : boxes) left = std::min(left, box.x);
  for (Box& box : boxes) box.x -= left;
}

double middle_of(const Box& box) {
  return margin + box_width / 2 + box.x * (box_width + column_gap);
}

std::string box_svg(const Box& box) {
  const double left = middle_of(box) - box_width / 2;
  std::string svg = fmt::format(
      "<rect class=\"box\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n"
      "<text class=\"name\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n"
      "<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
      left, box.top(), box_width, box_height, left + 10, box.top() + 20, escaped(box.title),
      left + 10, box.top() + 38, box.shape);
  const double right = left + box_width - 10;
  for (const auto& [text, y] : {std::pair(&box.type, 20.0), std::pair(&box.numbers, 38.0)}) {
    if (text->empty()) continue;
    svg += fmt::format("<text class=\"right\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", right,
                       box.top() + y, *text);
  }
  return svg;
}

/// A line from a box to one that reads it; past boxes between them it goes around.
std::string edge_svg(const Box& from, const Box& to) {
  const double x1 = middle_of(from), y1 = from.top() + box_height, x2 = middle_of(to),
               y2 = to.top() - 3;
  if (to.row - from.row == 1) {
    const double middle = (y1 + y2) / 2;
    return fmt::format("<path d=\"M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}\"/>\n",
                       x1, y1, x1, middle, x2, middle, x2, y2);
  }
  const double side = std::max(x1, x2) + box_width / 2 + column_gap / 2;
  const double out = y1 + row_gap / 2, in = y2 + 3 - row_gap / 2;
  return fmt::format("<path d=\"M{0:.1f} {1:.1f}V{2:.1f}H{3:.1f}V{4:.1f}H{5:.1f}V{6:.1f}\"/>\n",
                     x1 + 30, y1, out, side, in, x2 + 30, y2);
}

}  // namespace

std::string drawing_of(const ModelSpec& spec, const ModelSummary& summary) {
  std::vector<Box> boxes = boxes_of(spec, summary);
  place(boxes);
  double width = 0;
  for (const Box& box : boxes) width = std::max(width, middle_of(box) + box_width / 2);
  width += margin + column_gap / 2;
  const double height = boxes.back().top() + box_height + margin;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\">\n"
      "<style>\n"
      "text {{ font: 13px system-ui, sans-serif; fill: #1b1f24; }}\n"
      ".name, .title {{ font-weight: 600; }}\n"
      ".title {{ font-size: 15px; }}\n"
      ".right {{ text-anchor: end; fill: #57606a; }}\n"
      ".page {{ fill: #ffffff; }}\n"
      ".box {{ fill: #eef4fb; stroke: #4a78b0; }}\n"
      "path {{ fill: none; stroke: #57606a; stroke-width: 1.3; marker-end: url(#tip); }}\n"
      "</style>\n"
      "<marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"5\" refY=\"4\" markerWidth=\"7\" "
      "markerHeight=\"7\" orient=\"auto\"><polygon points=\"0,0 8,4 0,8\" fill=\"#57606a\"/>"
      "</marker>\n"
      "<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n"
      "<text class=\"title\" x=\"{2}\" y=\"{3}\">{4}</text>\n",
      width, height, margin, margin + 12, escaped(spec.name));
  for (const Box& box : boxes) {
    for (const std::size_t read : box.reads) svg += edge_svg(boxes[read], box);
  }
  for (const Box& box : boxes) svg += box_svg(box);
  return svg + "</svg>\n";
}

}  // namespace stroma
