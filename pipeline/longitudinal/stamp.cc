// Apart from the report, as the parent reads stamps and links no report.
#include <fstream>

#include "pipeline/longitudinal/longitudinal_files.h"

namespace dinsd {

std::string StampOf(const std::filesystem::path& out) {
  std::ifstream in(out / kStampFile);
  std::string stamp;
  std::getline(in, stamp);
  return stamp;
}

}  // namespace dinsd
