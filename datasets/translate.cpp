#include "datasets/translate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "datasets/genetic_code.h"
#include "kernels/error.h"

namespace stroma {
namespace {

// As /transl_except writes them.
constexpr std::array<std::pair<std::string_view, char>, 28> amino_acid_names = {{
    {"ala", 'A'}, {"arg", 'R'}, {"asn", 'N'},  {"asp", 'D'},   {"asx", 'B'}, {"cys", 'C'},
    {"gln", 'Q'}, {"glu", 'E'}, {"glx", 'Z'},  {"gly", 'G'},   {"his", 'H'}, {"ile", 'I'},
    {"leu", 'L'}, {"lys", 'K'}, {"met", 'M'},  {"phe", 'F'},   {"pro", 'P'}, {"pyl", 'O'},
    {"sec", 'U'}, {"ser", 'S'}, {"thr", 'T'},  {"trp", 'W'},   {"tyr", 'Y'}, {"val", 'V'},
    {"xaa", 'X'}, {"xle", 'J'}, {"term", '*'}, {"other", 'X'},
}};

std::optional<char> amino_acid_named(std::string_view name) {
  const auto same = [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); };
  for (const auto& [known, letter] : amino_acid_names) {
    if (std::equal(known.begin(), known.end(), name.begin(), name.end(), same)) return letter;
  }
  return std::nullopt;
}

std::string without_blanks(std::string_view text) {
  std::string result(text);
  std::erase_if(result, [](unsigned char c) { return std::isspace(c) != 0; });
  return result;
}

/// Places of bases in the record, in the order of `spans`.
std::vector<int64_t> places_of(const Location& location) {
  std::vector<int64_t> places;
  for (const Span& span : location.spans) {
    for (int64_t i = 0; i < span.end - span.begin; ++i) {
      places.push_back(span.complement ? span.end - 1 - i : span.begin + i);
    }
  }
  return places;
}

class Translator {
 public:
  Translator(const Record& record, const Feature& cds)
      : record_(record), cds_(cds), location_(location_of(record, cds)) {
    if (location_.is_remote()) fail("a part of it lies in another record");
    const int table = number("transl_table", 1);
    code_ = find_genetic_code(table);
    if (!code_) {
      fail(fmt::format("/transl_table={} is none of NCBI's genetic codes (1-6, 9-16, 21-33)",
                       table));
    }
    const int codon_start = number("codon_start", 1);
    if (codon_start < 1 || codon_start > 3) {
      fail(fmt::format("/codon_start={} is none of 1, 2, 3", codon_start));
    }
    skipped_ = codon_start - 1;
    bases_ = letters_at(location_, record.letters);
    bases_.erase(0, static_cast<size_t>(skipped_));
    if (bases_.size() < 3) fail("it has no whole codon");
  }

  CdsTranslation translate() {
    amino_acids_ = stroma::translate(bases_, *code_);
    const std::string_view first = std::string_view(bases_).substr(0, 3);
    if (skipped_ == 0 && is_complete_at_start() && code_->is_start(first)) amino_acids_[0] = 'M';
    // A codon that is an amino acid elsewhere may be a stop here.
    if (bases_.size() % 3 == 0 && is_complete_at_end() &&
        code_->is_stop(std::string_view(bases_).substr(bases_.size() - 3))) {
      amino_acids_.back() = '*';
    }
    apply_exceptions();
    if (amino_acids_.ends_with('*')) amino_acids_.pop_back();
    if (amino_acids_.empty()) fail("it is a stop codon alone");
    if (const size_t stop = amino_acids_.find('*'); stop != amino_acids_.npos) {
      fail(fmt::format("its codon {} of {} is the stop {} in genetic code {} (/transl_table)",
                       stop + 1, bases_.size() / 3, bases_.substr(3 * stop, 3), code_->table));
    }
    return {std::move(amino_acids_), doubt()};
  }

 private:
  [[noreturn]] void fail(std::string_view problem) const {
    throw Error(fmt::format("{}:{}: {}", record_.file, cds_.line, problem));
  }

  /// The value of a qualifier, `standard` where it is missing.
  int number(std::string_view qualifier, int standard) const {
    const std::string* value = cds_.find(qualifier);
    if (!value) return standard;
    const std::string text = without_blanks(*value);
    int number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
      fail(fmt::format("/{}={} is no number", qualifier, *value));
    }
    return number;
  }

  /// Whether the location says '<' or '>' at a base, counted from 1: the CDS begins before it or
  /// ends after it.
  bool reaches_beyond(char sign, int64_t base) const {
    const std::string mark = sign + std::to_string(base);
    for (size_t at = 0; (at = cds_.location.find(mark, at)) != std::string::npos; ++at) {
      const size_t end = at + mark.size();
      if (end == cds_.location.size() || !std::isdigit(cds_.location[end])) return true;
    }
    return false;
  }

  bool is_complete_at_start() const {
    const Span& span = location_.spans.front();
    return span.complement ? !reaches_beyond('>', span.end) : !reaches_beyond('<', span.begin + 1);
  }

  bool is_complete_at_end() const {
    const Span& span = location_.spans.back();
    return span.complement ? !reaches_beyond('<', span.begin + 1) : !reaches_beyond('>', span.end);
  }

  void apply_exceptions() {
    std::vector<int64_t> places;
    for (const Qualifier& qualifier : cds_.qualifiers) {
      if (qualifier.key != "transl_except") continue;
      if (places.empty()) places = places_of(location_);
      apply_exception(qualifier.value, places);
    }
  }

  /// "(pos:10..12,aa:Sec)", whose bases may be written on either strand.
  void apply_exception(const std::string& value, std::span<const int64_t> places) {
    const auto refuse = [&](std::string_view problem) {
      fail(fmt::format("/transl_except={} {}", value, problem));
    };
    const std::string text = without_blanks(value);
    const size_t comma = text.rfind(",aa:");
    if (!text.starts_with("(pos:") || !text.ends_with(')') || comma == text.npos) {
      refuse("is not of the form (pos:10..12,aa:Sec)");
    }
    const std::string name = text.substr(comma + 4, text.size() - comma - 5);
    const auto amino_acid = amino_acid_named(name);
    if (!amino_acid) refuse(fmt::format("names the amino acid '{}', which there is not", name));
    const Location location = parse_location(
        text.substr(5, comma - 5), {.length = std::ssize(record_.letters),
                                    .circular = record_.circular,
                                    .where = fmt::format("{}:{}", record_.file, cds_.line)});
    int64_t bases = 0;
    for (const Span& span : location.spans) bases += span.end - span.begin;
    if (bases > 3 || location.is_remote()) refuse("names no codon of it");
    const std::vector<int64_t> wanted = places_of(location);
    for (size_t i = 0; 3 * i < bases_.size(); ++i) {
      const size_t begin = static_cast<size_t>(skipped_) + 3 * i;
      const auto codon = places.subspan(begin, std::min<size_t>(3, places.size() - begin));
      if (!std::is_permutation(codon.begin(), codon.end(), wanted.begin(), wanted.end())) continue;
      if (i < amino_acids_.size()) {
        amino_acids_[i] = *amino_acid;
      } else if (*amino_acid == '*') {
        // The bases of a stop that the cell completes with the A of its poly(A) tail.
        completed_stop_ = true;
      } else {
        refuse("names an amino acid for a part of a codon");
      }
      return;
    }
    refuse("names no codon of it");
  }

  /// Why the protein may be another one.
  std::string doubt() const {
    const std::string* exception = cds_.find("exception");
    // Both are part of the location.
    if (exception && *exception != "ribosomal slippage" && *exception != "trans-splicing") {
      return fmt::format("/exception=\"{}\" says that its bases alone do not give it", *exception);
    }
    const size_t rest = bases_.size() % 3;
    if (rest == 0 || completed_stop_ || !is_complete_at_end()) return "";
    return fmt::format("the last {} of its bases {} no whole codon", rest,
                       rest == 1 ? "is" : "are");
  }

  const Record& record_;
  const Feature& cds_;
  Location location_;
  const GeneticCode* code_;
  int64_t skipped_ = 0;  // bases before the first codon
  std::string bases_;    // from the first codon
  std::string amino_acids_;
  bool completed_stop_ = false;
};

}  // namespace

CdsTranslation translate_cds(const Record& record, const Feature& cds) {
  return Translator(record, cds).translate();
}

}  // namespace stroma
