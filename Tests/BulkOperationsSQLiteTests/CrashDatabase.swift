#if GRDB
import BulkOperations
import BulkOperationsSQLite
import Foundation
import GRDB
import HTTPPipeline
import NIOCore
import Synchronization
import TestSupport
import Testing

/// A database in a file, which workers in other processes write to.
final class CrashDatabase: Sendable {
    /// The time for which the workers lease chunks.
    static let lease = Duration.milliseconds(400)

    private let folder: URL
    private let database: DatabasePool
    private let queue: SQLiteBulkQueue
    private let running = Mutex<[CrashWorker]>([])

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("crash-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        database = try DatabasePool(
            path: folder.appendingPathComponent("rows.sqlite").path, configuration: configuration)
        queue = try SQLiteBulkQueue(in: database)
        try database.write { db in
            try db.execute(
                sql: "CREATE TABLE crash_rows (id INTEGER PRIMARY KEY, number INTEGER NOT NULL, text TEXT NOT NULL)")
        }
    }

    /// Calls a closure, then ends all workers and removes the files.
    func removing(_ body: () async throws -> Void) async throws {
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        for worker in running.withLock({ $0 }) { await worker.kill() }
        try? FileManager.default.removeItem(at: folder)
        try result.get()
    }

    /// Starts a worker.
    func start(chunkSize: Int) throws -> CrashWorker {
        let milliseconds = Int(Self.lease / .milliseconds(1))
        let worker = try CrashWorker([
            folder.appendingPathComponent("rows.sqlite").path, "\(chunkSize)", "\(milliseconds)",
        ])
        running.withLock { $0.append(worker) }
        return worker
    }

    /// Stops a worker that runs alone while it has a lease and is not in a transaction.
    func stop(_ worker: CrashWorker) async throws {
        try await eventually {
            // This transaction keeps the worker from having one.
            try await self.database.write { db in
                let sql = "SELECT EXISTS (SELECT 1 FROM bulk_parts WHERE state = 'leased')"
                let isLeased = try Bool.fetchOne(db, sql: sql) == true
                let isLeft = try Bool.fetchOne(
                    db, sql: "SELECT EXISTS (SELECT 1 FROM bulk_parts WHERE state = 'ready')")
                try #require(isLeased || isLeft == true, "the worker was too fast for the test")
                guard isLeased else { return false }
                worker.stop()
                return true
            }
        }
    }

    /// Submits an operation that creates rows with numbers.
    func submit(rows: Range<Int>, chunkSize: Int, isAtomic: Bool = false) async throws -> OperationID {
        let now = SystemTimeSource().now
        var request = OperationRequest(.create, of: "rows", for: "user")
        request.isAtomic = isAtomic
        let id = OperationID(at: now)
        try await queue.open(BulkOperation(id, request, createdAt: now), idempotencyKey: nil)
        for (number, first) in stride(from: 0, to: rows.count, by: chunkSize).enumerated() {
            let range = first..<min(first + chunkSize, rows.count)
            let text = rows.dropFirst(first).prefix(chunkSize).map { #"{"number": \#($0), "text": "row \#($0)"}"# }
                .joined(separator: ", ")
            try await queue.append(
                OperationChunk(
                    number: number, firstIndex: first, itemCount: range.count, bytes: ByteBuffer(string: "[\(text)]")),
                to: id)
        }
        _ = try await queue.submit(request, as: id, fingerprint: nil)
        return id
    }

    func operation(_ id: OperationID) async throws -> BulkOperation {
        try #require(try await queue.operation(id))
    }

    /// Checks that the rows with the numbers below a count are there exactly once.
    func checkRows(count: Int) async throws {
        let sql = "SELECT count(*) || ' ' || count(DISTINCT number) || ' ' || max(number) FROM crash_rows"
        let numbers = try await database.read { db in try String.fetchOne(db, sql: sql) }
        #expect(numbers == "\(count) \(count) \(count - 1)")
    }

    /// Checks that an operation says that each of its items has created a row.
    func checkOperation(_ id: OperationID, rowCount: Int) async throws {
        let operation = try await operation(id)
        #expect(operation.state == .completed)
        #expect(operation.counts.total == rowCount)
        #expect(operation.counts.created == rowCount)
        #expect(operation.counts.processed == rowCount)
        var query = PartQuery(of: id)
        query.limit = 10_000
        var next = 0
        for record in try await queue.parts(query) {
            #expect(record.outcome?.successes.map(\.index) == Array(next..<next + record.part.items.count))
            next += record.part.items.count
        }
        #expect(next == rowCount)
    }
}
#endif
