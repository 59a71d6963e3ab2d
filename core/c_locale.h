// JSON libraries read numbers by strtod(), which asks the locale for its decimal point.
#pragma once

#include <locale.h>

namespace tern {

/// While it lives, this thread has the locale "C", whatever setlocale() says, or is told in the meantime.
class CLocale {
 public:
  CLocale() : own_(::newlocale(LC_ALL_MASK, "C", nullptr)), before_(::uselocale(own_)) {}
  ~CLocale() {
    ::uselocale(before_);
    if (own_ != nullptr) ::freelocale(own_);
  }
  CLocale(const CLocale&) = delete;
  CLocale& operator=(const CLocale&) = delete;

 private:
  locale_t own_;
  locale_t before_;
};

}  // namespace tern
