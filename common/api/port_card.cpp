// SPDX-License-Identifier: Apache-2.0
#include "common/api/port_card.h"

#include "common/api/json_fields.h"

namespace tandem::api {

TANDEM_FIELDS(PortTrait, what, asked, device, seen, verdict)
TANDEM_FIELDS(PortCard, name, device, driver, note, by, right, traits)

}  // namespace tandem::api
