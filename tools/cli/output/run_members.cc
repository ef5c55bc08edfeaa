// Lists the columns of runs, once for all commands that print them.
#include "tools/cli/output/run_members.h"

namespace runledger {

const std::vector<std::string_view>& run_members() {
  static const std::vector<std::string_view> all = {"run_id",         "workspace_id",    "tenant_id",
                                                    "type",           "status",          "outcome",
                                                    "attempt",        "max_attempts",    "deduped_count",
                                                    "skipped_count",  "initiator",       "caller",
                                                    "reason_code",    "requested_at",    "started_at",
                                                    "completed_at",   "created_at",      "updated_at",
                                                    "run_version",    "last_sequence",   "run_identity_hash",
                                                    "parent_run_id",  "root_run_id",     "rerun_of",
                                                    "imported_open",  "traceparent",     "labels",
                                                    "summary_counts", "failure_summary", "context"};
  return all;
}

}  // namespace runledger
