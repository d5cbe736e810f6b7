#include "datasets/gff3_location.h"

#include <fmt/format.h>

#include <algorithm>

#include "datasets/flat_file.h"

namespace stroma {
namespace {

/// The number of attribute "part", which is "2" or "2/3"; -1 where there is none.
int64_t part_number(const Gff3Line& line) {
  const std::string part = line.value("part");
  return whole_number_of(part.substr(0, part.find('/')));
}

/// Parts that are sorted along the + strand of a circle and run over its origin begin behind the
/// widest gap.
void rotate_to_start(std::vector<const Gff3Line*>& parts, int64_t length) {
  size_t start = 0;
  int64_t widest = parts.front()->begin + length - parts.back()->end;
  for (size_t i = 1; i < parts.size(); ++i) {
    const int64_t gap = parts[i]->begin - parts[i - 1]->end;
    if (gap > widest) {
      widest = gap;
      start = i;
    }
  }
  std::rotate(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(start), parts.end());
}

std::string span_text(const Gff3Line& part, int64_t length, bool circular) {
  int64_t first = part.begin + 1, last = part.end;
  if (circular && length > 0 && last > length && last - first < length) {
    first = (first - 1) % length + 1;
    last = (last - 1) % length + 1;
  }
  // NCBI marks incomplete ends so.
  const char* const before = part.value("start_range").starts_with('.') ? "<" : "";
  const char* const behind = part.value("end_range").ends_with('.') ? ">" : "";
  if (first == last && *before == 0 && *behind == 0) return fmt::format("{}", first);
  return fmt::format("{}{}..{}{}", before, first, behind, last);
}

std::string joined(const std::vector<std::string>& parts) {
  return parts.size() == 1 ? parts[0] : fmt::format("join({})", fmt::join(parts, ","));
}

}  // namespace

void sort_biologically(std::vector<const Gff3Line*>& parts, int64_t length, bool circular) {
  const auto all = [&](auto condition) {
    return std::all_of(parts.begin(), parts.end(), condition);
  };
  if (all([](const Gff3Line* part) { return part_number(*part) >= 0; })) {
    std::stable_sort(parts.begin(), parts.end(), [](const Gff3Line* a, const Gff3Line* b) {
      return part_number(*a) < part_number(*b);
    });
    return;
  }
  const bool complement = parts.front()->complement;
  const bool one_strand = all([&](const Gff3Line* part) { return part->complement == complement; });
  const bool spliced_of_several = parts.front()->value("exception") == "trans-splicing";
  if (!one_strand || spliced_of_several) return;
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Gff3Line* a, const Gff3Line* b) { return a->begin < b->begin; });
  const bool meet_at_origin = parts.front()->begin == 0 && parts.back()->end == length;
  if (circular && (meet_at_origin || parts.back()->end > length)) rotate_to_start(parts, length);
  if (complement) std::reverse(parts.begin(), parts.end());
}

std::string gff3_location(const std::vector<const Gff3Line*>& parts, int64_t length,
                          bool circular) {
  const bool all_complement = std::all_of(parts.begin(), parts.end(),
                                          [](const Gff3Line* part) { return part->complement; });
  std::vector<std::string> texts;
  for (const Gff3Line* part : parts) {
    const std::string text = span_text(*part, length, circular);
    texts.push_back(part->complement && !all_complement ? "complement(" + text + ")" : text);
  }
  if (!all_complement) return joined(texts);
  std::reverse(texts.begin(), texts.end());
  return "complement(" + joined(texts) + ")";
}

}  // namespace stroma
