#if GRDB
public import BulkOperations
import Foundation
public import GRDB
public import HTTPSemantics
import NIOCore
public import Repositories
import RepositoriesSQLite

/// A queue of operations in the SQLite database of the rows.
///
/// ```swift
/// let database = try DatabasePool(path: "places.sqlite")
/// let queue = try SQLiteBulkQueue(in: database)
/// ```
///
/// It carries out operations on `SQLiteRepository`s of the same `DatabaseWriter`. Servers and workers in several processes can use one
/// file; open it with a busy timeout then (`Configuration.busyMode`), because SQLite has one writer at a time. An operation that is atomic or
/// a dry run is one transaction, which other writers wait for.
///
/// The tables are named `bulk_...`. The queue creates them.
public struct SQLiteBulkQueue: BulkQueue {
    /// Wakes the tasks of this process that wait for changes.
    public let changes = OperationChanges()

    /// What the queue does with time.
    public let settings: BulkQueueSettings

    /// 50: a write of so many rows takes less than a millisecond, and longer ones are hardly faster.
    public var batchItemCount: Int { 50 }

    let database: any DatabaseWriter
    let clock: any TimeSource

    /// Opens the queue of a database, and creates its tables unless they exist.
    ///
    /// - Parameters:
    ///   - database: The database of the rows.
    ///   - settings: The settings before the closure changes them.
    ///   - clock: The time.
    ///   - configure: Changes the settings.
    /// - Throws: GRDB's errors, and an error for tables of a later version of the library.
    public init(
        in database: any DatabaseWriter, settings: BulkQueueSettings = BulkQueueSettings(),
        clock: any TimeSource = SystemTimeSource(), configure: (inout BulkQueueSettings) -> Void = { _ in }
    ) throws {
        var settings = settings
        configure(&settings)
        (self.database, self.settings, self.clock) = (database, settings, clock)
        try TableVersions.migrate("queue", QueueSchema.versions, in: database)
    }

    /// Returns whether the queue can carry out operations on a repository: on an `SQLiteRepository` of its database, also if others wrap it.
    public func accepts(_ repository: any Repository) -> Bool { self.repository(repository) != nil }

    func repository(_ repository: any Repository) -> SQLiteRepository? {
        guard let repository = repository.innermost as? SQLiteRepository, repository.database === database else {
            return nil
        }
        return repository
    }

    // MARK: Submitting

    /// Adds an operation whose items are arriving.
    ///
    /// - Throws: `QueueRefusal`, and GRDB's errors.
    public func open(_ operation: BulkOperation, idempotencyKey: String?) async throws {
        let request = try operation.request.stored()
        let user = operation.request.userID ?? ""
        let expiry = (operation.createdAt + settings.uploadTimeout).nanoseconds
        try await database.write { [settings, clock] db in
            let now = clock.now.nanoseconds
            var isRepetition = false
            if let idempotencyKey {
                isRepetition =
                    try Bool.fetchOne(
                        db,
                        sql: """
                            SELECT EXISTS (SELECT 1 FROM bulk_operations
                            WHERE user = ? AND idempotency_key = ? AND state <> 'uploading' AND expires_at > ?)
                            """, arguments: [user, idempotencyKey, now]) == true
                // The expiry that an upload has after its last chunk.
                let latest = (clock.now + (settings.uploadTimeout - QueueRules.uploadPause)).nanoseconds
                let isUploading = try Bool.fetchOne(
                    db,
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM bulk_operations
                        WHERE user = ? AND idempotency_key = ? AND state = 'uploading' AND expires_at > ?)
                        """, arguments: [user, idempotencyKey, max(now, latest)])
                if isUploading == true { throw QueueRefusal.uploading }
            }
            let sql = "SELECT count(*) FROM bulk_operations WHERE user = ? AND finished_at IS NULL AND expires_at > ?"
            let count = try Int.fetchOne(db, sql: sql, arguments: [user, now]) ?? 0
            // A repetition is the earlier operation.
            if !isRepetition, count >= settings.maximumOperationCount {
                throw QueueRefusal.tooManyOperations(maximum: settings.maximumOperationCount)
            }
            try db.execute(
                sql: """
                    INSERT INTO bulk_operations (id, user, resource, state, request, created_at, expires_at, idempotency_key)
                    VALUES (?, ?, ?, 'uploading', ?, ?, ?, ?)
                    """,
                arguments: [
                    operation.id.description, user, operation.request.resource, request,
                    operation.createdAt.nanoseconds, expiry, idempotencyKey,
                ])
        }
    }

    /// Stores the next items of an operation that is uploading.
    ///
    /// - Throws: GRDB's errors.
    public func append(_ chunk: OperationChunk, to id: OperationID) async throws {
        try await database.write { [settings, clock] db in
            let expiry = (clock.now + settings.uploadTimeout).nanoseconds
            try db.execute(
                sql: """
                    UPDATE bulk_operations SET total = total + ?, byte_count = byte_count + ?, expires_at = ?
                    WHERE id = ? AND state = 'uploading'
                    """,
                arguments: [chunk.itemCount, chunk.bytes.readableBytes, expiry, id.description])
            guard db.changesCount > 0 else { throw QueueRefusal.uploadEnded }
            try Self.count(chunk.bytes.readableBytes, of: id, maximum: settings.maximumByteCount, db)
            let operation = "(SELECT sequence FROM bulk_operations WHERE id = ?)"
            let bytes = Data(chunk.bytes.readableBytesView)
            try db.execute(
                sql: """
                    INSERT INTO bulk_chunks (operation, number, first_index, first_line, item_count, bytes)
                    VALUES (\(operation), ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    id.description, chunk.number, chunk.firstIndex, chunk.firstLine, chunk.itemCount, bytes,
                ])
            try db.execute(
                sql: """
                    INSERT INTO bulk_parts (operation, number, chunk, offset, item_count, first_index, state)
                    VALUES (\(operation), ?, ?, 0, ?, ?, 'held')
                    """,
                arguments: [id.description, chunk.number, chunk.number, chunk.itemCount, chunk.firstIndex])
        }
    }

    /// Adds bytes to those of the user of an operation.
    private static func count(_ count: Int, of id: OperationID, maximum: Int, _ db: Database) throws {
        let user = try String.fetchOne(
            db, sql: "SELECT user FROM bulk_operations WHERE id = ?", arguments: [id.description])
        let sql = "SELECT byte_count FROM bulk_users WHERE user = ?"
        guard try Int.fetchOne(db, sql: sql, arguments: [user]) ?? 0 < maximum else {
            throw QueueRefusal.tooManyBytes(maximum: maximum)
        }
        try db.execute(
            sql: """
                INSERT INTO bulk_users (user, byte_count) VALUES (?, ?)
                ON CONFLICT (user) DO UPDATE SET byte_count = byte_count + excluded.byte_count
                """, arguments: [user, count])
    }

    /// Ends the upload of an operation.
    ///
    /// - Throws: `QueueRefusal.mismatch`, and GRDB's errors.
    public func submit(
        _ request: OperationRequest, as id: OperationID, fingerprint: String?
    ) async throws -> BulkOperation {
        let stored = try request.stored()
        let operation = try await database.write { [settings, clock] db in
            guard let new = try StoredOperation.fetch(db, where: "id = ?", arguments: [id.description]).first,
                new.operation.state == .uploading
            else { throw QueueRefusal.uploadEnded }
            let earlier = try StoredOperation.fetch(
                db,
                where: """
                    user = ? AND idempotency_key = (SELECT idempotency_key FROM bulk_operations WHERE id = ?)
                    AND state <> 'uploading' AND expires_at > ?
                    """,
                arguments: [request.userID ?? "", id.description, clock.now.nanoseconds]
            ).first
            if let earlier {
                let sql = "SELECT fingerprint FROM bulk_operations WHERE sequence = ?"
                let isSame = try String.fetchOne(db, sql: sql, arguments: [earlier.sequence]) == fingerprint
                try QueueSchema.remove(db, where: "sequence = ?", arguments: [new.sequence])
                return isSame ? earlier.operation : nil as BulkOperation?
            }
            try Self.start(new, stored, fingerprint, isOneTransaction: request.isOneTransaction, db)
            // An operation without chunks has ended.
            try LeaseTransaction(db, settings, now: clock.now.nanoseconds).settle(new.sequence)
            return try StoredOperation.fetch(db, where: "id = ?", arguments: [id.description]).first?.operation
        }
        guard let operation else { throw QueueRefusal.mismatch }
        changes.notify()
        return operation
    }

    /// Makes the parts of an operation ready.
    private static func start(
        _ new: StoredOperation, _ request: String, _ fingerprint: String?, isOneTransaction: Bool, _ db: Database
    ) throws {
        let priority = QueueRules.priority(itemCount: new.operation.counts.total)
        try db.execute(
            sql: """
                UPDATE bulk_operations SET state = 'queued', request = ?, priority = ?, fingerprint = ?,
                expires_at = ? WHERE sequence = ?
                """,
            arguments: [request, priority, fingerprint, Int64.max, new.sequence])
        // In one transaction, the lease of the first part is for all.
        try db.execute(
            sql: "UPDATE bulk_parts SET state = 'ready' WHERE operation = ?"
                + (isOneTransaction ? " AND number = 0" : ""),
            arguments: [new.sequence])
        // A user who was away does not get everything at first.
        let user = new.operation.request.userID ?? ""
        try db.execute(
            sql: """
                INSERT INTO bulk_users (user, served) VALUES (?, coalesce((SELECT min(served) FROM bulk_users
                WHERE user <> ? AND user IN (SELECT user FROM bulk_operations
                WHERE finished_at IS NULL AND state <> 'uploading')), 0))
                ON CONFLICT (user) DO UPDATE SET served = max(served, excluded.served)
                """, arguments: [user, user])
    }

    /// Removes an operation that is uploading.
    ///
    /// - Throws: GRDB's errors.
    public func discard(_ id: OperationID) async throws {
        _ = try await database.write { db in
            try QueueSchema.remove(db, where: "id = ? AND state = 'uploading'", arguments: [id.description])
        }
    }
}
#endif
