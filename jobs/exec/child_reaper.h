// Reaps the orphans of a command, so that no zombies pile up while it runs.
#pragma once

#include <sys/types.h>

#include <functional>
#include <thread>

#include "jobs/exec/command_start.h"
#include "ledger/base/descriptor.h"
#include "ledger/base/mutex.h"

namespace runledger {

// While it lives, this process adopts every descendant whose parent ends, as process 1 of a container does anyway, and
// a thread reaps each of them as soon as it has ended. The children of start() are reaped by reap() alone.
//
// Create it before any thread is started, because it blocks SIGCHLD and threads inherit the mask, and after
// PassedSignals, whose mask children should get. SIGCHLD stays blocked after its destruction. At most one may live at a
// time. All other functions may be called by one thread.
class ChildReaper {
 public:
  ChildReaper();  // Throws Failure "exec.failed".
  ~ChildReaper();
  ChildReaper(const ChildReaper&) = delete;
  ChildReaper& operator=(const ChildReaper&) = delete;

  // Starts a child, as start_command() does. The child of an earlier call must have been reaped.
  [[nodiscard]] StartedCommand start(const std::vector<std::string>& arguments,
                                     const CommandSurroundings& surroundings);
  // Waits for the end of the child of start() and returns its status in the form of waitpid(). Until then the child's
  // number is not used again.
  [[nodiscard]] int reap();

 private:
  void watch();
  void reap_orphans() RUNLEDGER_REQUIRES(mutex_);

  Descriptor signals_;
  Descriptor stop_;
  Mutex mutex_;
  pid_t child_ RUNLEDGER_GUARDED_BY(mutex_) = -1;
  std::thread thread_;
};

}  // namespace runledger
