#pragma once

#include <optional>
#include <string>

#include "daemon/messages/reader_messages.h"
#include "daemon/messages/work_order.h"
#include "daemon/service/context.h"

namespace dinsd {

/// What a person's review beside a study (`answer.review`) leads to: the proposal that it is held against by a worker,
/// or a refusal (REVIEW_...), with which the study waits for clicks. Neither: the person had rejected the clicks of one
/// prior, and the study has another one by now, from which they are proposed afresh.
struct ReviewChoice {
  std::optional<ProposalOrder> proposal;
  std::optional<Reason> refusal;
};

/// A review answers the newest preliminary result of its job (of a copy: of the job that has results of the same
/// images). Refused: REVIEW_OTHER_PROPOSAL where it answers none, or an older one; REVIEW_PRIOR where the study that it
/// was followed from is quarantined; REVIEW_NOBODY where no pseudonym says who rejected; REVIEW_REJECTED, where a
/// person rejected every click: nothing of it becomes final, and it is not proposed again from a study that it was
/// rejected from, nor from any where a person had named the priors.
[[nodiscard]] ReviewChoice ChooseReviewed(ServiceContext& context, JobId job, const std::string& source,
                                          const StudyFacts& facts, const ReaderAnswer& answer);

/// One word for the results of a proposal, as part of a job's key.
[[nodiscard]] std::string DigestOf(const ProposalOrder& proposal);

/// Whether what a person reviewed was followed from a study that a person must look at by now, or that was measured
/// since by another method or from other clicks: the result `done` is to be made again. Empty where it need not be,
/// else why.
[[nodiscard]] std::string WhyReviewedIsOutdated(ServiceContext& context, const Timepoint& done);

}  // namespace dinsd
