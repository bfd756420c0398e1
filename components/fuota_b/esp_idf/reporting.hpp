#pragma once

#include <cstdint>

#include "fuota_protocol/update_report.hpp"
#include "update_subject.hpp"

namespace fuota::update {

/// How strong the access point is heard, for the reports from now on; 0: not known.
void note_signal(std::int8_t rssi_dbm);

/// Keeps a report about `update` for the next contact (report_store.hpp), with the signal that was
/// noted last, the reset reason of this boot and the free heap of now. `code` is there with
/// `rolled_back` and `failed`, null otherwise; `detail` is printable ASCII, or null. An update that
/// nobody signed has no reports. A failure of NVS is logged: no update waits for it.
void report_update(protocol::ReportState state, const UpdateSubject& update,
                   const char* code = nullptr, const char* detail = nullptr);

}  // namespace fuota::update
