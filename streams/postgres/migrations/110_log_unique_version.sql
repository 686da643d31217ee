-- A second record for one stream and version is refused, whatever its writer believes.
DROP INDEX log.record_stream;
CREATE UNIQUE INDEX record_version ON log.record (partition, stream, version);
