// The families of the registry that have no other interface.
#pragma once

#include "tern/models/family.h"

namespace tern {

Family vgg_small_family();
Family alexnet_family();
Family mlp_family();

}  // namespace tern
