#include "daemon/dins/explain_mask.h"

#include <cstdio>

#include "pipeline/import/find_mask.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

void PrintTaken(const ImportedMask& mask) {
  std::printf("mask TAKEN, made by others: %s, made with %s%s%s\n", mask.kind.c_str(), CleanLine(mask.maker).c_str(),
              mask.made.empty() ? "" : ", ", CleanLine(mask.made).c_str());
  for (const ImportedFile& file : mask.files)
    std::printf("  %s, sha256 %s\n", CleanLine(file.file).c_str(), file.sha256.c_str());
  for (const ImportedLesion& lesion : mask.lesions) {
    std::printf("  lesion %s: number %lld, %s\n", CleanLine(lesion.id).c_str(), static_cast<long long>(lesion.number),
                CleanLine(lesion.reason).c_str());
  }
  for (const std::string& note : mask.notes) std::printf("  note: %s\n", CleanLine(note).c_str());
  std::printf("  the daemon would import it as a final result: no network runs\n");
}

}  // namespace

bool PrintMask(const std::filesystem::path& root, const InspectedStudy& study, const ImportOptions& options,
               const ReadLimits& limits, bool has_clicks) {
  if (has_clicks || !options.masks) {
    for (const std::string& file : study.mask_files) {
      std::printf("mask not used: %s: %s\n", CleanLine(file).c_str(),
                  has_clicks ? "there are clicks, which go before a mask" : "import_masks of the configuration is off");
    }
    return false;
  }
  const FoundMask found = FindMask(root, study, options, limits);
  if (found.mask) PrintTaken(*found.mask);
  for (const std::string& words : found.not_taken) std::printf("mask not taken: %s\n", CleanLine(words).c_str());
  return found.mask.has_value();
}

}  // namespace dinsd
