#include "datasets/file_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "datasets/name_check.h"
#include "engine/text.h"

namespace stroma {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view white_space = " \t\r\n";
constexpr size_t most_read = 1 << 16;  // bytes of a text; its kind shows at once or never

// Bytes ------------------------------------------------------------------------------------------

// None of these is the beginning of a line of letters: that may be a sequence.
struct Magic {
  size_t place;
  std::string_view bytes;
  std::string_view clause;
};

constexpr std::array magics = {
    Magic{0, "PK\3\4"sv, "this is a zip archive; unpack it first: unzip FILE"},
    Magic{0, "PK\5\6"sv, "this is an empty zip archive; make or download it again"},
    Magic{0, "7z\xbc\xaf\x27\x1c"sv, "this is a 7z archive; unpack it first: 7z x FILE"},
    Magic{0, "Rar!\x1a\x07"sv, "this is a rar archive; unpack it first: unrar x FILE"},
    Magic{257, "ustar\0"sv, "this is a tar archive; unpack it first: tar xf FILE"},
    Magic{257, "ustar  \0"sv, "this is a tar archive; unpack it first: tar xf FILE"},
    Magic{0, "\x1f\x9d"sv, "this is a file of compress (.Z); unpack it first: gzip -d FILE"},
    Magic{0, "LZIP\1"sv, "this is an lzip file; unpack it first: lzip -d FILE"},
    Magic{0, "\x5d\0\0"sv, "this is an lzma file; unpack it first: xz -d --format=lzma FILE"},
    Magic{0, "\x04\x22\x4d\x18"sv, "this is an lz4 file; unpack it first: lz4 -d FILE"},
    Magic{0, "BAM\1"sv, "this is BAM (aligned reads); make FASTA of it: samtools fasta FILE"},
    Magic{0, "CRAM\2"sv, "this is CRAM (aligned reads); make FASTA of it: samtools fasta FILE"},
    Magic{0, "CRAM\3"sv, "this is CRAM (aligned reads); make FASTA of it: samtools fasta FILE"},
    Magic{0, "BCF\2"sv,
          "this is BCF (variants); give the sequences: bcftools consensus -f REFERENCE.fa FILE"},
    Magic{0, "NCBI.sra\5"sv,
          "this is an archive of reads (SRA); make FASTA of it: fasterq-dump --fasta FILE"},
    Magic{0, "NCBI.sra\x88"sv,
          "this is an archive of reads (SRA); make FASTA of it: fasterq-dump --fasta FILE"},
    Magic{0, "\x1a\x41\x27\x43"sv, "this is 2bit; make FASTA of it: twoBitToFa FILE genome.fa"},
    Magic{0, "\x43\x27\x41\x1a"sv, "this is 2bit; make FASTA of it: twoBitToFa FILE genome.fa"},
    Magic{0, "\x09\0\0\0\x0eSnapGene"sv,
          "this is a file of SnapGene's own; export it from there as GenBank"},
    Magic{0, "ABIF\0"sv, "this is a sequencer's trace (AB1); export it as FASTA"},
    Magic{0, "\x89HDF\r\n\x1a\n"sv, "this is HDF5; export its sequences as FASTA or CSV"},
    Magic{0, "SQLite format 3\0"sv, "this is a database (SQLite); export its table as CSV"},
    Magic{0, "%PDF-"sv, "this is a PDF; give the sequences as FASTA or CSV"},
    Magic{0, "{\\rtf"sv, "this is a word processor's file (RTF); save it as plain text"},
    Magic{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv,
          "this is an Office document; save it as plain text, a table as CSV"},
    Magic{0, "\xff\xfe\0\0"sv, "this is UTF-32 text; convert it: iconv -f UTF-32 -t UTF-8 FILE"},
    Magic{0, "\0\0\xfe\xff"sv, "this is UTF-32 text; convert it: iconv -f UTF-32 -t UTF-8 FILE"},
    Magic{0, "\xff\xfe"sv, "this is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8 FILE"},
    Magic{0, "\xfe\xff"sv, "this is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8 FILE"}};

/// "LE", "BE": UTF-16 without a mark, told by the zero in each character of ASCII; "" otherwise.
std::string_view utf16_order(std::string_view bytes) {
  constexpr size_t looked_at = 32;
  bytes = bytes.substr(0, std::min(bytes.size() / 2 * 2, looked_at));
  if (bytes.size() < 4) return "";
  for (const size_t zero : {1, 0}) {
    bool fits = true;
    for (size_t i = 0; i < bytes.size(); ++i) fits &= (bytes[i] == 0) == (i % 2 == zero);
    if (fits) return zero == 1 ? "LE" : "BE";
  }
  return "";
}

// Text -------------------------------------------------------------------------------------------

/// The beginning of a text, as the tests of kinds read it.
struct Start {
  std::string_view text;   // from its first line that is not blank
  std::string_view line;   // that line, without blanks at its ends
  std::string_view entry;  // the first line that is neither blank nor a comment with '#'

  bool begins(std::string_view with) const { return line.starts_with(with); }
  bool holds(std::string_view part) const { return text.find(part) != text.npos; }

  /// In any case, as HTML and people write it.
  bool begins_in_any_case(std::string_view with) const {
    return same_word(line.substr(0, with.size()), with);
  }
};

Start start_of(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
  text = text.substr(0, most_read);
  Start start{text, trimmed(text.substr(0, text.find('\n')), white_space), {}};
  while (!text.empty() && (start.entry.empty() || start.entry.starts_with('#'))) {
    const std::string_view line = text.substr(0, text.find('\n'));
    start.entry = trimmed(line, white_space);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return start;
}

std::vector<std::string_view> tab_fields(std::string_view line) {
  std::vector<std::string_view> fields;
  for (size_t end = 0; end != line.npos;) {
    end = line.find('\t');
    fields.push_back(trimmed(line.substr(0, end), white_space));
    if (end != line.npos) line.remove_prefix(end + 1);
  }
  return fields;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

bool is_sam_line(std::string_view line) {
  const auto fields = tab_fields(line);
  return fields.size() >= 11 && is_number(fields[1]) && is_number(fields[3]) &&
         is_number(fields[4]);
}

bool is_bed_line(std::string_view line) {
  const auto fields = tab_fields(line);
  return fields.size() >= 3 && is_number(fields[1]) && is_number(fields[2]);
}

/// "5 42", the number of sequences and their length, that PHYLIP begins with.
bool is_phylip_line(std::string_view line) {
  const size_t end = line.find_first_of(white_space);
  return end != line.npos && is_number(line.substr(0, end)) &&
         is_number(trimmed(line.substr(end), white_space));
}

/// Whether the text begins as lines `SEQUENCE, LABEL` or `SEQUENCE` do. Some such sequences spell
/// the name of a program.
bool may_be_csv(const Start& start) {
  std::string_view field = start.line.substr(0, start.line.find(','));
  field = trimmed(field, white_space);
  if (field.size() >= 2 && field.starts_with('"') && field.ends_with('"')) {
    field = field.substr(1, field.size() - 2);
  }
  return std::all_of(field.begin(), field.end(), [](unsigned char c) {
    return std::isalpha(c) || c == '*' || c == '-' || c == '.';
  });
}

/// The line of a JSON text that holds a key "error", near its start; "" where none does.
std::string_view json_error(const Start& start) {
  constexpr auto key = "\"error\""sv;
  constexpr size_t near = 256;
  const size_t found = start.begins("{") ? start.text.substr(0, near).find(key) : start.text.npos;
  if (found == start.text.npos) return "";
  const std::string_view value = start.text.substr(found + key.size());
  const size_t colon = value.find_first_not_of(white_space);
  if (colon == value.npos || value[colon] != ':') return "";
  const size_t before = start.text.substr(0, found).rfind('\n');
  const std::string_view line = start.text.substr(before == start.text.npos ? 0 : before + 1);
  return trimmed(line.substr(0, line.find('\n')), white_space);
}

/// What an error message says that came in the place of a file; "" where it is none.
std::string_view error_message(const Start& start) {
  constexpr auto tag = "<ERROR>"sv;  // of NCBI's services, around the message
  const size_t tagged = start.text.find(tag);
  if (start.begins("<") && tagged != start.text.npos) {
    const std::string_view message = start.text.substr(tagged + tag.size());
    return message.substr(0, message.find('<'));
  }
  if (const std::string_view line = json_error(start); !line.empty()) return line;
  constexpr std::array beginnings = {"error:"sv,
                                     "error "sv,
                                     "error%"sv,
                                     "+error"sv,
                                     "failed to "sv,
                                     "cannot "sv,
                                     "supplied id "sv,
                                     "bad request"sv,
                                     "not found"sv,
                                     "400: "sv,
                                     "403: "sv,
                                     "404: "sv,
                                     "429: "sv,
                                     "500: "sv,
                                     "502: "sv,
                                     "503: "sv,
                                     "access denied"sv,
                                     "nothing has been found"sv,
                                     "id list is empty"sv,
                                     "api rate limit exceeded"sv,
                                     "resource temporarily unavailable"sv};
  const bool is_error =
      std::any_of(beginnings.begin(), beginnings.end(),
                  [&](std::string_view with) { return start.begins_in_any_case(with); });
  return is_error ? start.line : "";
}

struct Kind {
  bool (*is)(const Start&);
  std::string_view clause;
};

// In this order: JSON and XML are what is left of texts that begin with their brackets.
const Kind kinds[] = {
    {[](const Start& s) {
       return s.begins("@HD\t") || s.begins("@SQ\t") || s.begins("@RG\t") || s.begins("@PG\t") ||
              s.begins("@CO\t") || is_sam_line(s.entry);
     },
     "this is SAM (aligned reads); make FASTA of it: samtools fasta FILE"},
    {[](const Start& s) { return s.begins("@"); },
     "this is FASTQ (reads with qualities); make FASTA of it: sed -n '1~4s/^@/>/p;2~4p' FILE"},
    {[](const Start& s) { return s.begins("##fileformat=VCF"); },
     "this is VCF (variants); give the sequences: bcftools consensus -f REFERENCE.fa FILE"},
    {[](const Start& s) {
       return s.begins("track ") || s.begins("browser ") || is_bed_line(s.entry);
     },
     "this is BED, or another table of places, without sequences; cut them out of the genome: "
     "bedtools getfasta -name -fi genome.fa -bed FILE"},
    {[](const Start& s) { return s.begins("CLUSTAL"); },
     "this is a Clustal alignment; save its sequences as FASTA"},
    {[](const Start& s) { return s.begins_in_any_case("#NEXUS"); },
     "this is NEXUS; save its sequences as FASTA"},
    {[](const Start& s) { return is_phylip_line(s.line); },
     "this is a PHYLIP alignment; save its sequences as FASTA"},
    {[](const Start& s) { return s.begins("!!NA_") || s.begins("!!AA_") || s.begins("PileUp"); },
     "this is a file of GCG; save its sequences as FASTA"},
    {[](const Start& s) { return s.begins("(") && trimmed(s.text, white_space).ends_with(';'); },
     "this is a tree (Newick), without sequences; give FASTA, GenBank or CSV"},
    {[](const Start& s) {
       return s.begins("HEADER  ") || s.begins("ATOM  ") || s.begins("REMARK  ") ||
              s.begins("CRYST1 ");
     },
     "this is a structure (PDB); download its sequences as FASTA"},
    {[](const Start& s) { return s.begins("data_") && s.holds("\n_entry."); },
     "this is a structure (mmCIF); download its sequences as FASTA"},
    {[](const Start& s) {
       return s.begins("# BLAST") || s.begins("# TBLAST") || s.begins("BLASTN 2") ||
              s.begins("BLASTP 2");
     },
     "this is a report of BLAST; give the sequences themselves as FASTA"},
    {[](const Start& s) { return s.line.find(" ::= ") != s.line.npos; },
     "this is ASN.1; download it as GenBank (full) or FASTA"},
    {[](const Start& s) { return s.begins("version https://git-lfs"); },
     "this is a pointer of git-lfs, not the file itself; fetch that: git lfs pull"},
    {[](const Start& s) {
       return s.begins_in_any_case("<!doctype html") || s.begins_in_any_case("<html");
     },
     "this is a web page, perhaps an error message of the server; download the file again"},
    {[](const Start& s) {
       return s.begins("<") && (s.holds("<GBSet") || s.holds("<INSDSet") || s.holds("<TSeqSet"));
     },
     "this is NCBI's XML; download it as GenBank (full) or FASTA"},
    {[](const Start& s) { return s.begins("<?xml") || s.begins("<!DOCTYPE"); },
     "this is XML; give GenBank, EMBL, FASTA or CSV"},
    {[](const Start& s) { return s.begins("{") || s.begins("["); },
     "this is JSON; give GenBank, EMBL, FASTA or CSV"},
};

}  // namespace

std::optional<std::string> binary_kind(std::string_view bytes) {
  if (bytes.starts_with("PK\3\4")) {  // many programs' documents are such archives
    const std::string_view start = bytes.substr(0, most_read);
    if (start.find("[Content_Types].xml") != start.npos || start.find("mimetype") == 30) {
      return "this is an Office document; save it as plain text, a table as CSV";
    }
  }
  for (const Magic& magic : magics) {
    if (bytes.size() > magic.place && bytes.substr(magic.place).starts_with(magic.bytes)) {
      return std::string(magic.clause);
    }
  }
  const std::string_view order = utf16_order(bytes);
  if (order.empty()) return {};
  return fmt::format("this is UTF-16 text; convert it: iconv -f UTF-16{} -t UTF-8 FILE", order);
}

std::optional<std::string> foreign_kind(std::string_view text) {
  const Start start = start_of(text);
  if (may_be_csv(start)) return {};
  if (const std::string_view message = error_message(start); !message.empty()) {
    return fmt::format("this is an error message: {}; download the file again",
                       visible_text(message));
  }
  for (const Kind& kind : kinds) {
    if (kind.is(start)) return std::string(kind.clause);
  }
  return {};
}

}  // namespace stroma
