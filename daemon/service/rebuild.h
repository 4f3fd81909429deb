#pragma once

#include "daemon/service/context.h"

namespace dinsd {

/// After the database was lost: puts the jobs of published results back, as results/index.csv and the result folders
/// tell them, so that their numbers are not given again and nothing runs twice. A folder whose digests do not match is
/// left out. Returns how many results were found.
int RestoreResults(ServiceContext& context);

/// Looks up in the result folders of which images those results are whose queue does not know it yet: it was lost, or
/// made by an older version. So that another reader's clicks on them are noticed.
void LookUpImages(ServiceContext& context);

}  // namespace dinsd
