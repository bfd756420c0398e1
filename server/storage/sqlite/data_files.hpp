#pragma once

namespace fuota::server::storage {

/// What stands in a data directory.
constexpr char kDatabaseFile[] = "fuota.db";
constexpr char kBlobFolder[] = "blobs";

/// In kBlobFolder: what is still arriving.
constexpr char kIncomingFolder[] = "incoming";

}  // namespace fuota::server::storage
