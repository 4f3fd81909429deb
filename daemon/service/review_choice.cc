#include "daemon/service/review_choice.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "daemon/messages/job_key.h"
#include "daemon/service/prior_choice.h"
#include "daemon/service/study_facts.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/pseudonym.h"

namespace dinsd {
namespace {

// A preliminary result that is in its place.
struct Proposed {
  PriorOrder result;
  FollowedFacts facts;
};

std::string NumberOf(std::int64_t job) {
  return std::to_string(job);
}

// Newest first.
std::vector<Proposed> ProposalsOf(ServiceContext& context, JobId id) {
  const auto number = static_cast<std::int64_t>(id);
  std::vector<Proposed> proposals;
  for (const PublishedResult& result : context.queue.Results(id)) {
    if (!context.results.IsTaken(number, result.revision)) continue;
    std::optional<FollowedFacts> facts = FollowedFactsOf(context.results.Place(number, result.revision));
    if (facts && facts->is_preliminary)
      proposals.push_back({{number, result.revision, result.digest}, *std::move(facts)});
  }
  std::reverse(proposals.begin(), proposals.end());
  return proposals;
}

// Those that a study's review may answer: its own, or, of a copy of another study, that one's.
std::vector<Proposed> ProposalsFor(ServiceContext& context, JobId id, const InspectedStudy& study) {
  std::vector<Proposed> own = ProposalsOf(context, id);
  if (!own.empty()) return own;
  std::set<JobId> copies;
  for (const SameImages& other : context.queue.OtherResults(ImagesDigest(study), id)) copies.insert(other.job);
  for (const JobId copy : copies) {
    std::vector<Proposed> others = ProposalsOf(context, copy);
    if (!others.empty()) return others;
  }
  return own;
}

bool IsQuarantined(ServiceContext& context, std::int64_t job) {
  const std::optional<Job> found = context.queue.Find(JobId{job});
  return found && found->state == JobState::kQuarantined;
}

// The newest final result of a job, where it is in its place.
std::optional<PriorOrder> NewestFinal(ServiceContext& context, std::int64_t job) {
  std::vector<PublishedResult> results = context.queue.Results(JobId{job});
  std::reverse(results.begin(), results.end());
  for (const PublishedResult& result : results) {
    if (!context.results.IsTaken(job, result.revision)) continue;
    const std::optional<FollowedFacts> facts = FollowedFactsOf(context.results.Place(job, result.revision));
    if (facts && !facts->is_preliminary) return PriorOrder{job, result.revision, result.digest};
  }
  return std::nullopt;
}

// Whether a person had named, lesion by lesion, what the clicks of a result were proposed from: another study of the
// patient is no substitute then.
bool NamesPriors(const std::filesystem::path& result) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20U;
  try {
    const std::vector<std::byte> bytes = ReadFileBytes(result, "prompts.json", kMostBytes);
    const auto* const text = reinterpret_cast<const char*>(bytes.data());
    const nlohmann::json lesions = nlohmann::json::parse(text, text + bytes.size()).at("lesions");
    return std::any_of(lesions.begin(), lesions.end(),
                       [](const nlohmann::json& lesion) { return lesion.contains("prior"); });
  } catch (const InputError&) {
  } catch (const nlohmann::json::exception&) {
  }
  return true;  // nothing is proposed from another study on a guess
}

ReviewChoice Refused(const char* code, const ReaderAnswer& answer, const char* field, const std::string& sentence) {
  return {std::nullopt, Reason{code, answer.prompts_file, field, sentence}};
}

ReviewChoice OtherProposal(const ReaderAnswer& answer, bool has_any) {
  return Refused("REVIEW_OTHER_PROPOSAL", answer, "/provenance/importedFrom",
                 std::string(has_any ? "does not answer the clicks that are proposed now: export them again and review "
                                       "those"
                                     : "answers clicks that this study's results do not have") +
                     "; for clicks that are to count by themselves, take importedFrom (and tool) out");
}

ReviewChoice Rejected(ServiceContext& context, JobId id, const std::string& source, const StudyFacts& facts,
                      const ReaderAnswer& answer, const Proposed& rejected) {
  const ReviewAnswer& review = *answer.review;
  if (const std::string fault = FaultOfPseudonym(review.who); !fault.empty()) {
    return Refused("REVIEW_NOBODY", answer, "/provenance/operator",
                   fault + ": no pseudonym says who rejected the clicks");
  }
  const std::int64_t prior = rejected.facts.prior_job;
  const PriorChoice now = FindPrior(context, id, source, facts);
  const bool was_named = NamesPriors(context.results.Place(rejected.result.job, rejected.result.revision));
  if (!was_named && now.prior && prior != 0 && static_cast<std::int64_t>(now.prior->job) != prior) return {};
  std::string why = review.who;
  why.append(" said on ").append(review.when.substr(0, 10)).append(" that no click of revision ");
  why.append(NumberOf(rejected.result.revision)).append(" is right");
  if (prior != 0) why.append(" (proposed from job ").append(NumberOf(prior)).append(")");
  if (!review.remark.empty()) why.append(": ").append(review.remark);
  return Refused("REVIEW_REJECTED", answer, "", why + ". It waits for a person's clicks in place of this file");
}

}  // namespace

ReviewChoice ChooseReviewed(ServiceContext& context, JobId job, const std::string& source, const StudyFacts& facts,
                            const ReaderAnswer& answer) {
  const ReviewAnswer& review = *answer.review;
  const std::vector<Proposed> proposals = ProposalsFor(context, job, *answer.study);
  const auto found = std::find_if(proposals.begin(), proposals.end(), [&](const Proposed& proposed) {
    return proposed.facts.clicks_digest == review.proposal;
  });
  if (found == proposals.end()) return OtherProposal(answer, !proposals.empty());
  if (review.is_rejected) return Rejected(context, job, source, facts, answer, *found);
  if (found != proposals.begin()) return OtherProposal(answer, true);
  const std::int64_t prior = found->facts.prior_job;
  if (prior == 0) return {ProposalOrder{found->result, std::nullopt}, std::nullopt};
  if (IsQuarantined(context, prior)) {
    return Refused("REVIEW_PRIOR", answer, "",
                   "answers clicks that were proposed from job " + NumberOf(prior) +
                       ", which is quarantined: a person must say whose it is");
  }
  return {ProposalOrder{found->result, NewestFinal(context, prior)}, std::nullopt};
}

std::string DigestOf(const ProposalOrder& proposal) {
  std::string words = proposal.result.result_sha256;
  if (proposal.prior) words.append(" ").append(proposal.prior->result_sha256);
  return words;
}

std::string WhyReviewedIsOutdated(ServiceContext& context, const Timepoint& done) {
  const auto number = static_cast<std::int64_t>(done.job);
  const std::optional<FollowedFacts> facts = FollowedFactsOf(context.results.Place(number, done.revision));
  if (!facts || !facts->is_reviewed || facts->prior_job == 0) return "";
  const std::string prior = "job " + NumberOf(facts->prior_job);
  if (IsQuarantined(context, facts->prior_job)) return prior + ", from which it was followed, is quarantined";
  const std::optional<PriorOrder> newest = NewestFinal(context, facts->prior_job);
  if (!newest || newest->revision <= facts->prior_revision) return "";
  const auto place = [&](std::int64_t revision) { return context.results.Place(facts->prior_job, revision); };
  const std::optional<ResultFacts> now = ResultFactsOf(context.salt, place(newest->revision));
  const std::optional<FollowedFacts> before = FollowedFactsOf(place(facts->prior_revision)),
                                     after = FollowedFactsOf(place(newest->revision));
  const bool is_same_method = now && now->method == facts->prior_method;
  const bool are_same_clicks = before && after && before->clicks_digest == after->clicks_digest;
  return is_same_method && are_same_clicks ? "" : prior + ", from which it was followed, was measured again";
}

}  // namespace dinsd
