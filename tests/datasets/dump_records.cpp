// What the readers read, for biopython_test.py: a JSON object a record and line.
// usage: dump_records genbank|embl|gff3 FILE [FASTA]
#include <iostream>
#include <nlohmann/json.hpp>

#include "datasets/embl.h"
#include "datasets/fasta.h"
#include "datasets/genbank.h"
#include "datasets/gff3.h"
#include "datasets/text_file.h"
#include "datasets/translate.h"
#include "kernels/error.h"

namespace stroma {
namespace {

std::vector<Record> read(const std::string& format, const std::string& file,
                         const std::string& fasta) {
  const std::string text = read_text_file(file);
  if (format == "genbank") return parse_genbank(text, file);
  if (format == "embl") return parse_embl(text, file);
  return parse_gff3(text, file, fasta.empty() ? std::vector<Sequence>() : read_fasta(fasta));
}

nlohmann::json described(const Record& record, const Feature& feature) {
  nlohmann::json result = {{"key", feature.key}, {"line", feature.line}};
  for (const Qualifier& qualifier : feature.qualifiers) {
    result["qualifiers"].push_back({qualifier.key, qualifier.value});
  }
  try {
    const Location location = location_of(record, feature);
    for (const Span& span : location.spans) {
      result["spans"].push_back({span.begin, span.end, span.complement ? -1 : 1, span.remote});
    }
    if (!location.is_remote()) result["letters"] = letters_at(location, record.letters);
    if (!record.protein && feature.find("transl_table"))
      result["protein"] = translate_cds(record, feature).amino_acids;
  } catch (const Error& error) {
    result["error"] = error.what();
  }
  return result;
}

}  // namespace
}  // namespace stroma

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  try {
    for (const stroma::Record& record : stroma::read(argv[1], argv[2], argc > 3 ? argv[3] : "")) {
      nlohmann::json line = {{"id", record.id},
                             {"circular", record.circular},
                             {"letters", record.letters},
                             {"features", nlohmann::json::array()}};
      for (const stroma::Feature& feature : record.features) {
        line["features"].push_back(stroma::described(record, feature));
      }
      std::cout << line.dump() << '\n';
    }
  } catch (const stroma::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
