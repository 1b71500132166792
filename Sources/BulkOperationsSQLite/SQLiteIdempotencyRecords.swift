#if GRDB
import BulkOperations
import Foundation
import GRDB
import HTTPPipeline
import NIOCore

/// The records of a ``SQLiteIdempotencyStore`` within one transaction.
struct SQLiteIdempotencyRecords {
    let db: Database
    let limits: IdempotencyLimits
    let now: Int64

    /// Removes some expired records: more than are added, so that they do not accumulate.
    func removeExpired() throws {
        try db.cachedStatement(
            sql: """
                DELETE FROM bulk_idempotency_records WHERE number IN (
                    SELECT number FROM bulk_idempotency_records WHERE expires_at <= ? ORDER BY expires_at LIMIT 10)
                """
        ).execute(arguments: [now])
    }

    /// Returns what is known about a request, or removes the record so that the request can be started.
    func outcome(of id: IdempotencyRecordID, _ fingerprint: RequestFingerprint) throws -> IdempotencyOutcome? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT number, fingerprint, expires_at, lease_ends_at, status, fields, body FROM bulk_idempotency_records
                    WHERE client = ? AND method = ? AND target = ? AND key = ?
                """)
        guard
            let row = try Row.fetchOne(statement, arguments: [id.client, id.method, id.target, id.key])
        else { return nil }
        if (row["expires_at"] as Int64) > now {
            guard (row["fingerprint"] as String) == fingerprint.description else { return .mismatch }
            if let status = row["status"] as Int? {
                let body = (row["body"] as Data?).map { ByteBuffer(bytes: $0) } ?? ByteBuffer()
                return .finished(StoredReply(status: status, fieldLines: row["fields"] ?? "", body: body))
            }
            if let end = row["lease_ends_at"] as Int64?, end > now { return .running }
        }
        try remove(row["number"])
        return nil
    }

    /// Removes the oldest records that are not running, until all records, among them a new one, are within the limits.
    ///
    /// - Returns: False if there is nothing left to remove.
    func makeRoom(for number: Int64, of client: String) throws -> Bool {
        while try exceeds(limits.share.recordCount, limits.share.byteCount, client: client) {
            guard try removeOldest("client = ? AND", [client], butNot: number) else { return false }
        }
        while try exceeds(limits.recordCount, limits.byteCount, client: "") {
            guard try removeOldest("", [], butNot: number) else { return false }
        }
        return true
    }

    func remove(_ number: Int64) throws {
        try db.cachedStatement(sql: "DELETE FROM bulk_idempotency_records WHERE number = ?")
            .execute(arguments: [number])
    }

    private func exceeds(_ recordCount: Int, _ byteCount: Int, client: String) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: "SELECT record_count > ? OR byte_count > ? FROM bulk_idempotency_usage WHERE client = ?")
        return try Bool.fetchOne(statement, arguments: [recordCount, byteCount, client]) ?? false
    }

    private func removeOldest(_ condition: String, _ arguments: StatementArguments, butNot number: Int64) throws -> Bool
    {
        try db.cachedStatement(
            sql: """
                DELETE FROM bulk_idempotency_records WHERE number = (
                    SELECT number FROM bulk_idempotency_records
                        WHERE \(condition) number <> ? AND (lease_ends_at IS NULL OR lease_ends_at <= ?)
                        ORDER BY number LIMIT 1)
                """
        ).execute(arguments: arguments + [number, now])
        return db.changesCount > 0
    }
}
#endif
