-- A database of schema version 1, as the fuota-server that wrote that version left it.
PRAGMA application_id = 1718972276;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE device (
  id TEXT NOT NULL PRIMARY KEY,
  version TEXT NOT NULL,
  file TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "device" VALUES('00001','0.1.0','app.bin');
INSERT INTO "device" VALUES('00002','0.1.0','app.bin');
INSERT INTO "device" VALUES('ü ''"','1:0','not yet.bin');
CREATE TABLE file (
  name TEXT NOT NULL PRIMARY KEY,
  blob_sha256 BLOB NOT NULL CHECK (length(blob_sha256) = 32),
  size_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "file" VALUES('app.bin',X'ED7002B439E9AC845F22357D822BAC1444730FBDB6016D3EC9432297B9EC9F73',7);
INSERT INTO "file" VALUES('b ü.bin',X'6292C8B17C54333D0449794F91CA2287C29E0ADC1BCF06795C54BC6AA1A003E6',15);
CREATE INDEX file_by_blob ON file (blob_sha256);
CREATE INDEX device_by_file ON device (file);
COMMIT;
