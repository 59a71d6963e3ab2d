# cmake -DSOURCE=CHECKOUT -DOUTPUT=FILE.cpp -P WriteCommit.cmake: writes tern::commit(), with what git calls the
# state of the checkout. FILE.cpp is left alone if that is what it says already, so that nothing is built anew.
set(commit "")
if(EXISTS ${SOURCE}/.git)  # an unpacked archive may lie in somebody else's checkout
  execute_process(COMMAND git describe --always --dirty WORKING_DIRECTORY ${SOURCE}
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT commit)
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "tern/apps/console/commit.h"

const char* tern::commit() {
  return "@commit@";
}
]])
