#include "datasets/genbank_write.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace stroma {
namespace {

constexpr size_t text_width = 58;  // of a feature's lines, right of their indent of 21

std::string span_text(const Span& span) {
  const std::string remote = span.remote.empty() ? "" : span.remote + ":";
  if (span.begin == span.end) return fmt::format("{}{}^{}", remote, span.begin, span.end + 1);
  if (span.begin + 1 == span.end) return fmt::format("{}{}", remote, span.end);
  return fmt::format("{}{}..{}", remote, span.begin + 1, span.end);
}

std::string joined(const std::vector<std::string>& parts) {
  return parts.size() == 1 ? parts[0] : fmt::format("join({})", fmt::join(parts, ","));
}

/// `text` over as many lines as it needs, cut behind the last character of `breaks` that fits, or
/// anywhere where none is. `indent` stands before each line but the first.
std::string wrapped(std::string_view text, std::string_view breaks) {
  std::string result;
  while (text.size() > text_width) {
    const size_t found = text.substr(0, text_width).find_last_of(breaks);
    const size_t width = found == text.npos ? text_width : found + 1;
    std::string_view line = text.substr(0, width);
    if (line.ends_with(' ')) line.remove_suffix(1);  // the reader puts it back
    result.append(line).append("\n").append(21, ' ');
    text.remove_prefix(width);
  }
  return result.append(text);
}

std::string qualifier_text(const Qualifier& qualifier) {
  if (qualifier.key == "codon_start" || qualifier.key == "transl_table") {
    return fmt::format("/{}={}", qualifier.key, qualifier.value);
  }
  if (qualifier.value.empty()) return "/" + qualifier.key;
  std::string value;
  for (const char c : qualifier.value) value += c == '"' ? std::string("\"\"") : std::string(1, c);
  return fmt::format("/{}=\"{}\"", qualifier.key, value);
}

void write_letters(std::ostream& out, std::string_view letters) {
  for (size_t begin = 0; begin < letters.size(); begin += 60) {
    std::string line = fmt::format("{:>9}", begin + 1);
    for (size_t i = begin; i < std::min(begin + 60, letters.size()); ++i) {
      if ((i - begin) % 10 == 0) line += ' ';
      line += static_cast<char>(std::tolower(static_cast<unsigned char>(letters[i])));
    }
    out << line << '\n';
  }
}

}  // namespace

std::string location_text(const Location& location) {
  const bool all_complement = std::all_of(location.spans.begin(), location.spans.end(),
                                          [](const Span& span) { return span.complement; });
  std::vector<std::string> parts;
  for (const Span& span : location.spans) {
    const std::string text = span_text(span);
    parts.push_back(span.complement && !all_complement ? "complement(" + text + ")" : text);
  }
  if (!all_complement) return joined(parts);
  std::reverse(parts.begin(), parts.end());
  return "complement(" + joined(parts) + ")";
}

void write_genbank(std::ostream& out, const Record& record) {
  out << fmt::format("LOCUS       {:<16} {:>11} bp    DNA     {:<8} SYN 01-JAN-2000\n", record.name,
                     record.letters.size(), record.circular ? "circular" : "linear")
      << "DEFINITION  " << record.definition << "\nACCESSION   " << record.accession
      << "\nVERSION     " << record.version << "\nSOURCE      " << record.organism
      << "\n  ORGANISM  " << record.organism << "\nFEATURES             Location/Qualifiers\n";
  for (const Feature& feature : record.features) {
    out << fmt::format("     {:<15} {}\n", feature.key, wrapped(feature.location, ","));
    for (const Qualifier& qualifier : feature.qualifiers) {
      const bool letters = qualifier.key == "translation";
      out << std::string(21, ' ') << wrapped(qualifier_text(qualifier), letters ? "" : " ") << '\n';
    }
  }
  out << "ORIGIN\n";
  write_letters(out, record.letters);
  out << "//\n";
}

}  // namespace stroma
