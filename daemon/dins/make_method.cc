#include <filesystem>
#include <stdexcept>

#include "daemon/dins/interactive_method.h"
#include "daemon/weights/find_weights.h"
#include "pipeline/baseline/baseline.h"

namespace dinsd {

std::unique_ptr<InteractiveMethod> MakeMethod(const std::string& word, const std::string& device) {
  if (BaselineOfWord(word)) return MakeBaselineMethod(word);
  if (!word.empty() && !std::filesystem::is_regular_file(word)) {
    std::string known;
    for (const std::string& baseline : BaselineWords()) known += ", " + baseline;
    throw std::runtime_error("method '" + word + "': neither a weights file nor one of" + known.substr(1));
  }
  return MakeDinsMethod(FindWeights(word).string(), device);
}

std::string NameOfMethod(const std::string& word) {
  if (word.empty()) return "dins";
  return BaselineOfWord(word) ? word : std::filesystem::path(word).stem().string();
}

}  // namespace dinsd
