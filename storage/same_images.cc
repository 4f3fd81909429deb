#include "storage/same_images.h"

#include <iterator>
#include <map>

#include "storage/job_codes.h"

namespace dinsd {
namespace {

constexpr std::size_t kMostJobs = 8;

bool IsNewer(const SameImages& one, const SameImages& than) {
  if (one.is_published != than.is_published) return one.is_published;
  return one.revision > than.revision;
}

std::string Sentence(const SameImages& other) {
  const std::string job = std::to_string(static_cast<std::int64_t>(other.job));
  const std::string revision = std::to_string(other.revision);
  return std::string(kSameImagesCode) + ": job " + job + ", revision " + revision +
         (other.is_published ? " has results of" : " is at work on") +
         " the same images with other clicks, headers, files beside them, weights or options: results/" + job + "/r" +
         revision;
}

}  // namespace

std::vector<std::string> InWords(const std::vector<SameImages>& others) {
  std::map<JobId, SameImages> newest;
  for (const SameImages& other : others) {
    const auto [known, is_first] = newest.try_emplace(other.job, other);
    if (!is_first && IsNewer(other, known->second)) known->second = other;
  }
  const std::size_t more = newest.size() > kMostJobs ? newest.size() - kMostJobs : 0;
  std::vector<std::string> sentences;
  for (auto other = std::next(newest.begin(), static_cast<std::ptrdiff_t>(more)); other != newest.end(); ++other)
    sentences.push_back(Sentence(other->second));
  if (more > 0) {
    sentences.push_back(std::string(kSameImagesCode) + ": " + std::to_string(more) +
                        " more jobs, with smaller numbers, have results of the same images or are at work on them");
  }
  return sentences;
}

}  // namespace dinsd
