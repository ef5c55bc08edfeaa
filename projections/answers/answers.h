// The answers to each question. Only question.cc uses them.
#pragma once

#include <string>

#include "projections/answers/asker.h"
#include "projections/answers/parameters.h"

namespace runledger::answers {

// Requests and starts that were answered with a run, newest first, or grouped by the identity and the rule.
std::string duplicates(const Answerer& from, const Parameters& parameters);
// Why a run is not being carried out.
std::string why(const Answerer& from, const Parameters& parameters);

// What happened in each step of a range of times.
std::string series(const Answerer& from, const Parameters& parameters);
// What happened in a range of times, in all and by type.
std::string totals(const Answerer& from, const Parameters& parameters);
// Failures by type and reason code, with the shapes of their messages.
std::string failures(const Answerer& from, const Parameters& parameters);
// Workers by their open attempts, and what they have done lately.
std::string workers(const Answerer& from, const Parameters& parameters);
// Types that have not succeeded for longer than the catalog expects, by scope, the longest overdue first.
std::string overdue(const Answerer& from, const Parameters& parameters);
// Attempts, the latest first.
std::string attempts(const Answerer& from, const Parameters& parameters);

}  // namespace runledger::answers
