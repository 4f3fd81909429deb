#include "daemon/faults/fault_points.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace dinsd {

FaultPoints::FaultPoints(bool is_enabled) {
  const char* list = std::getenv("DINSD_FAIL");
  if (!is_enabled || list == nullptr) return;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) words_.push_back(word);
}

bool FaultPoints::Has(const std::string& where, const std::string& what, const std::string& whom) const {
  const std::string word = where + ":" + what + ":" + whom;
  return std::find(words_.begin(), words_.end(), word) != words_.end();
}

}  // namespace dinsd
